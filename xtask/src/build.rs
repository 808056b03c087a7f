//! Building: the front, then the server. Never both at once: two compilers of this size do not fit two cores.

use crate::failure::Done;
use crate::place::Place;
use crate::{front, process, say, setup};

/// `cargo xtask build`: both, with what they need.
pub(crate) fn build(place: &Place) -> Done {
    setup::meet(place, &[setup::SERVER, setup::FRONT])?;
    program(place)?;
    say::line(format_args!(
        "built {}: it carries the front, runs in any folder, and is all there is to ship",
        place.program().display()
    ));
    Ok(())
}

/// `cargo xtask front`: what the browser downloads, with what it needs.
pub(crate) fn front(place: &Place) -> Done {
    setup::meet(place, &[setup::FRONT])?;
    front::build(place)
}

/// The front, then the program that carries it: from the same sources, since the names of islands are hashes of them.
pub(crate) fn program(place: &Place) -> Done {
    front::build(place)?;
    server(place)
}

/// The program, with the local model and the front inside, which must be built.
pub(crate) fn server(place: &Place) -> Done {
    say::step(
        "Building the server (from nothing about 8 minutes on 2 cores, most of it llama.cpp; later only what changed)",
    );
    process::run(
        process::cargo().current_dir(&place.root).args(process::words(
            "build --release --package server --features local,embed",
        )),
        "build the server",
        COMPILE_CURE,
    )
}

/// What to do about a build that failed: cargo's words are the cause, these are the usual cures.
pub(crate) const COMPILE_CURE: &str = "see the first error above: a line of Rust to mend; a download that failed (the crate registry must be reachable the first time); \
     or a disk or memory that is full";
