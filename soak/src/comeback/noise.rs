//! How late the machine is, apart from the program: what a bound in milliseconds is judged by.
//!
//! A thread asks for a few milliseconds of sleep, again and again, and writes a page durably beside the server's data: what
//! that takes more than it should is the machine's, which other programs share. Behind a stand-in for MongoDB, which is a
//! Python program, its round trips count in the place of the disk.

use crate::Done;
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Between two looks; a timer may be late by a millisecond or so on any machine.
const SLEEP: Duration = Duration::from_millis(5);
/// Between two durable writes: rarer, since they take the disk from the program.
const WRITE: Duration = Duration::from_millis(50);
/// As much as a database's page.
const PAGE: [u8; 4096] = [0x5a; 4096];

/// A running measurement. Ends when dropped.
#[derive(Debug)]
pub(super) struct Noise {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    timers: Mutex<Vec<(Instant, Duration)>>,
    writes: Mutex<Vec<(Instant, Duration)>>,
    over: AtomicBool,
}

impl Noise {
    /// Begins to measure; the disk under `folder` too, if the server's data lies there.
    pub(super) fn start(disk: Option<&Path>) -> Done<Self> {
        let shared = Arc::new(Shared::default());
        let watching = Arc::clone(&shared);
        let mut threads = vec![thread::spawn(move || watching.watch_timers())];
        if let Some(folder) = disk {
            let file = File::create(folder.join("noise"))?;
            let watching = Arc::clone(&shared);
            threads.push(thread::spawn(move || watching.watch_disk(file)));
        }
        Ok(Self { shared, threads })
    }

    /// Somebody else's durable write took so long.
    pub(super) fn wrote(&self, time: Duration) {
        note(&self.shared.writes, Instant::now(), time);
    }

    /// The worst timer and the worst write of the last second before `at`, together: what has to be written may meet both.
    pub(super) fn before(&self, at: Instant) -> Duration {
        worst(&self.shared.timers, at) + worst(&self.shared.writes, at)
    }
}

impl Drop for Noise {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // One that panicked has measured nothing: no allowance comes of it.
            let _ended = thread.join();
        }
    }
}

impl Shared {
    fn watch_timers(&self) {
        while !self.over.load(Ordering::Relaxed) {
            let asleep = Instant::now();
            thread::sleep(SLEEP);
            let awake = Instant::now();
            note(&self.timers, awake, (awake - asleep).saturating_sub(SLEEP));
        }
    }

    fn watch_disk(&self, mut file: File) {
        while !self.over.load(Ordering::Relaxed) {
            let start = Instant::now();
            let written = file
                .rewind()
                .and_then(|()| file.write_all(&PAGE))
                .and_then(|()| file.sync_data());
            if written.is_ok() {
                note(&self.writes, Instant::now(), start.elapsed());
            }
            thread::sleep(WRITE);
        }
    }
}

type Notes = Mutex<Vec<(Instant, Duration)>>;

fn note(notes: &Notes, at: Instant, late: Duration) {
    notes
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push((at, late));
}

/// One that was under way at `at`, and ended soon after, counts too.
fn worst(notes: &Notes, at: Instant) -> Duration {
    let notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
    let near = notes.iter().filter(|(end, late)| {
        let began = end.checked_sub(*late).unwrap_or(*end);
        began <= at && *end + Duration::from_secs(1) >= at
    });
    near.map(|(_, late)| *late).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_the_last_second_counts() {
        let notes = Notes::default();
        let at = Instant::now() + Duration::from_secs(10);
        let ms = Duration::from_millis;
        note(&notes, at - ms(2_500), ms(900));
        note(&notes, at - ms(500), ms(7));
        note(&notes, at + ms(20), ms(30));
        note(&notes, at + ms(800), ms(100));
        assert_eq!(worst(&notes, at), ms(30), "long before and after do not count");
    }

    #[test]
    fn a_machine_is_measured_until_nobody_wants_to_know() {
        let folder = tempfile::tempdir().unwrap();
        let noise = Noise::start(Some(folder.path())).unwrap();
        while worst(&noise.shared.writes, Instant::now()) == Duration::ZERO {
            thread::yield_now();
        }
        drop(noise);
    }
}
