//! The parent's side: starts the child, feeds it, hears it, and says how it died when it did.
//!
//! Nothing of the child is trusted: its lines are bounded, its time is bounded, and it is killed when the future is
//! dropped. How many run at once is the caller's concern: each may take [`Limits::memory_bytes`].

use crate::{
    error::ExtractError,
    limits::Limits,
    message::{Job, Line, News},
    sniff::Kind,
};
use rag::document::{Block, ExtractedText};
use std::{
    ffi::OsString,
    io::{self, Cursor},
    os::unix::process::ExitStatusExt,
    path::PathBuf,
    pin::Pin,
    process::{ExitStatus, Stdio},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, Command},
    time::timeout,
};

/// What the hidden subcommand is called.
const SUBCOMMAND: &str = "extract-document";
/// How much of what a dying child says is kept.
const LAST_WORDS: usize = 4 << 10;
/// What a child may say beyond twice its text: progress, the names of things.
const TALK: u64 = 4 << 20;

/// Where a file's bytes are.
pub enum Source {
    /// A file that the child opens itself.
    Path(PathBuf),
    /// Bytes that are passed on as they come; never all in memory.
    Stream(Pin<Box<dyn AsyncRead + Send>>),
}

impl Source {
    /// Bytes that are here already.
    #[must_use]
    pub fn bytes(bytes: Vec<u8>) -> Self {
        Self::Stream(Box::pin(Cursor::new(bytes)))
    }
}

/// Starts children that read files.
#[derive(Debug, Clone)]
pub struct Extractor {
    program: PathBuf,
    arguments: Vec<OsString>,
    limits: Limits,
}

impl Extractor {
    /// Children are this very program, with the hidden subcommand `extract-document`.
    #[must_use]
    pub fn of_this_program(limits: Limits) -> Self {
        // The link holds when an upgrade has replaced the file meanwhile; its name would not.
        Self::new("/proc/self/exe", [SUBCOMMAND], limits)
    }

    /// Children are this program with these arguments; it must call [`run_child`](crate::run_child).
    pub fn new(
        program: impl Into<PathBuf>,
        arguments: impl IntoIterator<Item = impl Into<OsString>>,
        limits: Limits,
    ) -> Self {
        Self {
            program: program.into(),
            arguments: arguments.into_iter().map(Into::into).collect(),
            limits,
        }
    }

    /// The text of a file. `name` is what its owner calls it, and only tells kinds of text from one another.
    /// `news` is told what the file is, and after each page how far it is, where the format has pages.
    ///
    /// Dropping the future kills the child.
    ///
    /// # Errors
    /// All that can be wrong with a file, and with the reading of it: see [`ExtractError`].
    pub async fn extract(
        &self,
        source: Source,
        name: &str,
        news: impl FnMut(News),
    ) -> Result<ExtractedText, ExtractError> {
        let mut child = self.start()?;
        let (Some(input), Some(output), Some(complaints)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(unavailable("its pipes are missing"));
        };
        let (path, stream) = match source {
            Source::Path(path) => (Some(path), None),
            Source::Stream(stream) => (None, Some(stream)),
        };
        let job = Job {
            name: name.to_owned(),
            path,
            limits: self.limits.clone(),
        };
        let most = self.limits.text_bytes.saturating_mul(2).saturating_add(TALK);
        let talk = async {
            tokio::try_join!(
                feed(input, &job, stream),
                hear(BufReader::new(output), most, news),
                last_words(complaints),
            )
        };
        let Ok(talked) = timeout(self.limits.wall, talk).await else {
            kill(&mut child).await;
            return Err(ExtractError::TimedOut);
        };
        let ((), heard, words) = match talked {
            Ok(talked) => talked,
            Err(error) => {
                kill(&mut child).await;
                return Err(error);
            }
        };
        let status = child
            .wait()
            .await
            .map_err(|error| unavailable(&error.to_string()))?;
        match heard.end {
            Some(Line::Done { pages }) => Ok(ExtractedText::new(pages, heard.blocks)),
            Some(Line::Failed(error)) => Err(error),
            _ => Err(death(status, &words)),
        }
    }

