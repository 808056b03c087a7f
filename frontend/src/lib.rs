//! The wasm entry: wakes the page that the server rendered. Everything else is in `app`.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the script that the page's shell carries, once the wasm is there.
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_body(app::App);
}
