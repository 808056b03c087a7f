//! What stands for other machines, on a thread of its own that stands back: the embedding server, and who uploads. On the
//! threads of those who chat it would hold up what is measured.

use crate::Done;
use std::thread;
use tokio::runtime::{Builder, Handle};

/// Far behind the server and those who chat.
const NICENESS: i32 = 15;

/// Starts the thread, which runs until the program ends. What is spawned there runs there.
pub(super) fn start() -> Done<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new().name("elsewhere".into()).spawn(move || {
        // On Linux this concerns the calling thread. Without it the figures are a little worse than they are.
        let _ = rustix::process::nice(NICENESS);
        runtime.block_on(std::future::pending::<()>());
    })?;
    Ok(handle)
}
