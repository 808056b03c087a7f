//! The wasm entry of the pages that are no chat: makes their islands live. Everything else is in `app`. A crate of its own,
//! since one crate has one name for what it becomes, whatever its features are.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the script that the page's shell carries, once the wasm is there; the islands follow.
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
    app::announce_hydration();
}
