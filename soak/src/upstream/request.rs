//! Reads a request just as far as needed: where it ends, what it orders, and how much of that was said already.

use crate::Done;
use crate::order::Order;
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt as _};

#[derive(Deserialize)]
struct Body {
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    role: String,
    content: String,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) order: Order,
    /// Tokens of it that the request has already: it is to be gone on with.
    pub(super) said: u32,
}

/// The next request of a connection; `None` at its end. `buffer` keeps what was read beyond it.
pub(super) async fn next(reader: &mut (impl AsyncRead + Unpin), buffer: &mut Vec<u8>) -> Done<Option<Asked>> {
    loop {
        if let Some((asked, length)) = parse(buffer)? {
            buffer.drain(..length);
            return Ok(Some(asked));
        }
        if reader.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

/// What a whole request asks for and the request's length; `None` while it is not whole.
fn parse(bytes: &[u8]) -> Done<Option<(Asked, usize)>> {
    const BLANK: &[u8] = b"\r\n\r\n";
    let Some(end) = bytes.windows(BLANK.len()).position(|window| window == BLANK) else {
        return Ok(None);
    };
    let (head, rest) = bytes.split_at(end + BLANK.len());
    let length = body_length(std::str::from_utf8(head)?)?;
    let Some(body) = rest.get(..length) else {
        return Ok(None);
    };
    let body: Body = serde_json::from_slice(body)?;
    Ok(Some((asked(&body.messages)?, head.len() + length)))
}

/// The last order counts. What the model says behind it is the answer's beginning, and what the user says behind that
/// is the wish that it go on: no order, whatever its words are.
fn asked(messages: &[Message]) -> Done<Asked> {
    let parsed = |message: &Message| message.content.parse::<Order>().ok();
    let (place, order) = messages
        .iter()
        .enumerate()
        .rev()
        .find_map(|(place, message)| Some((place, parsed(message).filter(|_| message.role == "user")?)))
        .ok_or_else(|| format!("no order: {}", messages.last().map_or("", |last| &last.content)))?;
    let behind = messages.get(place + 1..).unwrap_or_default();
    let beginning = behind.iter().find(|message| message.role == "assistant");
    let said = beginning.map_or(Some(0), |text| order.count(&text.content));
    let said = said.ok_or_else(|| format!("{order}: it is asked to go on with what it did not say"))?;
    Ok(Asked { order, said })
}

fn body_length(head: &str) -> Done<usize> {
    let value = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim())
    });
    Ok(value.ok_or("a request without a length")?.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn requests_are_told_apart_wherever_they_are_cut() {
        let body = |number: u64| {
            let order = Order {
                number,
                tokens: 2,
                rate: 0,
            };
            format!(
                r#"{{"messages":[{{"role":"system","content":"x"}},{{"role":"user","content":"{order}"}}]}}"#
            )
        };
        let requests: String = [1, 2]
            .map(|number| {
                format!(
                    "POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{}",
                    body(number).len(),
                    body(number)
                )
            })
            .concat();
        for cut in 0..=requests.len() {
            let (head, tail) = requests.as_bytes().split_at(cut);
            let mut reader = head.chain(tail);
            let mut buffer = Vec::new();
            let mut numbers = Vec::new();
            while let Some(asked) = next(&mut reader, &mut buffer).await.unwrap() {
                numbers.push(asked.order.number);
            }
            assert_eq!(numbers, [1, 2], "cut at {cut}");
        }
    }

    const ORDER: Order = Order {
        number: 12,
        tokens: 9,
        rate: 0,
    };

    fn message(role: &str, content: &str) -> Message {
        Message {
            role: role.into(),
            content: content.into(),
        }
    }

    #[test]
    fn an_answer_that_was_begun_is_gone_on_with() {
        let order = ORDER.to_string();
        let begun = [message("user", &order), message("assistant", " 12:1 12:2 12:3")];
        assert_eq!(
            asked(&begun[..1]).unwrap(),
            Asked {
                order: ORDER,
                said: 0
            }
        );
        assert_eq!(
            asked(&begun).unwrap(),
            Asked {
                order: ORDER,
                said: 3
            }
        );
        let [prompt, text] = begun;
        let told = [prompt, text, message("user", "Go on exactly where you stopped.")];
        assert_eq!(asked(&told).unwrap().said, 3, "also when it is told to in words");
        let next = [
            message("user", "Order 11: 2 tokens at 0 a second"),
            message("assistant", " 11:1 11:2"),
            message("user", &order),
        ];
        assert_eq!(
            asked(&next).unwrap(),
            Asked {
                order: ORDER,
                said: 0
            }
        );
    }

    #[test]
    fn who_goes_on_with_another_text_than_was_said_is_not_served() {
        for wrong in [" 12:1 12:3", " 13:1", "12:1", " 12:1 12:2 ", " 12:1 12:2…"] {
            let messages = [message("user", &ORDER.to_string()), message("assistant", wrong)];
            assert!(asked(&messages).is_err(), "{wrong:?}");
        }
    }
}
