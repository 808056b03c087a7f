//! The model's stand-in: an OpenAI-compatible server that says the first token at once and the others at the ordered
//! rate, one write to the network each, as model servers do. Asked to go on with an answer, it counts on from there.
//!
//! HTTP by hand, so that it costs as little as can be: what it costs is missing to the measured. Start at [`serve`].

mod request;

use crate::Done;
use crate::order::Order;
use crate::runs::{Run, Runs};
use request::Asked;
use std::borrow::Cow;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// What it says, over and over: five bytes a token, as English has.
const WORDS: [&str; 8] = [" warm", " the", " pot,", " then", " add", " fresh", " water", "."];
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n";

/// What it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speech {
    /// Words of a usual length, ready-made: for who measures.
    Words,
    /// [`Order::numbered`]: for who must recognise every token.
    Numbered,
}

/// A running stand-in.
#[derive(Debug, Clone)]
pub struct Upstream {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it did.
    pub runs: Arc<Runs>,
}

impl Upstream {
    /// Begins to listen.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn start(speech: Speech) -> Done<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let upstream = Self {
            address: listener.local_addr()?,
            runs: Arc::default(),
        };
        tokio::spawn(serve(listener, Arc::clone(&upstream.runs), speech));
        Ok(upstream)
    }

    /// What Parlance is told.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }
}

async fn serve(listener: TcpListener, runs: Arc<Runs>, speech: Speech) {
    let words: Arc<[Vec<u8>]> = WORDS.iter().map(|word| chunk(&token(word))).collect();
    while let Ok((stream, _)) = listener.accept().await {
        let (runs, words) = (Arc::clone(&runs), Arc::clone(&words));
        tokio::spawn(async move {
            // A connection that breaks is part of the game: the runs knows.
            let _broken = connection(stream, &runs, &Voice { speech, words }).await;
        });
    }
}

/// Tokens as they go over the wire.
struct Voice {
    speech: Speech,
    words: Arc<[Vec<u8>]>,
}

impl Voice {
    /// Token `index`, from 0.
    fn chunk(&self, order: &Order, index: u32) -> Cow<'_, [u8]> {
        let word = match self.speech {
            Speech::Words => usize::try_from(index)
                .ok()
                .and_then(|index| self.words.get(index % WORDS.len())),
            Speech::Numbered => None,
        };
        match word {
            Some(word) => Cow::Borrowed(word),
            None => Cow::Owned(chunk(&token(&order.numbered(index + 1)))),
        }
    }
}

/// Answers request after request.
async fn connection(mut stream: TcpStream, runs: &Runs, voice: &Voice) -> Done {
    stream.set_nodelay(true)?;
    let (mut reader, mut writer) = stream.split();
    let mut buffer = Vec::new();
    while let Some(asked) = request::next(&mut reader, &mut buffer).await? {
        let mut run = Run {
            asked: Instant::now(),
            written: Vec::new(),
            bytes: 0,
            closed: None,
        };
        if answer(&asked, &mut run, &mut reader, &mut writer, voice)
            .await
            .is_err()
        {
            run.closed = Some(Instant::now());
        }
        let closed = run.closed.is_some();
        runs.keep(asked.order.number, run);
        if closed {
            break;
        }
    }
    Ok(())
}

async fn answer(
    asked: &Asked,
    run: &mut Run,
    reader: &mut ReadHalf<'_>,
    writer: &mut WriteHalf<'_>,
    voice: &Voice,
) -> Done {
    let Asked { order, said } = asked;
    writer.write_all(HEAD).await?;
    let start = tokio::time::Instant::now();
    for index in *said..order.tokens {
        let chunk = voice.chunk(order, index);
        // Not for the first: a timer is late by up to a millisecond, and it is to come at once.
        if order.rate > 0 && index > *said {
            tokio::select! {
                biased;
                // Nothing is to come before the answer is over: it can only be the end.
                _ = reader.read_u8() => return Err("the reader is gone".into()),
                () = tokio::time::sleep_until(start + order.pause_before(index - said)) => {}
            }
        }
        run.written.push(Instant::now());
        run.bytes += u64::try_from(chunk.len())?;
        writer.write_all(&chunk).await?;
    }
    writer.write_all(&end(order.tokens - said)).await?;
    Ok(())
}

/// An event of OpenAI's, as long as theirs are.
fn token(word: &str) -> String {
    format!(
        r#"{{"id":"chatcmpl-C0ffee5rTq8aXw","object":"chat.completion.chunk","created":1700000000,"model":"gpt-5-mini","choices":[{{"index":0,"delta":{{"content":"{word}"}},"finish_reason":null}}]}}"#
    )
}

fn end(tokens: u32) -> Vec<u8> {
    let finish = format!(
        r#"{{"choices":[{{"index":0,"delta":{{}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":9,"completion_tokens":{tokens}}}}}"#
    );
    [chunk(&finish), chunk("[DONE]"), b"0\r\n\r\n".to_vec()].concat()
}

/// One event in one chunk of the transfer encoding.
fn chunk(data: &str) -> Vec<u8> {
    format!("{:x}\r\ndata: {data}\n\n\r\n", data.len() + "data: \n\n".len()).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_an_event_in_a_chunk_that_says_its_length() {
        assert_eq!(chunk("hi"), b"a\r\ndata: hi\n\n\r\n");
        let event: serde_json::Value = serde_json::from_str(&token(" tea")).unwrap();
        assert_eq!(event["choices"][0]["delta"]["content"], " tea");
    }
}
