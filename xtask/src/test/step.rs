//! The steps of `cargo xtask test`: their order, what each needs on the machine, and which it stands on.

use clap::ValueEnum;

use crate::setup::{self, Need};

/// One step; in this order they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Step {
    /// rustfmt.
    Fmt,
    /// cargo-deny.
    Licences,
    /// The wasm front.
    Front,
    /// The program, as `cargo xtask run` builds it.
    Build,
    /// The page's budget.
    Size,
    /// docs/config.md is what the program says.
    Config,
    /// clippy, every crate, for both targets.
    Clippy,
    /// Unit and integration tests of every crate.
    Tests,
    /// Sockets, by the Autobahn test suite.
    Autobahn,
    /// Many users on three nodes while things break.
    Ledger,
    /// People who lose an answer in the middle, and come back.
    Comeback,
    /// Playwright.
    E2e,
}

impl Step {
    /// As `--only` has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Licences => "licences",
            Self::Front => "front",
            Self::Build => "build",
            Self::Size => "size",
            Self::Config => "config",
            Self::Clippy => "clippy",
            Self::Tests => "tests",
            Self::Autobahn => "autobahn",
            Self::Ledger => "ledger",
            Self::Comeback => "comeback",
            Self::E2e => "e2e",
        }
    }

    /// What it checks.
    pub(crate) fn what(self) -> &'static str {
        match self {
            Self::Fmt => "every file is formatted",
            Self::Licences => "licences, bans and sources of all dependencies",
            Self::Front => "the interface builds for the browser",
            Self::Build => "the program builds as `cargo xtask run` builds it",
            Self::Size => "the chat page keeps its budget",
            Self::Config => "docs/config.md is what the program says",
            Self::Clippy => "no lint warns, in any crate, for either target",
            Self::Tests => "unit and integration tests of every crate",
            Self::Autobahn => "sockets keep to their standard, says the Autobahn test suite",
            Self::Ledger => "nodes, networks and the database fail under 30 users, and nothing is lost",
            Self::Comeback => {
                "page, network or server are lost in the middle of an answer, and no token of it"
            }
            Self::E2e => "the real program with the real model in a real browser",
        }
    }

    /// What the machine has to have.
    pub(crate) fn needs(self) -> &'static [&'static [Need]] {
        match self {
            Self::Fmt => &[],
            Self::Licences => &[setup::CHECKS],
            Self::Front => &[setup::FRONT],
            Self::Build | Self::Config | Self::Size | Self::Clippy => &[setup::SERVER, setup::FRONT],
            Self::Tests => &[
                setup::SERVER,
                setup::FRONT,
                setup::MODEL,
                setup::EMBEDDING,
                setup::MONGODB,
            ],
            Self::Autobahn => &[setup::SERVER, setup::FRONT, setup::AUTOBAHN],
            Self::Ledger | Self::Comeback => &[setup::SERVER, setup::FRONT, setup::MONGODB],
            Self::E2e => &[
                setup::SERVER,
                setup::FRONT,
                setup::MODEL,
                setup::EMBEDDING,
                setup::BROWSER,
                setup::MONGODB,
            ],
        }
    }

    /// What has to be built before.
    pub(crate) fn stands_on(self) -> &'static [Self] {
        match self {
            Self::Fmt | Self::Licences | Self::Front => &[],
            // The program carries the front.
            Self::Build | Self::Clippy | Self::Tests => &[Self::Front],
            Self::Config | Self::Size | Self::Autobahn | Self::Ledger | Self::Comeback | Self::E2e => {
                &[Self::Front, Self::Build]
            }
        }
    }
}

/// The chosen steps with those they stand on, in order; all of them when none is chosen.
pub(crate) fn with_what_they_need(only: &[Step]) -> Vec<Step> {
    let all = Step::value_variants().iter().copied();
    let wanted = |step: &Step| {
        only.is_empty()
            || only
                .iter()
                .any(|chosen| chosen == step || chosen.stands_on().contains(step))
    };
    all.filter(wanted).collect()
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::{Step, with_what_they_need};

    #[test]
    fn without_a_choice_everything_is_checked() {
        assert_eq!(with_what_they_need(&[]), Step::value_variants());
    }

    #[test]
    fn the_browser_suite_alone_builds_what_it_tests_first() {
        assert_eq!(
            with_what_they_need(&[Step::E2e]),
            [Step::Front, Step::Build, Step::E2e]
        );
    }

    #[test]
    fn a_step_comes_after_those_it_stands_on() {
        for step in Step::value_variants() {
            assert!(step.stands_on().iter().all(|before| before < step), "{step:?}");
        }
    }

    #[test]
    fn a_steps_name_is_what_only_takes() {
        for step in Step::value_variants() {
            assert_eq!(Step::from_str(step.name(), false), Ok(*step));
        }
    }
}
