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

/// Something a model is needed for, and how the program is told which.
#[derive(Debug)]
struct Part {
    /// As in "use your own embedding model".
    name: &'static str,
    /// A GGUF of the user's own.
    own: &'static str,
    /// A model server of the user's own. The program prefers it, and so do we.
    remote: &'static str,
    /// What the small one needs.
    needs: &'static [setup::Need],
    /// Where the small one is.
    path: fn(&Place) -> PathBuf,
}

/// What answers.
const CHAT: Part = Part {
    name: "model",
    own: "PARLANCE_MODEL_PATH",
    remote: "PARLANCE_OPENAI_URL",
    needs: setup::MODEL,
    path: setup::model_path,
};

/// What finds passages in documents.
const EMBEDDING: Part = Part {
    name: "embedding model",
    own: "PARLANCE_EMBEDDING_PATH",
    remote: "PARLANCE_EMBEDDING_URL",
    needs: setup::EMBEDDING,
    path: setup::embedding_path,
};

/// Which model it is.
#[derive(Debug, PartialEq, Eq)]
enum Model {
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
    let model = Model::chosen(&CHAT, |name| env::var_os(name))?;
    let embedding = Model::chosen(&EMBEDDING, |name| env::var_os(name))?;
    let needs = [
        setup::SERVER,
        setup::FRONT,
        model.needs(&CHAT),
        embedding.needs(&EMBEDDING),
    ];
    setup::meet(place, &needs)?;
    build::program(place)?;
    say::step("Starting Parlance");
    port::check(options.host, options.port)?;
    let models = [model.setting(&CHAT, place), embedding.setting(&EMBEDDING, place)];
    let mut program = program::start(place, options, models)?;
    program.wait_until_it_answers(options.host, options.port)?;
    greet(options, &model);
    program.wait()
}

impl Model {
    /// What the environment says.
    fn chosen(part: &Part, variable: impl Fn(&str) -> Option<OsString>) -> Done<Self> {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        if let Some(url) = set(part.remote) {
            return Ok(Self::Remote(url.to_string_lossy().into_owned()));
        }
        let Some(path) = set(part.own).map(PathBuf::from) else {
            return Ok(Self::Bundled);
        };
        if path.is_file() {
            return Ok(Self::Own(path));
        }
        Err(Failure::new(
            format_args!("use your own {}", part.name),
            format_args!("{} is {}, and there is no such file", part.own, path.display()),
            format_args!(
                "correct the path, or unset {} to use the small one that comes with Parlance",
                part.own
            ),
        ))
    }

    /// What the machine has to have for it.
    fn needs(&self, part: &Part) -> &'static [setup::Need] {
        match self {
            Self::Bundled => part.needs,
            Self::Own(_) | Self::Remote(_) => &[],
        }
    }

    /// The variable that tells the program.
    fn setting(&self, part: &Part, place: &Place) -> (&'static str, OsString) {
        match self {
            Self::Bundled => (part.own, (part.path)(place).into()),
            Self::Own(path) => (part.own, path.into()),
            Self::Remote(url) => (part.remote, url.into()),
        }
    }
}

fn greet(options: &RunOptions, model: &Model) {
    let model = match model {
        Model::Bundled => format!(
            "a small one on this machine; larger: {}=FILE.gguf, or {}=https://…/v1",
            CHAT.own, CHAT.remote
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

    use super::{CHAT, EMBEDDING, Model};

    #[test]
    fn without_a_choice_the_small_model_answers() {
        assert_eq!(Model::chosen(&CHAT, |_| None).unwrap(), Model::Bundled);
        assert_eq!(
            Model::chosen(&CHAT, |_| Some("".into())).unwrap(),
            Model::Bundled,
            "set to nothing is not set"
        );
    }

    #[test]
    fn a_server_of_the_users_own_is_preferred_to_any_file() {
        assert_eq!(
            Model::chosen(&CHAT, |_| Some("http://there/v1".into())).unwrap(),
            Model::Remote("http://there/v1".to_owned())
        );
    }

    #[test]
    fn a_model_file_is_used_if_it_is_there_and_named_if_not() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let with = |path: PathBuf| {
            Model::chosen(&EMBEDDING, move |name| {
                (name == EMBEDDING.own).then(|| path.clone().into())
            })
        };
        assert_eq!(
            with(file.path().to_path_buf()).unwrap(),
            Model::Own(file.path().to_path_buf())
        );
        let failure = with("/no/such.gguf".into()).unwrap_err().to_string();
        assert!(failure.contains("/no/such.gguf"), "{failure}");
    }
}
