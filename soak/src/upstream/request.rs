//! Reads a request just as far as needed: where it ends, and what it orders.

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
    content: String,
}

/// The next request of a connection; `None` at its end. `buffer` keeps what was read beyond it.
pub(super) async fn next(reader: &mut (impl AsyncRead + Unpin), buffer: &mut Vec<u8>) -> Done<Option<Order>> {
    loop {
        if let Some((order, length)) = parse(buffer)? {
            buffer.drain(..length);
            return Ok(Some(order));
        }
        if reader.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

/// The order of a whole request and the request's length; `None` while it is not whole.
fn parse(bytes: &[u8]) -> Done<Option<(Order, usize)>> {
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
    let prompt = body.messages.last().ok_or("a request without messages")?;
    let order = prompt
        .content
        .parse()
        .map_err(|_| format!("no order: {}", prompt.content))?;
    Ok(Some((order, head.len() + length)))
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
            while let Some(order) = next(&mut reader, &mut buffer).await.unwrap() {
                numbers.push(order.number);
            }
            assert_eq!(numbers, [1, 2], "cut at {cut}");
        }
    }
}
