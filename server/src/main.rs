//! The `parlance` program: reads the command line and does what it says. See `parlance --help`.

use std::process::ExitCode;

/// What the server starts for each file that is uploaded: its reader, a process that may die. Not in the help.
const READER: &str = "extract-document";

fn main() -> ExitCode {
    // Before anything else: it limits itself before it reads a byte.
    if std::env::args_os().nth(1).is_some_and(|word| word == READER) {
        return extract::run_child();
    }
    #[cfg(feature = "local")]
    llm::local::wait_politely();
    server::command::main()
}
