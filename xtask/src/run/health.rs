//! One question to a server: `GET /healthz`. Plain TCP: an HTTP client would be compiled for one line.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(2);
/// Enough of an answer for its status: less than any server's whole answer with its headers.
const START_BYTES: u64 = 15;

/// Whether a server answers there that it is well.
pub(crate) fn answers(host: IpAddr, port: u16) -> bool {
    // A server on all addresses is asked on this machine's own.
    let host = match host {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        host => host,
    };
    ask(SocketAddr::new(host, port)).is_some_and(|answer| is_well(&answer))
}

fn ask(address: SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect_timeout(&address, LIMIT).ok()?;
    stream.set_read_timeout(Some(LIMIT)).ok()?;
    // In one write: a server that answers the first piece and closes would reset the rest, and its answer with it.
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut start = Vec::new();
    stream.take(START_BYTES).read_to_end(&mut start).ok()?;
    Some(String::from_utf8_lossy(&start).into_owned())
}

fn is_well(answer: &str) -> bool {
    answer.starts_with("HTTP/1.")
        && answer
            .split(' ')
            .nth(1)
            .is_some_and(|status| status.starts_with('2'))
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{Ipv4Addr, TcpListener};

    use super::answers;

    fn server_that_says(answer: &'static str) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                request.extend(byte);
            }
            stream.write_all(answer.as_bytes()).unwrap();
        });
        port
    }

    #[test]
    fn a_server_that_is_well_answers() {
        assert!(answers(
            Ipv4Addr::LOCALHOST.into(),
            server_that_says("HTTP/1.1 200 OK\r\n\r\nok")
        ));
        assert!(answers(
            Ipv4Addr::UNSPECIFIED.into(),
            server_that_says("HTTP/1.1 204 No Content\r\n\r\n")
        ));
    }

    #[test]
    fn a_server_that_is_not_ready_or_not_http_does_not() {
        assert!(!answers(
            Ipv4Addr::LOCALHOST.into(),
            server_that_says("HTTP/1.1 503 Service Unavailable\r\n\r\n")
        ));
        assert!(!answers(
            Ipv4Addr::LOCALHOST.into(),
            server_that_says("SSH-2.0-OpenSSH\r\n")
        ));
    }
}
