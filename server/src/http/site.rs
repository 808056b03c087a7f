//! The front's files: from inside the program, or from a folder.
//!
//! A release build carries them (feature `embed`, `server/build.rs`): the program is one file then, and runs anywhere.
//! `--site DIR` serves a folder instead, for work on the front. What is no file goes on to the pages.

mod bundle;
mod encoding;

use axum::{Router, http::HeaderValue, http::header, middleware};
use bundle::Bundle;
use std::path::{Path, PathBuf};
use tower_http::{services::ServeDir, set_header::SetResponseHeaderLayer};

/// Where `cargo xtask front` puts what it builds: served when the program carries nothing and was told nothing.
const BUILT: &str = "target/site";
/// What serves every page where a folder has no file of its own for one: `cargo leptos watch` makes it with every island
/// and all looks.
const WHOLE: &str = "parlance";

#[cfg(feature = "embed")]
static INSIDE: Option<&Bundle> = {
    use bundle::{Content, File};
    static BUNDLE: Bundle = include!(concat!(env!("OUT_DIR"), "/bundle.rs"));
    Some(&BUNDLE)
};
#[cfg(not(feature = "embed"))]
static INSIDE: Option<&Bundle> = None;

/// Where the files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Site {
    /// In the program.
    Inside(&'static Bundle),
    /// In a folder.
    Folder(PathBuf),
}

impl Site {
    /// The folder that was asked for; else what the program carries; else where the front is built.
    pub(crate) fn chosen(folder: Option<&Path>) -> Self {
        match (folder, INSIDE) {
            (Some(folder), _) => Self::Folder(folder.into()),
            (None, Some(bundle)) => Self::Inside(bundle),
            (None, None) => Self::Folder(BUILT.into()),
        }
    }

    /// How what a page needs is called, without its ending: `NAME.js` and `NAME.wasm`, or `NAME.css`, in `/pkg`.
    pub(crate) fn name(&self, needed: &str, ending: &str) -> String {
        match self {
            Self::Inside(bundle) => format!("{needed}.{}", bundle.fingerprint),
            // A question to the disk for each page: this is for work on the front.
            Self::Folder(folder) if folder.join(format!("pkg/{needed}.{ending}")).is_file() => {
                needed.to_owned()
            }
            Self::Folder(_) => WHOLE.to_owned(),
        }
    }

    /// Puts the files before the pages.
    pub(super) fn before(self, pages: Router) -> Router {
        let files = match self {
            Self::Inside(bundle) => pages.layer(middleware::from_fn_with_state(bundle, bundle::serve)),
            Self::Folder(folder) => {
                let files = ServeDir::new(folder)
                    .precompressed_br()
                    .precompressed_gzip()
                    .append_index_html_on_directories(false)
                    .call_fallback_on_method_not_allowed(true)
                    .fallback(pages);
                Router::new().fallback_service(files)
            }
        };
        // What says nothing else is asked for each time, and mostly "not modified".
        files.layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-cache"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_was_asked_for_is_preferred_to_what_is_inside() {
        let asked = Site::chosen(Some("/srv/front".as_ref()));
        assert_eq!(asked, Site::Folder("/srv/front".into()));
    }

    #[test]
    fn a_folder_with_one_bundle_serves_every_page_by_it() {
        let folder = tempfile::tempdir().unwrap();
        let site = Site::Folder(folder.path().into());
        assert_eq!(site.name("workshop", "js"), "parlance");
        std::fs::create_dir(folder.path().join("pkg")).unwrap();
        std::fs::write(folder.path().join("pkg/workshop.js"), "").unwrap();
        assert_eq!(site.name("workshop", "js"), "workshop");
        assert_eq!(site.name("pages", "css"), "parlance");
    }

    #[cfg(not(feature = "embed"))]
    #[test]
    fn a_program_that_carries_nothing_serves_what_was_built() {
        assert_eq!(Site::chosen(None), Site::Folder("target/site".into()));
    }

    #[cfg(feature = "embed")]
    #[test]
    fn the_program_carries_the_whole_page_under_names_of_this_build() {
        let Site::Inside(bundle) = Site::chosen(None) else {
            panic!("nothing is inside")
        };
        let site = Site::Inside(bundle);
        for (needed, ending) in [
            ("parlance", "js"),
            ("parlance", "wasm"),
            ("parlance", "css"),
            ("workshop", "js"),
            ("workshop", "wasm"),
            ("pages", "css"),
        ] {
            let path = format!("/pkg/{}.{ending}", site.name(needed, ending));
            let file = bundle.file(&path).unwrap_or_else(|| panic!("no {path}"));
            assert!(
                file.immutable && file.brotli.is_some() && file.gzip.is_some(),
                "{path}"
            );
        }
        let icon = bundle.file("/favicon.svg").unwrap();
        assert!(!icon.immutable);
    }
}
