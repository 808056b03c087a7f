//! Servers and proxies that do one thing. A thread each, for as long as the tests run.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
};

/// A server that answers every request in this way.
pub(super) fn answering(status: &'static str, body: &'static str) -> SocketAddr {
    listen(move |client| {
        read_head(client);
        let length = body.len();
        let answer =
            format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
        // Who is gone needs no answer.
        let _gone = client.write_all(answer.as_bytes());
    })
}

/// A proxy that changes the head of every request on its way to `server`.
pub(super) fn proxy(server: SocketAddr, change: fn(&str) -> String) -> SocketAddr {
    listen(move |client| {
        let head = read_head(client);
        let mut server = TcpStream::connect(server).unwrap();
        server.write_all(change(&head).as_bytes()).unwrap();
        let head = read_head(&mut server);
        let body = read_body(&mut server, &head);
        let last = head.replacen("\r\n", "\r\nconnection: close\r\n", 1);
        let _gone = client.write_all(&[last.as_bytes(), &body].concat());
    })
}

/// A head without one of its headers.
pub(super) fn without(head: &str, name: &str) -> String {
    let is_it = |line: &&str| {
        line.split(':')
            .next()
            .is_some_and(|said| said.eq_ignore_ascii_case(name))
    };
    let kept: Vec<&str> = head.split("\r\n").filter(|line| !is_it(line)).collect();
    kept.join("\r\n")
}

fn listen(serve: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming() {
            serve(&mut client.unwrap());
        }
    });
    address
}

/// Up to and with the empty line; what a client that speaks another protocol sends, up to its end.
fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    // The first byte of an encrypted greeting is no letter.
    while !head.ends_with(b"\r\n\r\n")
        && head.first() != Some(&0x16)
        && stream.read(&mut byte).is_ok_and(|n| n > 0)
    {
        head.extend(byte);
    }
    String::from_utf8_lossy(&head).into_owned()
}

fn read_body(stream: &mut TcpStream, head: &str) -> Vec<u8> {
    let header = |name: &str| {
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(said, _)| said.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.to_owned())
            .next()
    };
    let mut body = Vec::new();
    if let Some(length) = header("content-length") {
        body.resize(length.parse().unwrap(), 0);
        stream.read_exact(&mut body).unwrap();
    } else if header("transfer-encoding").is_some() {
        let mut byte = [0];
        while !body.ends_with(b"\r\n0\r\n\r\n") {
            stream.read_exact(&mut byte).unwrap();
            body.extend(byte);
        }
    }
    body
}
