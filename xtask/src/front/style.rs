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
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::external;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    /// Our style sheets, without what is only said in them: name and rules.
    fn sheets() -> Vec<(String, String)> {
        let folder = fs::read_dir(root().join("style")).unwrap();
        let read = |entry: fs::DirEntry| {
            let name = entry.file_name().into_string().unwrap();
            let text = fs::read_to_string(entry.path()).unwrap();
            let mut rules = String::new();
            for (at, piece) in text.split("/*").enumerate() {
                rules.push_str(if at == 0 {
                    piece
                } else {
                    piece.split_once("*/").unwrap().1
                });
            }
            (name, rules)
        };
        folder.map(|entry| read(entry.unwrap())).collect()
    }

    /// The names that begin behind a mark.
    fn names<'t>(text: &'t str, mark: &'t str) -> impl Iterator<Item = &'t str> {
        text.split(mark).skip(1).map(|rest| {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')));
            &rest[..end.unwrap_or(rest.len())]
        })
    }

    fn source_of_the_app(folder: &Path, text: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                source_of_the_app(&path, text);
            } else {
                text.push_str(&fs::read_to_string(&path).unwrap());
            }
        }
    }

    #[test]
    fn every_token_is_used_and_whatever_is_used_is_there() {
        let sheets = sheets();
        let rules: String = sheets.iter().map(|(_, rules)| rules.as_str()).collect();
        let used: BTreeSet<&str> = names(&rules, "var(--").collect();
        let said = |rules: &str| -> BTreeSet<String> {
            let lines = rules
                .split(['{', ';', '}'])
                .filter_map(|line| line.trim().strip_prefix("--"));
            lines
                .filter_map(|line| Some(line.split_once(':')?.0.to_owned()))
                .collect()
        };
        let tokens = sheets.iter().find(|(name, _)| name == "tokens.css").unwrap();
        let unused: Vec<String> = said(&tokens.1)
            .into_iter()
            .filter(|token| !used.contains(token.as_str()))
            .collect();
        assert_eq!(unused, [""; 0], "in tokens.css, and used nowhere");
        let all = said(&rules);
        let missing: Vec<&&str> = used.iter().filter(|token| !all.contains(**token)).collect();
        assert!(missing.is_empty(), "used, and said nowhere: {missing:?}");
    }

    #[test]
    fn every_style_sheet_is_part_of_the_page_and_every_class_belongs_to_a_part_of_it() {
        let mut app = String::new();
        source_of_the_app(&root().join("app/src"), &mut app);
        let sheets = sheets();
        let main = sheets
            .iter()
            .find(|(name, _)| name == "main.css")
            .unwrap()
            .1
            .clone();
        for (name, rules) in &sheets {
            assert!(
                ["main.css", "chat.css"].contains(&name.as_str()) || main.contains(&format!("./{name}\"")),
                "{name} is imported nowhere"
            );
            let selectors = rules.split('}').filter_map(|rule| rule.rsplit_once('{'));
            for (selector, _) in selectors {
                for class in
                    names(selector, ".").filter(|class| class.starts_with(|c: char| c.is_ascii_alphabetic()))
                {
                    // What follows two dashes is put together by the code; inks and formulas come with what is drawn.
                    let stem = class.split("--").next().unwrap();
                    let drawn = class.starts_with("ink-") || class.starts_with("menv-");
                    assert!(drawn || app.contains(stem), "{name}: nothing is called {class}");
                }
            }
        }
    }

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
