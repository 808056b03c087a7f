//! `cargo xtask run`: from a clone to a chat in the browser.
//!
//! Sets the machine up, builds, starts the program and watches over it until it ends. The order is: what can
//! fail at once first (the port), then what takes minutes.

mod health;
mod port;
mod program;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::RunOptions;
use crate::failure::{Done, Failure};
use crate::place::Place;
use crate::{build, front, say, setup};

/// A GGUF of the user's own; then ours is not downloaded.
const OWN_MODEL: &str = "PARLANCE_MODEL_PATH";

/// Does it all and gives the program's exit code.
pub(crate) fn run(place: &Place, options: &RunOptions) -> Done<ExitCode> {
    port::check(&options.host, options.port)?;
    let model = own_model()?;
    let own: &[setup::Need] = if model.is_some() { &[] } else { setup::MODEL };
    setup::meet(place, &[setup::SERVER, setup::FRONT, own])?;
    front::build(place)?;
    build::server(place)?;
    port::check(&options.host, options.port)?;
    let model = model.unwrap_or_else(|| setup::model_path(place));
    let mut program = program::start(place, options, &model)?;
    program.wait_until_it_answers(&options.host, options.port)?;
    greet(options);
    program.wait()
}

fn own_model() -> Done<Option<PathBuf>> {
    let Some(path) = env::var_os(OWN_MODEL)
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
    else {
        return Ok(None);
    };
    if path.is_file() {
        return Ok(Some(path));
    }
    Err(Failure::new(
        "use your own model",
        format_args!("{OWN_MODEL} is {}, and there is no such file", path.display()),
        format_args!(
            "correct the path, or unset {OWN_MODEL} to use the small model that comes with Parlance"
        ),
    ))
}

fn greet(options: &RunOptions) {
    say::step("Parlance is running");
    say::line(format_args!(
        "Address:  {}",
        port::address(&options.host, options.port)
    ));
    say::line(
        "Next:     on a first start, open the one-time link printed above: it makes you the administrator.",
    );
    say::line(
        "          Then pick a chatbot and ask it something; the answers come from the model on this machine.",
    );
    say::line(format_args!(
        "Data:     {} (copy it to keep it; remove it to start anew)",
        options.data.display()
    ));
    say::line("Stop:     Ctrl-C. Nothing is lost; the same command starts it again within seconds.");
}
