//! The wasm entry of the chat's pages: makes their islands live. Everything else is in `app`.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the script that the page's shell carries, once the wasm is there; the islands follow.
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
    app::announce_hydration();
}
