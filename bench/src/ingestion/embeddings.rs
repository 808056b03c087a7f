//! A stand-in for a server with embeddings: answers at once, with vectors made once, so that it costs next to nothing.

use crate::Done;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Numbers in a vector, as small models have.
const WIDTH: u16 = 384;

/// A running stand-in.
#[derive(Debug)]
pub(super) struct Embeddings {
    address: SocketAddr,
}

impl Embeddings {
    pub(super) async fn start() -> Done<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let numbers: Vec<String> = (0..WIDTH)
            .map(|number| format!("{:.4}", f32::from(number % 17) / 17.0 - 0.4))
            .collect();
        let vector: Arc<str> = format!("[{}]", numbers.join(",")).into();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let vector = Arc::clone(&vector);
                tokio::spawn(async move {
                    // A connection that breaks is its client's.
                    let _broken = connection(stream, &vector).await;
                });
            }
        });
        Ok(Self { address })
    }

    /// What Parlance is told.
    pub(super) fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }
}

#[derive(serde::Deserialize)]
struct Asked {
    input: Vec<serde::de::IgnoredAny>,
}

/// Answers request after request.
async fn connection(mut stream: TcpStream, vector: &str) -> Done {
    stream.set_nodelay(true)?;
    let mut read = Vec::new();
    loop {
        let (head, length) = loop {
            if let Some(found) = head(&read) {
                break found;
            }
            if stream.read_buf(&mut read).await? == 0 {
                return Ok(());
            }
        };
        while read.len() < head + length {
            if stream.read_buf(&mut read).await? == 0 {
                return Ok(());
            }
        }
        let rest = read.split_off(head + length);
        let asked: Asked = serde_json::from_slice(read.get(head..).unwrap_or_default())?;
        read = rest;
        let data: Vec<String> = (0..asked.input.len())
            .map(|index| format!(r#"{{"index":{index},"embedding":{vector}}}"#))
            .collect();
        let body = format!(r#"{{"data":[{}]}}"#, data.join(","));
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await?;
    }
}

/// Where a request's head ends, and how long its body is; `None` while it has not come whole.
fn head(read: &[u8]) -> Option<(usize, usize)> {
    let end = read.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(read.get(..end)?).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length = length.and_then(|length| length.trim().parse().ok());
    Some((end + 4, length.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::head;

    #[test]
    fn a_request_is_its_head_and_as_much_as_that_says() {
        assert_eq!(
            head(b"POST / HTTP/1.1\r\nContent-Length: 12\r\n\r\n{"),
            Some((39, 12))
        );
        assert_eq!(head(b"POST / HTTP/1.1\r\nContent-Le"), None);
    }
}
