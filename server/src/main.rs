//! The `parlance` program: reads the command line and does what it says. See `parlance --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    #[cfg(feature = "local")]
    llm::local::wait_politely();
    server::command::main()
}
