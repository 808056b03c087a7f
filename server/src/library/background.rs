//! The thread that works on documents: with a runtime of its own, behind everything that people wait for.
//!
//! Cutting texts, reading vectors and writing thousands of passages would otherwise take the same threads, at the same
//! rank, as the tokens of answers. What it starts (threads, the process that reads files) has its rank or a lower one. Must
//! not know what is done here.

use crate::app::App;
use std::{io, thread};

/// How far it stands back: about a tenth of what another thread gets, if both want to compute. Not the last rank: on a
/// machine that is always busy a document would never be done.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// Does the work on the thread. The program's end waits for it as for any other task.
///
/// # Errors
/// The system gives no thread, or no runtime.
pub(crate) fn spawn(app: &App, work: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .thread_name("documents-blocking")
        .enable_all()
        .build()?;
    let work = app.tasks.track_future(work);
    thread::Builder::new().name("documents".into()).spawn(move || {
        step_back();
        runtime.block_on(work);
        // What is still being cut is of no use any more.
        runtime.shutdown_background();
    })?;
    Ok(())
}

fn step_back() {
    #[cfg(target_os = "linux")]
    {
        // On Linux this concerns the calling thread and those it starts. Without it all works, a little less smoothly.
        let _ = rustix::process::nice(NICENESS);
    }
}
