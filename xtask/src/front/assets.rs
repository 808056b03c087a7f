//! `public/` copied into the site, with compressed copies of what is text.

use std::fs;
use std::path::{Path, PathBuf};

use super::{compress, publish, stamps};
use crate::digest::{self, Stamp, Sum};
use crate::failure::{Done, Failure};
use crate::place::Place;
use crate::setup::Project;

/// What is worth compressing: pictures and fonts already are.
const TEXT: [&str; 6] = ["svg", "txt", "json", "webmanifest", "html", "xml"];

/// Copies what is new, and removes what is no longer there.
pub(crate) fn copy(place: &Place) -> Done {
    let (from, site) = (place.root.join("public"), place.site());
    let sum = Sum::default()
        .folder(&from)?
        .file(&Project::FrontTools.folder(place).join("compress.mjs"))?;
    let stamp = Stamp::new(stamps(place).join("assets"), sum);
    let sources = digest::files_below(&from)?;
    let copies: Vec<PathBuf> = sources
        .iter()
        .map(|source| site.join(source.strip_prefix(&from).unwrap_or(source)))
        .collect();
    let outputs: Vec<&Path> = copies.iter().map(AsRef::as_ref).collect();
    if stamp.holds(&outputs) {
        return Ok(());
    }
    clear(&site)?;
    for (source, copy) in sources.iter().zip(&copies) {
        let what = "copy public/ into the site";
        let wrap = |error| Failure::of_file(what, source, &error);
        if let Some(folder) = copy.parent() {
            fs::create_dir_all(folder).map_err(wrap)?;
        }
        let part = stamps(place).join("asset");
        fs::copy(source, &part).map_err(wrap)?;
        publish(&part, copy)?;
    }
    let text: Vec<PathBuf> = copies.into_iter().filter(|copy| is_text(copy)).collect();
    compress(place, &text)?;
    stamp.set()
}

fn is_text(path: &Path) -> bool {
    path.extension()
        .and_then(|end| end.to_str())
        .is_some_and(|end| TEXT.contains(&end))
}

/// Everything in the site but `pkg`, which the other steps make.
fn clear(site: &Path) -> Done {
    let wrap = |error| Failure::of_file("clear the site", site, &error);
    for entry in fs::read_dir(site).map_err(wrap)? {
        let path = entry.map_err(wrap)?.path();
        if path.file_name().is_some_and(|name| name == "pkg") {
            continue;
        }
        if path.is_dir() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        }
        .map_err(wrap)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{clear, is_text};

    #[test]
    fn clearing_the_site_leaves_the_built_package() {
        let site = tempfile::tempdir().unwrap();
        fs::create_dir_all(site.path().join("pkg")).unwrap();
        fs::create_dir_all(site.path().join("fonts")).unwrap();
        fs::write(site.path().join("favicon.svg"), "").unwrap();
        clear(site.path()).unwrap();
        let left: Vec<_> = fs::read_dir(site.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left, ["pkg"]);
    }

    #[test]
    fn only_text_is_compressed() {
        assert!(is_text("a/favicon.svg".as_ref()));
        assert!(!is_text("a/inter.woff2".as_ref()));
        assert!(!is_text("LICENSE".as_ref()));
    }
}
