//! Takes connections, and bounds what each may cost before it has said what it wants.
//!
//! `axum::serve` gives a connection all the time in the world to send a request's head: whoever opens many and says little
//! holds them for ever. This is the same loop with hyper's timer switched on. Must not know what is served. Start at
//! [`serve`].

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{io, net::SocketAddr, time::Duration};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

/// A request's head is whole in this time, counted from the connection's start or the end of the request before: so it is
/// also how long a connection may be kept for nothing. Longer than the 60 s for which proxies keep theirs, or a request
/// could meet a connection that is just being closed.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(75);
/// Bytes that are read ahead of what was understood; a head is not larger. A socket's token has a few hundred.
const BUFFER_BYTES: usize = 64 * 1024;
/// When no connection can be taken (no file descriptor is left, say), others have to end first.
const BREATH: Duration = Duration::from_secs(1);

/// Serves until `shutdown` is cancelled, then waits for requests that are under way. Connections that became sockets go
/// on: whoever took them tracks them.
///
/// # Errors
/// None today: what a listening socket can say is about one connection, or passes.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) -> io::Result<()> {
    serve_for(HEAD_TIMEOUT, listener, router, shutdown).await
}

async fn serve_for(
    patience: Duration,
    listener: TcpListener,
    router: Router,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(patience)
        .max_buf_size(BUFFER_BYTES);
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, address)) => {
                connections.spawn(connection(
                    http.clone(),
                    stream,
                    address,
                    router.clone(),
                    shutdown.clone(),
                ));
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "Could not take a connection");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
    // Nobody is to wait for an answer to a connection that nobody takes.
    drop(listener);
    connections.close();
    connections.wait().await;
    Ok(())
}

async fn connection(
    http: http1::Builder,
    stream: TcpStream,
    address: SocketAddr,
    router: Router,
    shutdown: CancellationToken,
) {
    // A token of a few bytes must not wait for the next one.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "Could not set TCP_NODELAY");
    }
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(address));
        router.clone().oneshot(request.map(Body::new))
    });
    let connection = http
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "A connection broke");
    }
}

/// It was gone before it was taken.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use std::time::Instant;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        task::JoinHandle,
    };

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: parlance\r\n\r\n";

    async fn started(patience: Duration) -> (SocketAddr, CancellationToken, JoinHandle<io::Result<()>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let peer = |info: ConnectInfo<SocketAddr>| async move { info.0.ip().to_string() };
        let router = Router::new().route("/", get(peer));
        let serving = serve_for(patience, listener, router, shutdown.clone());
        (address, shutdown, tokio::spawn(serving))
    }

    async fn said(client: &mut TcpStream) -> String {
        let mut answer = vec![0; 1024];
        let length = client.read(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer[..length]).into_owned()
    }

    #[tokio::test]
    async fn who_sends_half_a_head_is_cut_off_in_time() {
        let patience = Duration::from_millis(200);
        let (address, _shutdown, _serving) = started(patience).await;
        let began = Instant::now();
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET / HTTP/1.1\r\nhost: pa").await.unwrap();
        assert_eq!(said(&mut client).await, "", "closed without a word");
        assert!(began.elapsed() >= patience, "not before");
    }

    #[tokio::test]
    async fn a_drip_of_bytes_buys_no_time() {
        let (address, _shutdown, _serving) = started(Duration::from_millis(200)).await;
        let (mut reader, mut writer) = TcpStream::connect(address).await.unwrap().into_split();
        let dripping = tokio::spawn(async move {
            let mut pause = tokio::time::interval(Duration::from_millis(20));
            // Until nobody takes them any more: for ever, if each one bought time.
            while writer.write_all(b"x").await.is_ok() {
                pause.tick().await;
            }
        });
        let mut answer = Vec::new();
        // Closed, or reset since the drip goes on: both are an end.
        let _end = reader.read_to_end(&mut answer).await;
        assert!(answer.is_empty(), "closed without a word");
        dripping.await.unwrap();
    }

    #[tokio::test]
    async fn who_connects_and_says_nothing_is_cut_off_too() {
        let (address, _shutdown, _serving) = started(Duration::from_millis(200)).await;
        let mut client = TcpStream::connect(address).await.unwrap();
        assert_eq!(said(&mut client).await, "");
    }

    #[tokio::test]
    async fn a_connection_is_kept_and_a_handler_knows_its_peer() {
        let (address, _shutdown, _serving) = started(HEAD_TIMEOUT).await;
        let mut client = TcpStream::connect(address).await.unwrap();
        for _ in 0..3 {
            client.write_all(REQUEST).await.unwrap();
            assert!(said(&mut client).await.ends_with("127.0.0.1"));
        }
    }

    #[tokio::test]
    async fn an_end_waits_for_nobody_who_asks_for_nothing() {
        let (address, shutdown, serving) = started(HEAD_TIMEOUT).await;
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(REQUEST).await.unwrap();
        assert!(said(&mut client).await.starts_with("HTTP/1.1 200"));
        shutdown.cancel();
        serving.await.unwrap().unwrap();
        assert_eq!(said(&mut client).await, "");
        assert!(
            TcpStream::connect(address).await.is_err(),
            "nobody listens any more"
        );
    }
}
