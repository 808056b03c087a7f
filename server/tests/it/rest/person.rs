//! Somebody with a client: keeps cookies as a browser does, and a bearer token.

use super::PASSWORD;
use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, header},
};
use serde_json::{Value, json};
use server::app::AppState;
use std::collections::BTreeMap;
use tower::ServiceExt;
use wire::UserId;

/// Somebody who calls the server. Clones are the same person on the same device, with their own copy of the cookies.
#[derive(Clone)]
pub(crate) struct Person {
    app: AppState,
    pub(crate) token: Option<String>,
    pub(crate) cookies: BTreeMap<String, String>,
    /// What a browser would say; `None` for a program.
    pub(crate) origin: Option<String>,
}

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// `Null` when there is none.
    pub(crate) body: Value,
}

impl Reply {
    /// The body of a reply with this status; else the test fails and says what came instead.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{:#}", self.body);
        self.body
    }

    /// The reply is this problem, in full dress.
    #[track_caller]
    pub(crate) fn expect_problem(self, status: u16, code: &str) -> Value {
        assert_eq!(
            self.headers[header::CONTENT_TYPE],
            "application/problem+json",
            "{:#}",
            self.body
        );
        assert_eq!(self.body["code"], code, "{:#}", self.body);
        assert_eq!(self.body["status"], status);
        assert_eq!(
            self.body["request_id"],
            self.headers["x-request-id"].to_str().unwrap()
        );
        self.expect(status)
    }

    /// The whole `Set-Cookie` line of this cookie.
    pub(crate) fn cookie_line(&self, name: &str) -> Option<&str> {
        let mut lines = self
            .headers
            .get_all(header::SET_COOKIE)
            .iter()
            .map(|line| line.to_str().unwrap());
        lines.find(|line| line.starts_with(&format!("{name}=")))
    }
}

impl Person {
    pub(super) fn new(app: AppState) -> Self {
        Self {
            app,
            token: None,
            cookies: BTreeMap::new(),
            origin: None,
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Reply {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: Value) -> Reply {
        self.call(Method::POST, path, Some(body)).await
    }

    /// A POST without a body, as for what is done by cookie.
    pub(crate) async fn post_nothing(&mut self, path: &str) -> Reply {
        self.call(Method::POST, path, None).await
    }

    pub(crate) async fn patch(&mut self, path: &str, body: Value) -> Reply {
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub(crate) async fn delete(&mut self, path: &str) -> Reply {
        self.call(Method::DELETE, path, None).await
    }

    async fn call(&mut self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost:8000");
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(origin) = &self.origin {
            request = request.header(header::ORIGIN, origin);
        }
        if !self.cookies.is_empty() {
            let pairs: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        let request = match body {
            Some(body) => request
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.to_string().into()),
            None => request.body(Body::empty()),
        };
        self.send(request.unwrap()).await
    }

    /// Sends exactly this, and keeps the cookies that come back.
    pub(crate) async fn send(&mut self, request: Request<Body>) -> Reply {
        let response = server::http::router(self.app.clone())
            .oneshot(request)
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let reply = Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
        };
        for line in reply.headers.get_all(header::SET_COOKIE) {
            let (name, value) = line
                .to_str()
                .unwrap()
                .split(';')
                .next()
                .unwrap()
                .split_once('=')
                .unwrap();
            match value {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.into(), value.into()),
            };
        }
        reply
    }

    /// Makes an account `name@example.org` and is signed in by it.
    pub(super) async fn register(mut self, name: &str, invitation: Option<&str>) -> Self {
        let body =
            json!({"email": format!("{name}@example.org"), "password": PASSWORD, "invitation": invitation});
        let signed_in = self.post("/auth/register", body).await.expect(200);
        self.token = signed_in["access_token"].as_str().map(Into::into);
        self
    }

    /// Logs in as `name@example.org`; the token is kept when it works.
    pub(crate) async fn log_in(&mut self, name: &str, password: &str) -> Reply {
        let body = json!({"email": format!("{name}@example.org"), "password": password});
        let reply = self.post("/auth/login", body).await;
        if let Some(token) = reply.body["access_token"].as_str() {
            self.token = Some(token.into());
        }
        reply
    }

    /// Who this is, as the server says.
    pub(crate) async fn id(&mut self) -> UserId {
        self.get("/auth/me").await.expect(200)["id"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap()
    }
}
