//! The child's side: limits first, then the file, then lines of JSON on standard output.
//!
//! The thread that was there first keeps the clock and does nothing else; a second one with a known stack parses. What
//! cannot be caught (a stack that overflows, memory that is not given) kills the process, and the parent says why.

use crate::{
    error::ExtractError,
    format,
    limits::Limits,
    message::{Job, Line, Progress},
    outline::Sink,
};
use rag::document::Block;
use rustix::process::{Resource, Rlimit, setrlimit};
use std::{
    fs::File,
    io::{self, BufRead, BufWriter, Read, Stdout, Write},
    process::ExitCode,
    sync::mpsc::{RecvTimeoutError, sync_channel},
    thread,
    time::Duration,
};

/// Address space beyond the memory that is allowed: the program itself, its libraries, what allocators reserve.
const ADDRESSES: u64 = 2 << 30;

/// How much later than the parent the child gives up.
const GRACE: Duration = Duration::from_secs(2);

/// Does what the first line of standard input says, and leaves. For a process that is there for nothing else.
///
/// The exit code is a success whenever the last line says how it ended, well or badly.
#[must_use]
pub fn run_child() -> ExitCode {
    let mut input = io::stdin().lock();
    let Some(job) = read_job(&mut input) else {
        eprintln!("extract-document: the first line of standard input must say what to do");
        return ExitCode::FAILURE;
    };
    let limits = job.limits.clone();
    if let Err(error) = confine(&limits) {
        return last_line(&Line::Failed(error));
    }
    let file = match read_file(&job, &mut input).and_then(|file| no_more_files().map(|()| file)) {
        Ok(file) => file,
        Err(error) => return last_line(&Line::Failed(error)),
    };
    let (done, ended) = sync_channel(1);
    let name = job.name;
    let parser = thread::Builder::new()
        .name("parser".to_owned())
        .stack_size(limits.stack_bytes);
    // The parent has its own clock, and kills; this one is for a child that lost its parent.
    let wall = limits.wall.saturating_add(GRACE);
    let spawned = parser.spawn(move || {
        let mut lines = Lines(BufWriter::new(io::stdout()));
        let read = format::read(file, &name, &limits, &mut lines);
        // What was read stands before what is said about it.
        let flushed = lines.0.flush().map_err(|_| gone());
        let _ = done.send(flushed.and(read));
    });
    if let Err(error) = spawned {
        return last_line(&Line::Failed(ExtractError::Unavailable {
            what: format!("no thread to read it with ({error})"),
        }));
    }
    last_line(&match ended.recv_timeout(wall) {
        Ok(Ok(pages)) => Line::Done { pages },
        Ok(Err(error)) => Line::Failed(error),
        Err(RecvTimeoutError::Timeout) => Line::Failed(ExtractError::TimedOut),
        // It panicked: the file led a parser where its author had not been.
        Err(RecvTimeoutError::Disconnected) => Line::Failed(ExtractError::Crashed),
    })
}

fn read_job(input: &mut impl BufRead) -> Option<Job> {
    let mut line = String::new();
    input.take(64 << 10).read_line(&mut line).ok()?;
    serde_json::from_str(&line).ok()
}

/// Takes from this process what a file must not use up.
fn confine(limits: &Limits) -> Result<(), ExtractError> {
    let between = |resource, soft, hard| {
        setrlimit(
            resource,
            Rlimit {
                current: Some(soft),
                maximum: Some(hard),
            },
        )
    };
    let most = |resource, limit| between(resource, limit, limit);
    // Whoever waits for an answer of the model comes first. Best effort: it works without.
    let _ = rustix::process::nice(5);
    let confined = most(Resource::Core, 0)
        .and_then(|()| most(Resource::Fsize, 0))
        // At the soft limit comes the signal that says why, at the hard one the one that does not.
        .and_then(|()| {
            between(
                Resource::Cpu,
                limits.cpu_seconds,
                limits.cpu_seconds.saturating_add(2),
            )
        })
        .and_then(|()| most(Resource::Data, limits.memory_bytes))
        .and_then(|()| most(Resource::As, limits.memory_bytes.saturating_add(ADDRESSES)));
    #[cfg(target_os = "linux")]
    let confined = confined.and_then(|()| rustix::thread::set_no_new_privs(true));
    confined.map_err(|error| ExtractError::Unavailable {
        what: format!("limits cannot be set ({error})"),
    })
}

/// From here on nothing can be opened: no file, no socket. What is open stays so.
fn no_more_files() -> Result<(), ExtractError> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Nofile, none).map_err(|error| ExtractError::Unavailable {
        what: format!("limits cannot be set ({error})"),
    })
}

fn read_file(job: &Job, input: &mut impl Read) -> Result<Vec<u8>, ExtractError> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::OutOfMemory => ExtractError::OutOfMemory,
        _ => ExtractError::Unavailable {
            what: error.to_string(),
        },
    };
    let most = job.limits.file_bytes.saturating_add(1);
    let mut bytes = Vec::new();
    let read = match &job.path {
        Some(path) => {
            let file = File::open(path).map_err(unreadable)?;
            // Asked for at once: growing step by step takes twice the memory.
            let size = file.metadata().map_or(0, |about| about.len()).min(most);
            bytes
                .try_reserve_exact(usize::try_from(size).unwrap_or(0))
                .map_err(|_| ExtractError::OutOfMemory)?;
            file.take(most).read_to_end(&mut bytes)
        }
        None => input.take(most).read_to_end(&mut bytes),
    };
    let read = u64::try_from(read.map_err(unreadable)?).unwrap_or(u64::MAX);
    if read > job.limits.file_bytes {
        let limit = job.limits.file_bytes >> 20;
        return Err(ExtractError::too_large(format!("more than {limit} MiB")));
    }
    Ok(bytes)
}

/// Writes blocks as they come.
struct Lines(BufWriter<Stdout>);

impl Lines {
    fn say(&mut self, line: &Line) -> Result<(), ExtractError> {
        serde_json::to_writer(&mut self.0, line).map_err(|_| gone())?;
        self.0.write_all(b"\n").map_err(|_| gone())
    }
}

impl Sink for Lines {
    fn media_type(&mut self, media_type: &'static str) -> Result<(), ExtractError> {
        self.say(&Line::MediaType(media_type.to_owned()))?;
        self.0.flush().map_err(|_| gone())
    }

    fn block(&mut self, block: Block) -> Result<(), ExtractError> {
        self.say(&Line::Block(block))
    }

    fn progress(&mut self, pages_done: u32, pages: u32) -> Result<(), ExtractError> {
        self.say(&Line::Progress(Progress { pages_done, pages }))?;
        self.0.flush().map_err(|_| gone())
    }
}

/// Nobody listens any more; nobody will read this either.
fn gone() -> ExtractError {
    ExtractError::Unavailable {
        what: "the server has gone".to_owned(),
    }
}

/// Says how it ended and leaves, whatever the parser is doing.
fn last_line(line: &Line) -> ExitCode {
    let mut output = io::stdout().lock();
    let said = serde_json::to_writer(&mut output, line).is_ok()
        && output.write_all(b"\n").is_ok()
        && output.flush().is_ok();
    if said {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
