//! The client without Parlance between: the same prompts straight to the stand-in, the same work for each event.

use crate::Done;
use crate::answer::{Answer, Arrival, Ask};
use http_body_util::BodyExt as _;
use hyper::Method;
use serde::Deserialize;
use soak::http::Connection;
use soak::order::Order;
use std::net::SocketAddr;
use std::time::Instant;

/// A connection to the stand-in, kept open between prompts as Parlance keeps its own.
#[derive(Debug)]
pub(crate) struct Direct {
    connection: Connection,
}

#[derive(Deserialize)]
struct Event {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    delta: Delta,
}

#[derive(Deserialize)]
struct Delta {
    #[serde(default)]
    content: String,
}

impl Direct {
    /// Connects.
    pub(crate) async fn connect(upstream: SocketAddr) -> Done<Self> {
        Ok(Self {
            connection: Connection::open(upstream).await?,
        })
    }
}

impl Ask for Direct {
    async fn ask(&mut self, order: Order) -> Done<Answer> {
        let body = serde_json::json!({
            "model": "gpt-5-mini",
            "stream": true,
            "messages": [{"role": "user", "content": order.to_string()}],
        });
        let body = body.to_string();
        let mut answer = Answer::to(order);
        let mut response = self
            .connection
            .send(Method::POST, "/v1/chat/completions", "", body)
            .await?;
        let mut reader = Reader::default();
        while let Some(frame) = response.frame().await {
            if let Some(bytes) = frame?.data_ref() {
                reader.read(bytes, &mut answer)?;
            }
        }
        answer.whole()
    }
}

/// Events out of bytes.
#[derive(Default)]
struct Reader {
    rest: Vec<u8>,
    text: String,
    tokens: u64,
}

impl Reader {
    fn read(&mut self, bytes: &[u8], answer: &mut Answer) -> Done {
        self.rest.extend_from_slice(bytes);
        let mut start = 0;
        while let Some(event) = self.rest.get(start..)
            && let Some(length) = event.windows(2).position(|window| window == b"\n\n")
        {
            let (event, _) = event.split_at(length);
            start += length + 2;
            let data = event.strip_prefix(b"data: ").ok_or("an event without data")?;
            if data == b"[DONE]" {
                continue;
            }
            let event: Event = serde_json::from_slice(data)?;
            let text = event
                .choices
                .into_iter()
                .next()
                .map(|choice| choice.delta.content)
                .unwrap_or_default();
            if text.is_empty() {
                continue;
            }
            self.text.push_str(&text);
            self.tokens += 1;
            // The transfer encoding's length and line ends belong to the event.
            let bytes = u64::try_from(length + 2 + "b1\r\n\r\n".len())?;
            answer.arrivals.push(Arrival {
                at: Instant::now(),
                tokens: self.tokens,
                bytes,
            });
        }
        self.rest.drain(..start);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_wherever_they_are_cut() {
        let stream = b"data: {\"choices\":[{\"delta\":{\"content\":\" tea\"}}]}\n\ndata: {\"choices\":[{\"delta\":{}}]}\n\ndata: [DONE]\n\n";
        for cut in 0..stream.len() {
            let (head, tail) = stream.split_at(cut);
            let mut answer = Answer::to(Order {
                number: 1,
                tokens: 1,
                rate: 0,
            });
            let mut reader = Reader::default();
            reader.read(head, &mut answer).unwrap();
            reader.read(tail, &mut answer).unwrap();
            assert_eq!(
                (reader.text.as_str(), answer.arrivals.len()),
                (" tea", 1),
                "cut at {cut}"
            );
            assert!(answer.whole().is_ok());
        }
    }
}
