//! Where MongoDB's messages begin and end, and which of them write: as much of the wire protocol as a lost reply needs.
//!
//! Every message begins with four 32-bit numbers, little endian: its length, its own number, the number it answers, and
//! what it is. What is not understood is passed on as it is.

/// Bytes before the body.
const HEADER: usize = 16;
/// No message of MongoDB's is longer.
const MAX_MESSAGE: usize = 48_000_000;
/// The one kind of message in use; others are compressed or of another century.
const OP_MSG: i32 = 2013;
/// Behind the header: flags (4 bytes), the first section's kind (0: one document), the document's length (4 bytes), its
/// first element's type; then that element's name, which is the command's.
const COMMAND_NAME: usize = HEADER + 4 + 1 + 4 + 1;
const WRITES: [&str; 5] = ["insert", "update", "delete", "findAndModify", "bulkWrite"];

/// Whole messages out of bytes that are cut anywhere.
#[derive(Debug, Default)]
pub(super) struct Messages {
    rest: Vec<u8>,
    /// It is not MongoDB that is spoken: bytes pass as they come.
    raw: bool,
}

impl Messages {
    /// Takes bytes in.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
    }

    /// The next whole message.
    pub(super) fn next(&mut self) -> Option<Vec<u8>> {
        if !self.raw {
            let length = usize::try_from(number(&self.rest, 0)?).unwrap_or(0);
            self.raw = !(HEADER..=MAX_MESSAGE).contains(&length);
            if !self.raw {
                return (length <= self.rest.len()).then(|| self.rest.drain(..length).collect());
            }
        }
        (!self.rest.is_empty()).then(|| std::mem::take(&mut self.rest))
    }
}

/// The message's own number.
pub(super) fn request_id(message: &[u8]) -> Option<i32> {
    number(message, 4)
}

/// The number of the message that this one answers.
pub(super) fn response_to(message: &[u8]) -> Option<i32> {
    number(message, 8)
}

/// The command's name.
pub(super) fn command(message: &[u8]) -> Option<&str> {
    let is_command = number(message, 12) == Some(OP_MSG) && message.get(HEADER + 4) == Some(&0);
    let rest = message.get(COMMAND_NAME..).filter(|_| is_command)?;
    let end = rest.iter().position(|byte| *byte == 0)?;
    std::str::from_utf8(rest.get(..end)?).ok()
}

/// Whether it is a command that changes data.
pub(super) fn is_write(message: &[u8]) -> bool {
    command(message).is_some_and(|name| WRITES.contains(&name))
}

fn number(bytes: &[u8], at: usize) -> Option<i32> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(i32::from_le_bytes(*bytes))
}

/// A command as a driver sends it, or a reply to one. For tests.
#[cfg(test)]
pub(super) fn message(id: i32, answers: i32, command: &str) -> Vec<u8> {
    let mut document = vec![0; 4];
    document.push(0x10);
    document.extend_from_slice(command.as_bytes());
    document.extend_from_slice(&[0, 1, 0, 0, 0, 0]);
    let length = i32::try_from(document.len()).unwrap();
    document[..4].copy_from_slice(&length.to_le_bytes());
    let length = i32::try_from(HEADER + 5 + document.len()).unwrap();
    let mut message: Vec<u8> = [length, id, answers, OP_MSG, 0]
        .iter()
        .flat_map(|n| n.to_le_bytes())
        .collect();
    message.push(0);
    message.extend(document);
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_apart_wherever_they_are_cut() {
        let (one, two) = (message(1, 0, "insert"), message(2, 0, "find"));
        let bytes = [one.clone(), two.clone()].concat();
        for cut in 0..=bytes.len() {
            let mut messages = Messages::default();
            let mut whole = Vec::new();
            for part in [&bytes[..cut], &bytes[cut..]] {
                messages.push(part);
                whole.extend(std::iter::from_fn(|| messages.next()));
            }
            assert_eq!(whole, [one.clone(), two.clone()], "cut at {cut}");
        }
    }

    #[test]
    fn what_is_not_mongodb_passes_as_it_comes() {
        let mut messages = Messages::default();
        messages.push(b"GET / HTTP/1.1\r\n");
        assert_eq!(messages.next().unwrap(), b"GET / HTTP/1.1\r\n");
        messages.push(b"x");
        assert_eq!(messages.next().unwrap(), b"x");
        assert_eq!(messages.next(), None);
    }

    #[test]
    fn writes_are_known_by_the_commands_name() {
        for command in ["insert", "update", "delete", "findAndModify"] {
            assert!(is_write(&message(1, 0, command)), "{command}");
        }
        for command in ["find", "hello", "getMore", "inserts", "ping"] {
            assert!(!is_write(&message(1, 0, command)), "{command}");
        }
        assert!(!is_write(b"short"));
    }

    #[test]
    fn a_reply_names_what_it_answers() {
        let reply = message(9, 7, "ok");
        assert_eq!((request_id(&reply), response_to(&reply)), (Some(9), Some(7)));
    }
}
