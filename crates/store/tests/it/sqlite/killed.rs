//! `kill -9` in the middle of writing: whatever was acknowledged is there.

use super::File;
use crate::contract::{
    Database,
    given::{a_batch, append, running},
};
use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};
use store::SqliteStore;

/// Set for the child, which is this very test in a process of its own: the file it writes to.
const CHILD: &str = "PARLANCE_TEST_KILLED";
const TEST: &str = "sqlite::killed::what_a_killed_process_was_answered_is_there";

/// Appends batches and prints each number once the store has answered for it, until it is killed.
async fn write_until_killed(path: &Path) {
    let store = SqliteStore::open(path).unwrap();
    let id = running(&store).await.id;
    for seq in 1.. {
        append(&store, a_batch(id, seq, &[&format!("{seq} ")]))
            .await
            .unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "stored {seq}").unwrap();
        out.flush().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_process_was_answered_is_there() {
    if let Some(path) = std::env::var_os(CHILD) {
        return write_until_killed(Path::new(&path)).await;
    }
    let file = File::fresh();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([TEST, "--exact", "--nocapture"])
        .env(CHILD, file.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut acknowledged = 0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        if let Some(seq) = line.unwrap().strip_prefix("stored ") {
            acknowledged = seq.parse().unwrap();
            if acknowledged == 50 {
                child.kill().unwrap();
            }
        }
    }
    child.wait().unwrap();
    assert!(acknowledged >= 50, "the child ended early, after {acknowledged}");

    let store = file.open().await;
    let generation = store
        .unsettled_generations(crate::contract::given::at(0), 10)
        .await
        .unwrap()
        .remove(0);
    let log = store.log_text(generation.id).await.unwrap();
    // At most the batch that was on its way is there as well.
    assert!(
        (acknowledged..=acknowledged + 1).contains(&log.seq),
        "{acknowledged} acknowledged, {} stored",
        log.seq
    );
    let expected: String = (1..=log.seq).map(|seq| format!("{seq} ")).collect();
    assert_eq!(log.text, expected);
}
