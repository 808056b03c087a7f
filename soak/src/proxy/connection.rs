//! One connection through the proxy: two pumps, each obeying what the connection is told.

use super::mongodb::{self, Messages};
use super::{Fate, Language, Mode, RoundTrip, Shared, Way};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;

const BUFFER: usize = 16 * 1024;

/// Why a pump ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// The reader has said all it had to say.
    Said,
    /// The connection is to break.
    Broken,
}

/// What both pumps know.
struct Line<'a> {
    shared: &'a Shared,
    /// Bytes were lost: the connection is good for nothing once bytes pass again.
    swallowed: AtomicBool,
    /// Writes whose replies are to be lost.
    doomed: Mutex<HashSet<i32>>,
    /// Questions that are measured, until they are answered.
    asked: Mutex<HashMap<i32, (String, Instant)>>,
}

/// Serves a connection to its end.
pub(super) async fn serve(shared: &Shared, mut client: TcpStream, mut fate: watch::Receiver<Fate>) {
    let connected = tokio::select! {
        connected = shared.route.connect() => connected.ok(),
        _ = fate.wait_for(|fate| *fate == Fate::Reset) => None,
    };
    let Some(mut server) = connected else {
        return reset(&client);
    };
    // Without it small frames would wait for each other: that is not what we are to measure.
    let _slower = (client.set_nodelay(true), server.set_nodelay(true));
    let line = Line {
        shared,
        swallowed: AtomicBool::new(false),
        doomed: Mutex::default(),
        asked: Mutex::default(),
    };
    let broken = {
        let (client_reader, client_writer) = client.split();
        let (server_reader, server_writer) = server.split();
        let there = line.pump(Way::ToServer, client_reader, server_writer, fate.clone());
        let back = line.pump(Way::ToClient, server_reader, client_writer, fate);
        let (mut there, mut back) = (std::pin::pin!(there), std::pin::pin!(back));
        // One side may be silent while the other still speaks; a break is for both.
        tokio::select! {
            end = &mut there => end == End::Broken || back.await == End::Broken,
            end = &mut back => end == End::Broken || there.await == End::Broken,
        }
    };
    if broken {
        reset(&client);
        reset(&server);
    }
}

/// So that dropping it sends RST.
fn reset(stream: &TcpStream) {
    // One that is gone needs no reset.
    let _gone = stream.set_zero_linger();
}

impl Line<'_> {
    async fn pump(
        &self,
        way: Way,
        mut reader: impl AsyncRead + Unpin,
        mut writer: impl AsyncWrite + Unpin,
        mut fate: watch::Receiver<Fate>,
    ) -> End {
        let mut buffer = vec![0; BUFFER];
        let mut messages = (self.shared.language == Language::Mongodb).then(Messages::default);
        loop {
            let told = *fate.borrow_and_update();
            let Fate::Live(mode) = told else {
                return End::Broken;
            };
            if !matches!(mode, Mode::BlackHole(_)) && self.swallowed.load(Ordering::Relaxed) {
                return End::Broken;
            }
            let read = tokio::select! {
                biased;
                changed = fate.changed() => match changed {
                    Ok(()) => continue,
                    Err(_) => return End::Broken,
                },
                read = reader.read(&mut buffer), if mode != Mode::Hold => read,
            };
            let bytes = match read {
                Ok(0) => {
                    let _gone = writer.shutdown().await;
                    return End::Said;
                }
                Ok(count) => buffer.get(..count).unwrap_or_default(),
                Err(_) => return End::Broken,
            };
            match mode {
                Mode::BlackHole(hole) if hole == Way::Both || hole == way => {
                    self.swallowed.store(true, Ordering::Relaxed);
                    let count = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                    self.shared.swallowed.fetch_add(count, Ordering::Relaxed);
                    continue;
                }
                Mode::Delay { base, jitter } => tokio::time::sleep(late(base, jitter)).await,
                _ => {}
            }
            let sending = async {
                match &mut messages {
                    None => writer.write_all(bytes).await.is_ok(),
                    Some(messages) => self.send_whole(way, messages, bytes, &mut writer).await,
                }
            };
            let sent = tokio::select! {
                sent = sending => sent,
                _ = fate.wait_for(|fate| *fate == Fate::Reset) => false,
            };
            if !sent {
                return End::Broken;
            }
            if way == Way::ToServer {
                let count = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                self.shared.asked.fetch_add(count, Ordering::Relaxed);
            }
        }
    }

    /// Passes on what is whole; false when the connection is to break.
    async fn send_whole(
        &self,
        way: Way,
        messages: &mut Messages,
        bytes: &[u8],
        writer: &mut (impl AsyncWrite + Unpin),
    ) -> bool {
        messages.push(bytes);
        while let Some(message) = messages.next() {
            if way == Way::ToClient && self.is_doomed(mongodb::response_to(&message)) {
                self.shared.lost.fetch_add(1, Ordering::Relaxed);
                return false;
            }
            if self.shared.measures.load(Ordering::Relaxed) {
                self.measure(way, &message);
            }
            if way == Way::ToServer && mongodb::is_write(&message) && self.shared.loses_one() {
                self.doom(mongodb::request_id(&message));
            }
            if writer.write_all(&message).await.is_err() {
                return false;
            }
        }
        true
    }

    fn measure(&self, way: Way, message: &[u8]) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        match way {
            Way::ToClient => {
                let question = mongodb::response_to(message).and_then(|id| asked.remove(&id));
                let answered = question.map(|(command, at)| RoundTrip {
                    command,
                    time: at.elapsed(),
                });
                self.shared.round_trips().extend(answered);
            }
            Way::ToServer | Way::Both => {
                let question = mongodb::request_id(message).zip(mongodb::command(message));
                asked.extend(question.map(|(id, command)| (id, (command.to_owned(), Instant::now()))));
            }
        }
    }

    fn doom(&self, request: Option<i32>) {
        let mut doomed = self.doomed.lock().unwrap_or_else(PoisonError::into_inner);
        doomed.extend(request);
    }

    fn is_doomed(&self, answered: Option<i32>) -> bool {
        let doomed = self.doomed.lock().unwrap_or_else(PoisonError::into_inner);
        answered.is_some_and(|request| doomed.contains(&request))
    }
}

fn late(base: Duration, jitter: Duration) -> Duration {
    base + jitter.mul_f32(fastrand::f32())
}
