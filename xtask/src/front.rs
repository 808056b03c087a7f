//! The front: everything the browser downloads, made into `target/site`.
//!
//! Four small steps, each skipped when its own inputs are unchanged: `wasm` (cargo, wasm-bindgen, wasm-opt),
//! `style`, `assets`, and the compressed copies. Cargo alone judges whether Rust code is fresh.
//! `budget` says what it all weighs.

mod assets;
pub(crate) mod budget;
mod prune;
mod style;
pub(crate) mod wasm;

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Done, Failure};
use crate::place::Place;
use crate::{process, say, setup};

/// The folder of the page's own files inside the site.
fn package_folder(place: &Place) -> PathBuf {
    place.site().join("pkg")
}

/// Builds what changed.
pub(crate) fn build(place: &Place) -> Done {
    for folder in [package_folder(place), stamps(place)] {
        fs::create_dir_all(&folder)
            .map_err(|error| Failure::of_file("make a folder of the site", &folder, &error))?;
    }
    wasm::build(place)?;
    style::build(place)?;
    assets::copy(place)?;
    let files = budget::page_files(place);
    say::line(format_args!(
        "page without its HTML, brotli: {}",
        budget::describe(&budget::weigh(&files)?)
    ));
    Ok(())
}

/// What was made from what. Beside the site, not in it: the site is served.
fn stamps(place: &Place) -> PathBuf {
    place.front_target().join("stamps")
}

/// Writes `.br` and `.gz` beside each file.
fn compress(place: &Place, files: &[PathBuf]) -> Done {
    if files.is_empty() {
        return Ok(());
    }
    process::run(
        setup::node_program(place, "compress.mjs")?.args(files),
        "compress the page's files",
        "see node's words above",
    )
}

/// Moves a finished file into the site, so that a running server never reads half of it.
fn publish(file: &Path, to: &Path) -> Done {
    fs::rename(file, to).map_err(|error| Failure::of_file("put a file into the site", to, &error))
}
