//! The interface of Parlance. The server draws whole pages; the parts of them that live in the browser are
//! islands, and only those are in the wasm. (Feature `csr` has the browser draw whole pages, too: `alone`.)
//!
//! Must not know: the server, its store, its models. What a page needs while it is drawn comes through
//! `data::PageData`; what the browser needs comes over the wire, like for any other client.
//!
//! Start at `App` for the routes, at `page` for one file a route, at [`island`] for what lives.

#![recursion_limit = "256"]
#![cfg_attr(
    any(feature = "csr", not(all(feature = "chat", feature = "workshop"))),
    expect(
        dead_code,
        reason = "a bundle has the islands of some pages, the front alone no page that the server keeps to itself; both are linked \
                  without the rest"
    )
)]
#![expect(
    unreachable_pub,
    reason = "the component macro writes public items beside each component"
)]

#[cfg(feature = "csr")]
mod alone;
#[cfg(feature = "ssr")]
mod bundle;
mod component;
pub mod data;
pub mod island;
mod json;
mod live;
pub mod markdown;
mod net;
#[cfg(feature = "pages")]
mod page;
#[cfg(feature = "pages")]
mod root;
#[cfg(feature = "ssr")]
mod shell;
pub mod state;
pub mod text;

#[cfg(feature = "csr")]
pub use alone::start;
#[cfg(feature = "ssr")]
pub use bundle::{Bundle, Files, Need};
#[cfg(feature = "pages")]
pub use root::App;
#[cfg(feature = "ssr")]
pub use shell::shell;

/// Says in the document that its islands are awake, once they are: tests wait for `data-hydrated` before they
/// click. Called by the entry, which the islands follow in the same task.
pub fn announce_hydration() {
    let done = || {
        if let Some(root) = leptos::prelude::document().document_element() {
            let _ = root.set_attribute("data-hydrated", "");
        }
    };
    leptos::prelude::set_timeout(done, std::time::Duration::ZERO);
}
