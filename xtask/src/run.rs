//! `cargo xtask run`: from a clone to a chat in the browser.
//!
//! Sets the machine up, builds, starts the program and watches over it until it ends. The order is: what can
//! fail at once first (the port), then what takes minutes.

mod health;
mod port;
pub(crate) mod program;

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::RunOptions;
use crate::failure::{Done, Failure};
use crate::place::Place;
use crate::{build, say, setup};

/// A GGUF of the user's own.
const OWN_MODEL: &str = "PARLANCE_MODEL_PATH";
/// A model server of the user's own. The program prefers it, and so do we.
const REMOTE_MODEL: &str = "PARLANCE_OPENAI_URL";

/// What answers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Model {
    /// The small one that comes with Parlance.
    Bundled,
    /// A GGUF file of the user's.
    Own(PathBuf),
    /// A server at this URL.
    Remote(String),
}

/// Does it all and gives the program's exit code.
pub(crate) fn run(place: &Place, options: &RunOptions) -> Done<ExitCode> {
    port::check(options.host, options.port)?;
    let model = Model::chosen(|name| env::var_os(name))?;
    let bundled: &[setup::Need] = if model == Model::Bundled {
        setup::MODEL
    } else {
        &[]
    };
    setup::meet(place, &[setup::SERVER, setup::FRONT, bundled])?;
    build::program(place)?;
    say::step("Starting Parlance");
    port::check(options.host, options.port)?;
    let mut program = program::start(place, options, &model)?;
    program.wait_until_it_answers(options.host, options.port)?;
    greet(options, &model);
    program.wait()
}

impl Model {
    /// What the environment says.
    fn chosen(variable: impl Fn(&str) -> Option<OsString>) -> Done<Self> {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        if let Some(url) = set(REMOTE_MODEL) {
            return Ok(Self::Remote(url.to_string_lossy().into_owned()));
        }
        let Some(path) = set(OWN_MODEL).map(PathBuf::from) else {
            return Ok(Self::Bundled);
        };
        if path.is_file() {
            return Ok(Self::Own(path));
        }
        Err(Failure::new(
            "use your own model",
            format_args!("{OWN_MODEL} is {}, and there is no such file", path.display()),
            format_args!(
                "correct the path, or unset {OWN_MODEL} to use the small model that comes with Parlance"
            ),
        ))
    }

    /// The variable that tells the program.
    fn setting(&self, place: &Place) -> (&'static str, OsString) {
        match self {
            Self::Bundled => (OWN_MODEL, setup::model_path(place).into()),
            Self::Own(path) => (OWN_MODEL, path.into()),
            Self::Remote(url) => (REMOTE_MODEL, url.into()),
        }
    }
}

fn greet(options: &RunOptions, model: &Model) {
    let model = match model {
        Model::Bundled => format!(
            "a small one on this machine; larger: {OWN_MODEL}=FILE.gguf, or {REMOTE_MODEL}=https://…/v1"
        ),
        Model::Own(path) => path.display().to_string(),
        Model::Remote(url) => url.clone(),
    };
    say::step("Parlance is running");
    say::line(format_args!(
        "Address:  {}",
        port::address(options.host, options.port)
    ));
    say::line("Next:     on a first start, open the one-time link above: it makes you the administrator.");
    say::line("          Then pick a chatbot and ask it something.");
    say::line(format_args!("Model:    {model}"));
    say::line(format_args!(
        "Data:     {} (copy it to keep it; remove it to start anew)",
        options.data.display()
    ));
    say::line("Stop:     Ctrl-C. Nothing is lost; the same command starts it again within seconds.");
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::Model;

    #[test]
    fn without_a_choice_the_small_model_answers() {
        assert_eq!(Model::chosen(|_| None).unwrap(), Model::Bundled);
        assert_eq!(
            Model::chosen(|_| Some("".into())).unwrap(),
            Model::Bundled,
            "set to nothing is not set"
        );
    }

    #[test]
    fn a_server_of_the_users_own_is_preferred_to_any_file() {
        assert_eq!(
            Model::chosen(|_| Some("http://there/v1".into())).unwrap(),
            Model::Remote("http://there/v1".to_owned())
        );
    }

    #[test]
    fn a_model_file_is_used_if_it_is_there_and_named_if_not() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let with = |path: PathBuf| {
            Model::chosen(move |name| (name == super::OWN_MODEL).then(|| path.clone().into()))
        };
        assert_eq!(
            with(file.path().to_path_buf()).unwrap(),
            Model::Own(file.path().to_path_buf())
        );
        let failure = with("/no/such.gguf".into()).unwrap_err().to_string();
        assert!(failure.contains("/no/such.gguf"), "{failure}");
    }
}
