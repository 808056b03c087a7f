//! Files made to do harm. Each ends in a named error, or in the text that is truly there, within ten seconds, and the
//! parent does not notice: it lives, and its memory does not grow.

mod containers;
mod documents;
mod texts;

use super::reading::extractor;
use extract::{ExtractError, ExtractedText, Limits, Source};
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Seconds of a processor that a file may take: ten on the clock of a machine that does nothing else, with one to spare.
const PROCESSOR: u64 = 9;
/// Where several tests and builds share two processors, the clock says more.
const CLOCK: Duration = Duration::from_secs(100);
/// How much the parent may grow meanwhile, in KiB.
const GROWTH: u64 = 64 << 10;

/// A folder with one poisonous file.
pub(super) struct Poison {
    _folder: tempfile::TempDir,
    path: PathBuf,
    name: String,
}

impl Poison {
    /// Writes a file bit by bit: the test's own memory is measured.
    pub(super) fn new(name: &str, write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut file = BufWriter::new(File::create(&path).unwrap());
        write(&mut file).unwrap();
        file.flush().unwrap();
        Self {
            _folder: folder,
            path,
            name: name.to_owned(),
        }
    }

    pub(super) fn of(name: &str, bytes: &[u8]) -> Self {
        Self::new(name, |file| file.write_all(bytes))
    }

    /// Reads it, and watches the clock and the memory.
    pub(super) async fn take(&self) -> Result<ExtractedText, ExtractError> {
        let limits = Limits {
            cpu_seconds: PROCESSOR,
            wall: CLOCK,
            ..Limits::default()
        };
        let before = resident();
        let began = Instant::now();
        let mut most = before;
        let read = extractor(limits)
            .extract(Source::Path(self.path.clone()), &self.name, |_| {
                most = most.max(resident())
            })
            .await;
        most = most.max(resident());
        let (name, took) = (&self.name, began.elapsed());
        assert!(took < CLOCK, "{name} took {took:?}");
        let grown = most.saturating_sub(before);
        assert!(grown < GROWTH, "{name}: the parent has grown by {grown} KiB");
        if let Err(error) = &read {
            assert!(!error.may_pass(), "{name}: it is the file's fault: {error}");
        }
        read
    }

    /// The name of the error that it ends in.
    pub(super) async fn error(&self) -> &'static str {
        match self.take().await {
            Ok(text) => panic!("{} says: {:.200}", self.name, text.plain_text()),
            Err(error) => error.code(),
        }
    }
}

/// Memory of this process that is really there, in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string(Path::new("/proc/self/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
