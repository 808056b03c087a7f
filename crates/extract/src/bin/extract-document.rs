//! The child's side and nothing else: what `parlance extract-document` does, for tests and for looking at one file.

use std::process::ExitCode;

fn main() -> ExitCode {
    extract::run_child()
}
