//! From Rust to a wasm and its JavaScript for each bundle of pages: cargo, wasm-bindgen (linked, so of the right version),
//! `prune`, wasm-opt.

use std::fs;
use std::path::{Path, PathBuf};

use wasm_bindgen_cli_support::Bindgen;

use super::prune::{self, Names};
use super::{compress, package_folder, publish, stamps};
use crate::build::COMPILE_CURE;
use crate::digest::{Stamp, Sum};
use crate::failure::{Done, Failure};
use crate::place::Place;
use crate::setup::Project;
use crate::{process, say, setup};

/// Raise it when a flag below changes: the outputs are then made again.
const RECIPE: &str = "4";

/// A crate with an entry, and how its files are called on the page (`app/src/bundle.rs`).
#[derive(Debug, Clone, Copy)]
struct Bundle {
    /// The crate.
    package: &'static str,
    /// What cargo makes of it.
    raw: &'static str,
    /// `NAME.wasm` and `NAME.js`.
    name: &'static str,
}

const BUNDLES: [Bundle; 2] = [
    Bundle {
        package: "frontend",
        raw: "frontend.wasm",
        name: "parlance",
    },
    Bundle {
        package: "frontend-workshop",
        raw: "frontend_workshop.wasm",
        name: "workshop",
    },
];

/// The crates, for who lints them: each by itself, since their features must not meet.
pub(crate) fn packages() -> impl Iterator<Item = &'static str> {
    BUNDLES.iter().map(|bundle| bundle.package)
}

/// Builds each wasm and its JavaScript.
pub(crate) fn build(place: &Place) -> Done {
    say::step(
        "Building the front for the browser (from nothing about 4 minutes on 2 cores; later only what changed)",
    );
    BUNDLES.iter().try_for_each(|bundle| make(place, *bundle))
}

fn make(place: &Place, bundle: Bundle) -> Done {
    let Bundle { name, .. } = bundle;
    let raw = compile(place, bundle)?;
    let package = package_folder(place);
    let file = |ending: &str| package.join(format!("{name}.{ending}"));
    let (wasm, script) = (file("wasm"), file("js"));
    let tools = Project::FrontTools.folder(place);
    let sum = Sum::default()
        .word(RECIPE)
        .file(&raw)?
        .file(&tools.join("package-lock.json"))?
        .file(&tools.join("compress.mjs"))?;
    let stamp = Stamp::new(stamps(place).join(name), sum);
    let compressed: Vec<PathBuf> = [&wasm, &script]
        .iter()
        .flat_map(|file| [file.with_added_extension("br"), file.with_added_extension("gz")])
        .collect();
    let mut outputs: Vec<&Path> = compressed.iter().map(AsRef::as_ref).collect();
    outputs.extend([wasm.as_path(), script.as_path()]);
    if stamp.holds(&outputs) {
        return Ok(());
    }
    let work = place.front_target().join("bindgen").join(name);
    let names = bind(&raw, &work, name)?;
    say::step(format_args!("Making {name} small (wasm-opt, esbuild, brotli)"));
    shrink_wasm(place, &work, name)?;
    shrink_script(place, &work, name, &names)?;
    publish(&work.join("small.wasm"), &wasm)?;
    publish(&work.join("small.js"), &script)?;
    compress(place, &[wasm, script])?;
    stamp.set()
}

fn compile(place: &Place, bundle: Bundle) -> Done<PathBuf> {
    process::run(
        process::cargo()
            .current_dir(&place.root)
            .args(["build", "--package", bundle.package])
            .args(process::words(
                "--lib --profile wasm-release --target wasm32-unknown-unknown --target-dir",
            ))
            .arg(place.front_target()),
        "build the front",
        COMPILE_CURE,
    )?;
    Ok(place
        .front_target()
        .join("wasm32-unknown-unknown/wasm-release")
        .join(bundle.raw))
}

/// What `wasm-bindgen --target web --no-typescript` does, without what no page can use.
fn bind(raw: &Path, work: &Path, name: &str) -> Done<Names> {
    // Snippets of an earlier build must not be bundled into this one.
    let _ = fs::remove_dir_all(work);
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(raw)
        .out_name(name)
        .typescript(false)
        // `prune` knows functions by their names; wasm-opt leaves them out.
        .remove_name_section(false)
        .remove_producers_section(true);
    let made = bindgen.web(true).and_then(Bindgen::generate_output);
    let mut output = made.map_err(|error| {
        Failure::new(
            "write the JavaScript beside the wasm",
            format_args!("{error:#}"),
            "if it speaks of versions: `wasm-bindgen` in the root Cargo.toml and `wasm-bindgen-cli-support` in xtask/Cargo.toml must be equal",
        )
    })?;
    let names = prune::wasm(output.wasm_mut());
    output.emit(work).map_err(|error| {
        Failure::new(
            "write the wasm and its JavaScript",
            format_args!("{error:#}"),
            "look at that path and run the command again",
        )
    })?;
    Ok(names)
}

fn shrink_wasm(place: &Place, work: &Path, name: &str) -> Done {
    let mut command = setup::node_program(place, "node_modules/binaryen/bin/wasm-opt")?;
    command
        // Little inlining: with wasm-opt's own measure the file is 1 % smaller, and 8 % larger on the wire.
        .args(process::words(
            "-Oz --one-caller-inline-max-function-size 20 --always-inline-max-function-size 2",
        ))
        // What rustc's wasm uses today; without these wasm-opt refuses the file.
        .args(process::words(
            "--enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext",
        ))
        .args(process::words(
            "--enable-mutable-globals --enable-reference-types --enable-multivalue",
        ))
        .arg(work.join(format!("{name}_bg.wasm")))
        .arg("-o")
        .arg(work.join("small.wasm"));
    process::run(
        &mut command,
        "make the wasm small",
        "see wasm-opt's words above; a feature it refuses is to be enabled in xtask/src/front/wasm.rs",
    )
}

/// One file: snippets of crates are bundled in, so the browser asks once.
fn shrink_script(place: &Place, work: &Path, name: &str, names: &Names) -> Done {
    let script = work.join(format!("{name}.js"));
    let wrap = |error| Failure::of_file("read the JavaScript beside the wasm", &script, &error);
    let text = fs::read_to_string(&script).map_err(wrap)?;
    let text = prune::script(&text, names).map_err(|cause| {
        Failure::new(
            "take out of the script what no page uses",
            cause,
            "compare xtask/src/front/prune.rs with what wasm-bindgen writes today",
        )
    })?;
    let text = text.replace(&format!("{name}_bg.wasm"), &format!("{name}.wasm"));
    fs::write(&script, text).map_err(wrap)?;
    let mut command = setup::node_program(place, "node_modules/esbuild/bin/esbuild")?;
    command
        .arg(&script)
        .args(process::words(
            "--bundle --minify --format=esm --target=es2022 --log-level=warning",
        ))
        .arg(format!("--outfile={}", work.join("small.js").display()));
    process::run(
        &mut command,
        "make the JavaScript small",
        "see esbuild's words above",
    )
}
