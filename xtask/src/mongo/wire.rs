//! Two questions to a MongoDB server, in its own protocol: enough to make a replica set of one, and to see that it takes
//! writes. No driver is linked for that: xtask is compiled before anything else.
//!
//! A message (OP_MSG) is a header of four numbers, flags, a zero, and a BSON document.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(5);
const OP_MSG: i32 = 2013;

/// Makes a replica set of this one server: true when it is one (now or before).
pub(super) fn initiate(address: SocketAddr, name: &str) -> bool {
    let member = document(&[int("_id", 0), text("host", &address.to_string())]);
    let members = document(&[inner("0", &member)]);
    let set = document(&[text("_id", name), array("members", &members)]);
    let command = document(&[inner("replSetInitiate", &set), text("$db", "admin")]);
    // Asked a second time it says no: `takes_writes` is the judge.
    ask(address, &command).is_ok()
}

/// Whether it answers, and as one that writes.
pub(super) fn takes_writes(address: SocketAddr) -> bool {
    let hello = document(&[int("hello", 1), text("$db", "admin")]);
    ask(address, &hello).is_ok_and(|answer| {
        // A boolean (type 8) of this name whose byte is 1.
        let yes = b"\x08isWritablePrimary\x00\x01";
        answer.windows(yes.len()).any(|part| part == yes)
    })
}

fn ask(address: SocketAddr, command: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let length = 16 + 4 + 1 + command.len();
    let mut message = Vec::with_capacity(length);
    for number in [number(length), 1, 0, OP_MSG, 0] {
        message.extend(number.to_le_bytes());
    }
    message.push(0);
    message.extend(command);
    stream.write_all(&message)?;
    let mut header = [0; 4];
    stream.read_exact(&mut header)?;
    let rest = usize::try_from(i32::from_le_bytes(header))
        .unwrap_or(0)
        .saturating_sub(4)
        .min(1024 * 1024);
    let mut answer = vec![0; rest];
    stream.read_exact(&mut answer)?;
    Ok(answer)
}

fn number(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}

fn document(fields: &[Vec<u8>]) -> Vec<u8> {
    let fields = fields.concat();
    let mut document = number(fields.len() + 5).to_le_bytes().to_vec();
    document.extend(fields);
    document.push(0);
    document
}

fn field(kind: u8, name: &str, value: &[u8]) -> Vec<u8> {
    let mut field = vec![kind];
    field.extend(name.as_bytes());
    field.push(0);
    field.extend(value);
    field
}

fn int(name: &str, value: i32) -> Vec<u8> {
    field(0x10, name, &value.to_le_bytes())
}

fn text(name: &str, value: &str) -> Vec<u8> {
    let mut bytes = number(value.len() + 1).to_le_bytes().to_vec();
    bytes.extend(value.as_bytes());
    bytes.push(0);
    field(0x02, name, &bytes)
}

fn inner(name: &str, value: &[u8]) -> Vec<u8> {
    field(0x03, name, value)
}

fn array(name: &str, value: &[u8]) -> Vec<u8> {
    field(0x04, name, value)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::thread;

    use super::{document, int, takes_writes, text};

    #[test]
    fn documents_are_written_as_bson_says() {
        // The example of bsonspec.org.
        assert_eq!(
            document(&[text("hello", "world")]),
            b"\x16\x00\x00\x00\x02hello\x00\x06\x00\x00\x00world\x00\x00"
        );
        assert_eq!(
            document(&[int("a", 1)]),
            b"\x0c\x00\x00\x00\x10a\x00\x01\x00\x00\x00\x00"
        );
    }

    /// A server that answers one question with this document.
    fn answering(answer: &'static [u8]) -> std::net::SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut question = [0; 64];
            let _ = stream.read(&mut question).unwrap();
            let length = i32::try_from(answer.len() + 4).unwrap();
            stream
                .write_all(&[&length.to_le_bytes(), answer].concat())
                .unwrap();
        });
        address
    }

    #[test]
    fn a_server_is_ready_when_it_says_that_it_writes() {
        assert!(takes_writes(answering(b"...\x08isWritablePrimary\x00\x01...")));
        assert!(!takes_writes(answering(b"...\x08isWritablePrimary\x00\x00...")));
        assert!(!takes_writes(answering(b"")));
    }

    #[test]
    fn nobody_there_is_not_ready() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        assert!(!takes_writes(address));
    }
}
