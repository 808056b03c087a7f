//! The proxy before a small server that says everything back.

use super::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Says back what it hears, and counts it.
async fn echo() -> (SocketAddr, watch::Receiver<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (heard, count) = watch::channel(0);
    let heard = Arc::new(heard);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let heard = Arc::clone(&heard);
            tokio::spawn(async move {
                let mut buffer = [0; 1024];
                while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                    heard.send_modify(|count| *count += read);
                    if stream.write_all(&buffer[..read]).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    (address, count)
}

/// Answers every message of MongoDB's by one that names it.
async fn database() -> (SocketAddr, watch::Receiver<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (applied, count) = watch::channel(0);
    let applied = Arc::new(applied);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let applied = Arc::clone(&applied);
            tokio::spawn(async move {
                let mut messages = mongodb::Messages::default();
                let mut buffer = [0; 1024];
                while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                    messages.push(&buffer[..read]);
                    while let Some(message) = messages.next() {
                        applied.send_modify(|count| *count += 1);
                        let id = mongodb::request_id(&message).unwrap();
                        let reply = mongodb::message(id + 1_000, id, "ok");
                        let _gone = stream.write_all(&reply).await;
                    }
                }
            });
        }
    });
    (address, count)
}

async fn before_echo() -> (Proxy, watch::Receiver<usize>) {
    let (address, heard) = echo().await;
    let proxy = Proxy::start(Route::To(address), Language::Bytes).await.unwrap();
    (proxy, heard)
}

/// A connection that was seen to work.
async fn connected(proxy: &Proxy) -> TcpStream {
    let mut stream = TcpStream::connect(proxy.address).await.unwrap();
    assert_eq!(said_back(&mut stream, b"hello").await, b"hello");
    stream
}

async fn said_back(stream: &mut TcpStream, word: &[u8]) -> Vec<u8> {
    stream.write_all(word).await.unwrap();
    let mut heard = vec![0; word.len()];
    stream.read_exact(&mut heard).await.unwrap();
    heard
}

/// How a connection ended: its error, or nothing when it was closed in peace.
async fn end_of(mut stream: TcpStream) -> Option<io::ErrorKind> {
    let mut rest = Vec::new();
    stream
        .read_to_end(&mut rest)
        .await
        .err()
        .map(|error| error.kind())
}

#[tokio::test]
async fn bytes_pass_both_ways_and_a_close_passes_too() {
    let (proxy, _) = before_echo().await;
    let mut stream = connected(&proxy).await;
    stream.shutdown().await.unwrap();
    assert_eq!(end_of(stream).await, None);
}

#[tokio::test]
async fn a_reset_breaks_all_connections_that_live_and_none_that_come() {
    let (proxy, _) = before_echo().await;
    let (one, two) = (connected(&proxy).await, connected(&proxy).await);
    assert_eq!(proxy.reset(), 2);
    assert_eq!(end_of(one).await, Some(io::ErrorKind::ConnectionReset));
    assert_eq!(end_of(two).await, Some(io::ErrorKind::ConnectionReset));
    connected(&proxy).await;
}

#[tokio::test]
async fn one_connection_is_broken_and_the_other_goes_on() {
    let (proxy, _) = before_echo().await;
    let (one, mut two) = (connected(&proxy).await, connected(&proxy).await);
    proxy.reset_one(proxy.connections()[0]);
    assert_eq!(end_of(one).await, Some(io::ErrorKind::ConnectionReset));
    assert_eq!(said_back(&mut two, b"still").await, b"still");
}

