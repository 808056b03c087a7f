//! A real HTTP server whose every byte is written by the test.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// Listens on a port of its own; each request is handed to the test.
pub struct Upstream {
    port: u16,
    exchanges: mpsc::UnboundedReceiver<Exchange>,
}

/// One request, and the connection to answer it on. Dropped, it closes the connection.
pub struct Exchange {
    pub head: String,
    pub body: Value,
    connection: TcpStream,
    /// Where the connection goes when the next request on it is waited for.
    upstream: mpsc::UnboundedSender<Exchange>,
}

impl Upstream {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, exchanges) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                connection.set_nodelay(true).unwrap();
                tokio::spawn(Exchange::read(connection, sender.clone()));
            }
        });
        Self { port, exchanges }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    pub async fn next(&mut self) -> Exchange {
        self.exchanges.recv().await.unwrap()
    }
}

impl Exchange {
    /// Reads one request; a connection that closes before is none.
    async fn read(mut connection: TcpStream, upstream: mpsc::UnboundedSender<Self>) {
        let mut received = Vec::new();
        let end = loop {
            if let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            if !matches!(connection.read_buf(&mut received).await, Ok(1..)) {
                return;
            }
        };
        let head = String::from_utf8(received[..end].to_vec()).unwrap();
        let length = header(&head, "content-length").map_or(0, |length| length.parse().unwrap());
        while received.len() < end + length {
            assert!(
                connection.read_buf(&mut received).await.unwrap() > 0,
                "the request was cut"
            );
        }
        let body = serde_json::from_slice(&received[end..]).unwrap_or(Value::Null);
        let exchange = Self {
            head,
            body,
            connection,
            upstream: upstream.clone(),
        };
        let _ = upstream.send(exchange);
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    /// Role and text of each message that was sent.
    pub fn messages(&self) -> impl Iterator<Item = (&str, &str)> {
        let messages = self.body["messages"].as_array().unwrap().iter();
        messages.map(|message| {
            (
                message["role"].as_str().unwrap(),
                message["content"].as_str().unwrap(),
            )
        })
    }

    /// Bytes as they are. The client may have gone.
    pub async fn write(&mut self, bytes: &[u8]) {
        let _ = self.connection.write_all(bytes).await;
    }

    /// A whole response; `headers` end with CRLF each.
    pub async fn respond(&mut self, status: &str, headers: &str, body: &str) {
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n",
            body.len()
        );
        self.write(&[head.as_bytes(), body.as_bytes()].concat()).await;
    }

    /// The head of a stream of events.
    pub async fn begin(&mut self) {
        self.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
        )
        .await;
    }

    /// The head of a stream of events whose end is the end of the connection.
    pub async fn begin_until_close(&mut self) {
        self.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
            .await;
    }

    /// One chunk: the client gets exactly these bytes at once, however the network cuts them.
    pub async fn chunk(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.write(&[format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat())
                .await;
        }
    }

    pub async fn event(&mut self, data: &Value) {
        self.chunk(format!("data: {data}\n\n").as_bytes()).await;
    }

    pub async fn text(&mut self, text: &str) {
        self.event(&text_delta(text)).await;
    }

    /// Reason, usage, `[DONE]`, and the end of the response.
    pub async fn finish(&mut self, reason: &str, prompt_tokens: usize, completion_tokens: usize) {
        self.event(&json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}))
            .await;
        let usage = json!({"prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens});
        self.event(&json!({"choices": [], "usage": usage})).await;
        self.chunk(b"data: [DONE]\n\n").await;
        self.end().await;
    }

    pub async fn end(&mut self) {
        self.write(b"0\r\n\r\n").await;
    }

    /// Leaves the connection to the client's next request.
    pub fn keep_alive(self) {
        tokio::spawn(Self::read(self.connection, self.upstream));
    }

    /// Waits until the client closes the connection.
    pub async fn closed_by_client(&mut self) {
        let mut byte = [0];
        while let Ok(1..) = self.connection.read(&mut byte).await {}
    }
}

pub fn text_delta(text: &str) -> Value {
    json!({"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]})
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .find_map(|line| {
            line.split_once(": ")
                .filter(|(key, _)| key.eq_ignore_ascii_case(name))
        })
        .map(|(_, value)| value)
}
