//! Small questions to the browser, each with a harmless answer when it has none.

use leptos::prelude::window;
use wire::ClientMessageId;

/// Milliseconds since the epoch.
pub(crate) fn now() -> f64 {
    js_sys::Date::now()
}

/// Between 0 and 1.
pub(crate) fn random() -> f64 {
    js_sys::Math::random()
}

/// A new id for a prompt. `randomUUID` is there in secure contexts only, and a newcomer's server may be at a
/// plain http address of the house.
pub(crate) fn new_client_message_id() -> ClientMessageId {
    let mut bytes = [0_u8; 16];
    if let Ok(crypto) = window().crypto() {
        // `getRandomValues` is there everywhere.
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    ClientMessageId::from_uuid(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

/// Leaves for another page, by a full navigation.
pub(crate) fn go_to(path: &str) {
    let _ = window().location().replace(path);
}

/// The address of the socket of a session.
pub(crate) fn socket_address(path_and_query: &str) -> Option<String> {
    let location = window().location();
    let scheme = if location.protocol().ok()? == "https:" {
        "wss:"
    } else {
        "ws:"
    };
    Some(format!("{scheme}//{}{path_and_query}", location.host().ok()?))
}

/// Whether the reader can see the page.
pub(crate) fn is_visible() -> bool {
    leptos::prelude::document().visibility_state() == web_sys::VisibilityState::Visible
}

/// A word kept by this browser.
pub(crate) fn recall(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

/// Keeps a word in this browser.
pub(crate) fn keep(key: &str, word: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(key, word);
    }
}

/// Gives the page another address without leaving it.
pub(crate) fn replace_address(path: &str) {
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&leptos::wasm_bindgen::JsValue::NULL, "", Some(path));
    }
}