#[tokio::test]
async fn who_is_refused_comes_in_again_later_by_the_same_address() {
    let (proxy, _) = before_echo().await;
    let mut old = connected(&proxy).await;
    proxy.refuse(true);
    // The listener is closed by its own task.
    while TcpStream::connect(proxy.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert_eq!(said_back(&mut old, b"old").await, b"old", "those that live go on");
    proxy.refuse(false);
    while TcpStream::connect(proxy.address).await.is_err() {
        tokio::task::yield_now().await;
    }
    connected(&proxy).await;
}

#[tokio::test]
async fn a_black_hole_swallows_and_breaks_what_it_swallowed_from_when_it_closes() {
    let (proxy, heard) = before_echo().await;
    let (mut silent, mut hurt) = (connected(&proxy).await, connected(&proxy).await);
    let before = *heard.borrow();
    proxy.set(Mode::BlackHole(Way::Both));
    hurt.write_all(b"lost").await.unwrap();
    while proxy.swallowed() < 4 {
        tokio::task::yield_now().await;
    }
    proxy.heal();
    assert_eq!(said_back(&mut silent, b"mine").await, b"mine");
    assert_eq!(*heard.borrow(), before + 4, "the other's bytes never came");
    assert_eq!(end_of(hurt).await, Some(io::ErrorKind::ConnectionReset));
}

#[tokio::test]
async fn a_hole_of_one_way_lets_the_server_hear_and_not_answer() {
    let (proxy, mut heard) = before_echo().await;
    let mut stream = connected(&proxy).await;
    let before = *heard.borrow();
    proxy.set(Mode::BlackHole(Way::ToClient));
    stream.write_all(b"applied").await.unwrap();
    heard.wait_for(|count| *count == before + 7).await.unwrap();
    let mut byte = [0];
    let answered = tokio::time::timeout(Duration::from_millis(50), stream.read(&mut byte)).await;
    assert!(answered.is_err(), "{answered:?}");
}

#[tokio::test]
async fn what_is_held_comes_later_and_whole() {
    let (proxy, heard) = before_echo().await;
    let mut stream = connected(&proxy).await;
    let before = *heard.borrow();
    proxy.set(Mode::Hold);
    stream.write_all(b"patience").await.unwrap();
    let mut byte = [0];
    let answered = tokio::time::timeout(Duration::from_millis(50), stream.read(&mut byte)).await;
    assert!(answered.is_err() && *heard.borrow() == before);
    proxy.heal();
    let mut word = [0; 8];
    stream.read_exact(&mut word).await.unwrap();
    assert_eq!(&word, b"patience");
}

#[tokio::test]
async fn a_delay_is_at_least_what_was_ordered() {
    let (proxy, _) = before_echo().await;
    let mut stream = connected(&proxy).await;
    proxy.set(Mode::Delay {
        base: Duration::from_millis(20),
        jitter: Duration::from_millis(5),
    });
    let start = std::time::Instant::now();
    assert_eq!(said_back(&mut stream, b"slow").await, b"slow");
    assert!(start.elapsed() >= Duration::from_millis(40), "once each way");
}

#[tokio::test]
async fn the_reply_to_a_write_is_lost_after_the_write_was_applied() {
    let (address, mut applied) = database().await;
    let proxy = Proxy::start(Route::To(address), Language::Mongodb).await.unwrap();
    let mut stream = TcpStream::connect(proxy.address).await.unwrap();
    proxy.lose_replies(1);
    stream.write_all(&mongodb::message(1, 0, "find")).await.unwrap();
    let read = mongodb::message(1_001, 1, "ok");
    let mut reply = vec![0; read.len()];
    stream.read_exact(&mut reply).await.unwrap();
    assert_eq!(reply, read, "reads are answered");
    stream.write_all(&mongodb::message(2, 0, "insert")).await.unwrap();
    applied.wait_for(|count| *count == 2).await.unwrap();
    assert_eq!(end_of(stream).await, Some(io::ErrorKind::ConnectionReset));
    assert_eq!(proxy.lost_replies(), 1);
    let mut again = TcpStream::connect(proxy.address).await.unwrap();
    again.write_all(&mongodb::message(3, 0, "insert")).await.unwrap();
    again.read_exact(&mut reply).await.unwrap();
    assert_eq!(mongodb::response_to(&reply), Some(3), "only one was to be lost");
}

#[tokio::test]
async fn commands_are_measured_by_name_from_question_to_answer() {
    let (address, _) = database().await;
    let proxy = Proxy::start(Route::To(address), Language::Mongodb).await.unwrap();
    proxy.measure(true);
    let mut stream = TcpStream::connect(proxy.address).await.unwrap();
    let mut reply = vec![0; mongodb::message(0, 0, "ok").len()];
    for (id, command) in [(1, "find"), (2, "insert")] {
        stream.write_all(&mongodb::message(id, 0, command)).await.unwrap();
        stream.read_exact(&mut reply).await.unwrap();
    }
    let measured: Vec<String> = proxy.measured().into_iter().map(|trip| trip.command).collect();
    assert_eq!(measured, ["find", "insert"]);
    assert_eq!(proxy.measured(), []);
}
