//! How the threads of llama.cpp wait for each other: a setting of the process, read before `main` begins.

/// A thousand looks, some twenty microseconds, and then a sleep. The threads meet some hundred times a token. Left to
/// itself OpenMP looks three hundred thousand times: on a machine that does anything else beside (two busy cores,
/// measured), that is 2 to 4 tokens a second where short waits give 30 to 50.
const SPINS: &str = "1000";
const SPIN_VARIABLE: &str = "GOMP_SPINCOUNT";

/// Starts this program anew in its place, once, with short waits. To be called first in `main`; comes back if there is
/// nothing to change: the operator decided, or this is not Linux, where nothing else is known to help.
pub fn wait_politely() {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::process::CommandExt as _;

        if [SPIN_VARIABLE, "OMP_WAIT_POLICY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some())
        {
            return;
        }
        let Ok(program) = std::env::current_exe() else {
            return;
        };
        let mut arguments = std::env::args_os();
        let mut again = std::process::Command::new(program);
        if let Some(called) = arguments.next() {
            again.arg0(called);
        }
        // It comes back only if it failed: then the waits are long, and all else works.
        let _ = again.args(arguments).env(SPIN_VARIABLE, SPINS).exec();
    }
}
