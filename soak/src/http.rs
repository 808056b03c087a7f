//! One HTTP connection: requests one after another, bodies as they come.

use crate::Done;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::http::request::Builder;
use hyper::{Method, Request, Response, header};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use std::net::SocketAddr;
use tokio::net::TcpStream;

/// A connection that stays open.
#[derive(Debug)]
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    address: SocketAddr,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// Nobody listens there.
    pub async fn open(address: SocketAddr) -> Done<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(async move {
            // Its end is seen by who asks.
            let _ended = connection.await;
        });
        Ok(Self { sender, address })
    }

    /// Sends JSON, with a bearer token if there is one, and gives the answer whose head came.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        token: &str,
        body: String,
    ) -> Done<Response<Incoming>> {
        let mut request = Request::builder().method(method).uri(path);
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        self.send_with(request, body).await
    }

    /// Sends with headers as they are: JSON, unless they say otherwise.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn send_with(&mut self, request: Builder, body: String) -> Done<Response<Incoming>> {
        let is_said = request
            .headers_ref()
            .is_some_and(|headers| headers.contains_key(header::CONTENT_TYPE));
        let mut request = request.header(header::HOST, self.address.to_string());
        if !is_said {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        self.sender.ready().await?;
        Ok(self.sender.send_request(request.body(Full::from(body))?).await?)
    }
}

/// One call on a connection of its own.
///
/// # Errors
/// The connection broke, or the answer is no success.
pub async fn call<T: DeserializeOwned>(
    address: SocketAddr,
    method: Method,
    path: &str,
    token: &str,
    body: String,
) -> Done<T> {
    let mut connection = Connection::open(address).await?;
    read(path, connection.send(method, path, token, body).await?).await
}

/// The same, with headers as they are.
///
/// # Errors
/// As [`call`].
pub async fn call_with<T: DeserializeOwned>(
    address: SocketAddr,
    path: &str,
    request: Builder,
    body: String,
) -> Done<T> {
    let mut connection = Connection::open(address).await?;
    read(path, connection.send_with(request.uri(path), body).await?).await
}

async fn read<T: DeserializeOwned>(path: &str, response: Response<Incoming>) -> Done<T> {
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    if !status.is_success() {
        return Err(format!("{path} answered {status}: {}", String::from_utf8_lossy(&body)).into());
    }
    Ok(serde_json::from_slice(&body)?)
}
