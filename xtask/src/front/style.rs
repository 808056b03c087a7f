//! From `style/` to the style sheets of the pages: esbuild follows the `@import`s and minifies.

use std::fs;
use std::path::Path;

use super::{compress, package_folder, publish, stamps};
use crate::digest::{Stamp, Sum};
use crate::failure::Done;
use crate::place::Place;
use crate::setup::Project;
use crate::{process, setup};

/// Raise it when a flag below changes.
const RECIPE: &str = "2";

/// Where a sheet begins, and how it is called on the page (`app/src/bundle.rs`).
const SHEETS: [(&str, &str); 2] = [("chat.css", "parlance.css"), ("main.css", "pages.css")];

/// Builds the style sheets.
pub(crate) fn build(place: &Place) -> Done {
    SHEETS
        .iter()
        .try_for_each(|(entry, name)| make(place, entry, name))
}

fn make(place: &Place, entry: &str, name: &str) -> Done {
    let source = place.root.join("style");
    let sheet = package_folder(place).join(name);
    let tools = Project::FrontTools.folder(place);
    let sum = Sum::default()
        .word(RECIPE)
        .folder(&source)?
        .file(&tools.join("package-lock.json"))?
        .file(&tools.join("compress.mjs"))?;
    let stamp = Stamp::new(stamps(place).join(name).with_extension("style"), sum);
    if stamp.holds(&[
        &sheet,
        &sheet.with_added_extension("br"),
        &sheet.with_added_extension("gz"),
    ]) {
        return Ok(());
    }
    let small = stamps(place).join(name);
    let mut command = setup::node_program(place, "node_modules/esbuild/bin/esbuild")?;
    command
        .arg(source.join(entry))
        .args(process::words("--bundle --minify --log-level=warning"))
        .args(external(&place.root.join("public")))
        .arg(format!("--outfile={}", small.display()));
    process::run(
        &mut command,
        "bundle the style sheets",
        "see esbuild's words above: it names the file and the line",
    )?;
    publish(&small, &sheet)?;
    compress(place, &[sheet])?;
    stamp.set()
}

/// Fonts and pictures stay where they are: `/fonts/…` is served from the site, so esbuild is not to look for it.
/// Named one by one, since `/*` would take our own files by their absolute paths.
fn external(public: &Path) -> Vec<String> {
    let entries = fs::read_dir(public).into_iter().flatten().flatten();
    let flag = |entry: fs::DirEntry| {
        let rest = if entry.path().is_dir() { "/*" } else { "" };
        format!("--external:/{}{rest}", entry.file_name().display())
    };
    let mut flags: Vec<String> = entries.map(flag).collect();
    flags.sort();
    flags
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::external;

    #[test]
    fn only_what_lies_in_public_is_left_to_the_browser() {
        let public = tempfile::tempdir().unwrap();
        fs::create_dir(public.path().join("fonts")).unwrap();
        fs::write(public.path().join("favicon.svg"), "").unwrap();
        assert_eq!(
            external(public.path()),
            ["--external:/favicon.svg", "--external:/fonts/*"]
        );
        assert!(external(&public.path().join("nowhere")).is_empty());
    }
}
