//! Says everything back on a socket that is set up as the chat's are, on connections that are taken as the server takes
//! them: for the Autobahn test suite (`cargo xtask test --only autobahn`). No part of the program.
//!
//! One thing differs: the suite sends messages of 16 MiB, which the chat would refuse.

use axum::{
    Router,
    extract::{
        WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    response::Response,
    routing::any,
};
use server::{chat::upgrade, http::listener};
use std::io;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The suite's largest message, and a little.
const MESSAGE_BYTES: usize = 17 * 1024 * 1024;

#[tokio::main]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("Echo listens on ws://{}", listener.local_addr()?);
    let router = Router::new().route("/", any(echo));
    listener::serve(listener, router, CancellationToken::new()).await
}

async fn echo(handshake: WebSocketUpgrade) -> Response {
    upgrade::bounded(handshake)
        .max_message_size(MESSAGE_BYTES)
        .max_frame_size(MESSAGE_BYTES)
        .max_write_buffer_size(2 * MESSAGE_BYTES)
        .on_upgrade(say_back)
}

/// Pings and close frames are answered by the library; read on after a close frame, so that it does.
async fn say_back(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        if matches!(message, Message::Text(_) | Message::Binary(_)) && socket.send(message).await.is_err() {
            return;
        }
    }
}
