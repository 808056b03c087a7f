//! From `style/` to `parlance.css`: esbuild follows the `@import`s of `main.css` and minifies.

use super::{compress, package_folder, publish, stamps};
use crate::digest::{Stamp, Sum};
use crate::failure::Done;
use crate::place::Place;
use crate::setup::Project;
use crate::{process, setup};

/// Raise it when a flag below changes.
const RECIPE: &str = "1";

/// Builds the style sheet.
pub(crate) fn build(place: &Place) -> Done {
    let source = place.root.join("style");
    let sheet = package_folder(place).join("parlance.css");
    let tools = Project::FrontTools.folder(place);
    let sum = Sum::default()
        .word(RECIPE)
        .folder(&source)?
        .file(&tools.join("package-lock.json"))?
        .file(&tools.join("compress.mjs"))?;
    let stamp = Stamp::new(stamps(place).join("style"), sum);
    if stamp.holds(&[
        &sheet,
        &sheet.with_added_extension("br"),
        &sheet.with_added_extension("gz"),
    ]) {
        return Ok(());
    }
    let small = stamps(place).join("parlance.css");
    let mut command = setup::node_program(place, "node_modules/esbuild/bin/esbuild")?;
    command
        .arg(source.join("main.css"))
        // Fonts and pictures stay where they are: `/fonts/…` is served from the site.
        .args(["--bundle", "--minify", "--external:/*", "--log-level=warning"])
        .arg(format!("--outfile={}", small.display()));
    process::run(
        &mut command,
        "bundle style/main.css",
        "see esbuild's words above: it names the file and the line",
    )?;
    publish(&small, &sheet)?;
    compress(place, &[sheet])?;
    stamp.set()
}
