//! What a browser fetches for a page: the islands that live on it, as a bundle of wasm, and its style sheet. A page gets
//! nothing that it does not use.
//!
//! Pages that are forms alone fetch no wasm at all.
//!
//! `cargo xtask front` builds the bundles: `frontend` is the chat's, `frontend/workshop` the other one; the features of this
//! crate say which islands are in which (`island.rs`). The sheets begin at `style/chat.css` and `style/main.css`.

use crate::page::OFFLINE;

/// A bundle of islands: a script and its wasm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bundle {
    /// The chat, and home: what comes next there is a chat, so that its wasm is there already.
    Chat,
    /// Every other page on which something lives.
    Workshop,
}

impl Bundle {
    /// The name of its files, without what a build puts behind it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "parlance",
            Self::Workshop => "workshop",
        }
    }
}

/// What a page needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Its islands; `None` where it has none, and consists of forms that the browser posts by itself.
    pub bundle: Option<Bundle>,
    /// The name of its style sheet, likewise.
    pub style: &'static str,
}

/// The sheet with the chat's components and no others.
const CHAT_STYLE: &str = "parlance";
/// The sheet with all components.
const WHOLE_STYLE: &str = "pages";
/// Pages without an island. Without a server there is nothing for scripts to talk with, either.
const ASLEEP: [&str; 4] = ["/sign-in", "/sign-up", "/new-password", OFFLINE];

impl Need {
    /// Of the page at this path.
    pub fn of(path: &str) -> Self {
        let is_chat = ["/c/", "/new/"].iter().any(|start| path.starts_with(start));
        Self {
            bundle: if is_chat || path == "/" {
                Some(Bundle::Chat)
            } else {
                (!ASLEEP.contains(&path)).then_some(Bundle::Workshop)
            },
            style: if is_chat { CHAT_STYLE } else { WHOLE_STYLE },
        }
    }
}

/// The files of a page, by the names that this build gave them: handed to [`crate::shell`] by context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// Of the script and of the wasm, without its ending; `None`: it needs neither.
    pub bundle: Option<String>,
    /// Of the style sheet, without its ending.
    pub style: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_fetches_no_other_pages_islands_and_looks() {
        for path in ["/c/0192f0c1", "/new/0192f0c1"] {
            let need = Need::of(path);
            let expected = (Some(Bundle::Chat), "parlance");
            assert_eq!((need.bundle, need.style), expected, "{path}");
        }
        for path in ["/bot/new", "/account", "/nowhere", "/chat"] {
            let need = Need::of(path);
            let expected = (Some(Bundle::Workshop), "pages");
            assert_eq!((need.bundle, need.style), expected, "{path}");
        }
    }

    #[test]
    fn who_comes_in_fetches_no_wasm() {
        for path in ["/sign-in", "/sign-up", "/new-password", "/offline"] {
            let need = Need::of(path);
            assert_eq!((need.bundle, need.style), (None, "pages"), "{path}");
        }
    }

    #[test]
    fn home_looks_like_a_page_and_brings_the_chats_wasm() {
        let need = Need::of("/");
        assert_eq!((need.bundle, need.style), (Some(Bundle::Chat), "pages"));
    }
}