    fn start(&self) -> Result<Child, ExtractError> {
        Command::new(&self.program)
            .args(&self.arguments)
            // No key, no address, no setting of the server is the child's to read.
            .env_clear()
            // One heap: a second one would reserve addresses that are limited.
            .env("MALLOC_ARENA_MAX", "1")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Ctrl-C at the server's terminal is not the file's fault.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| unavailable(&format!("its reader does not start ({error})")))
    }
}

/// Says what is to be done, and passes the file on.
async fn feed(
    mut input: ChildStdin,
    job: &Job,
    stream: Option<Pin<Box<dyn AsyncRead + Send>>>,
) -> Result<(), ExtractError> {
    let mut line = serde_json::to_vec(job).map_err(|error| unavailable(&error.to_string()))?;
    line.push(b'\n');
    if input.write_all(&line).await.is_err() {
        return Ok(());
    }
    let Some(mut stream) = stream else {
        return Ok(());
    };
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = stream
            .read(&mut buffer)
            .await
            .map_err(|error| unavailable(&format!("its bytes do not come ({error})")))?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else {
            return Ok(());
        };
        // A child that has heard enough, or has died, says so elsewhere.
        if input.write_all(part).await.is_err() {
            return Ok(());
        }
    }
}

/// What a child said.
struct Heard {
    blocks: Vec<Block>,
    end: Option<Line>,
}

async fn hear(
    output: impl AsyncRead + Unpin,
    most: u64,
    mut news: impl FnMut(News),
) -> Result<Heard, ExtractError> {
    let mut output = BufReader::new(output.take(most));
    let mut heard = Heard {
        blocks: Vec::new(),
        end: None,
    };
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = output
            .read_until(b'\n', &mut line)
            .await
            .map_err(|error| unavailable(&error.to_string()))?;
        if read == 0 {
            break;
        }
        match serde_json::from_slice(&line) {
            Ok(Line::Block(block)) => heard.blocks.push(block),
            Ok(Line::Progress(how_far)) => news(News::Progress(how_far)),
            // A child that a file has taken over may call it anything; only what we know is passed on.
            Ok(Line::MediaType(word)) => {
                if let Some(known) = Kind::known_media_type(&word) {
                    news(News::MediaType(known));
                }
            }
            Ok(end) => heard.end = Some(end),
            // Cut in the middle: the child died, or has said too much.
            Err(_) => break,
        }
    }
    if output.get_ref().limit() == 0 {
        return Err(ExtractError::too_large("its text does not end"));
    }
    Ok(heard)
}

/// The beginning of what stands on standard error; the rest is read and forgotten.
async fn last_words(mut complaints: impl AsyncRead + Unpin) -> Result<String, ExtractError> {
    let mut words = Vec::new();
    let mut buffer = vec![0; LAST_WORDS];
    while let Ok(read @ 1..) = complaints.read(&mut buffer).await {
        let room = LAST_WORDS.saturating_sub(words.len()).min(read);
        words.extend_from_slice(buffer.get(..room).unwrap_or_default());
    }
    Ok(String::from_utf8_lossy(&words).into_owned())
}

/// Why a child died that did not say it itself.
fn death(status: ExitStatus, words: &str) -> ExtractError {
    const INTERRUPT: i32 = 2;
    const HANG_UP: i32 = 1;
    const KILL: i32 = 9;
    const TERMINATE: i32 = 15;
    const PROCESSOR_TIME: i32 = 24;
    if words.contains("memory allocation of") {
        return ExtractError::OutOfMemory;
    }
    match status.signal() {
        Some(PROCESSOR_TIME) => ExtractError::TimedOut,
        // Not ours: we kill after the time, and have said so. The kernel does it when there is no memory left.
        Some(KILL) => ExtractError::OutOfMemory,
        // Somebody stops the server and all that belongs to it.
        Some(INTERRUPT | HANG_UP | TERMINATE) => unavailable("its reader was stopped"),
        Some(_) => ExtractError::Crashed,
        None if status.success() => ExtractError::Crashed,
        None => unavailable(words.lines().next().unwrap_or("its reader does not work")),
    }
}

async fn kill(child: &mut Child) {
    // It may have ended meanwhile.
    let _: io::Result<()> = child.kill().await;
}

fn unavailable(what: &str) -> ExtractError {
    ExtractError::Unavailable {
        what: what.to_owned(),
    }
}
