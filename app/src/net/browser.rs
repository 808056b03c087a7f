//! Small questions to the browser, each with a harmless answer when it has none.

use super::base::at_server;
use crate::text;
use leptos::prelude::{set_timeout, window};
use std::{cell::Cell, time::Duration};
use wire::ClientMessageId;

/// Milliseconds since the epoch.
pub(crate) fn now() -> f64 {
    js_sys::Date::now()
}

/// How many minutes the reader's day begins after that of UTC.
pub(crate) fn minutes_west() -> f64 {
    js_sys::Date::new_0().get_timezone_offset()
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

/// How long a page that is on its way has for it.
const ON_ITS_WAY: Duration = Duration::from_secs(5);

thread_local! {
    static IS_ON_ITS_WAY: Cell<bool> = const { Cell::new(false) };
}

/// The page is being left: the browser has begun to load another.
pub(crate) fn on_its_way() {
    IS_ON_ITS_WAY.set(true);
}

/// To the sign-in page. Who is on the way already is not overtaken: signing out leads there by an address of its own, and
/// the socket hears of it before the browser does. Several ask for the same: none of them may take the mark away before
/// the time is over, or the next would overtake.
pub(crate) fn go_to_sign_in() {
    if IS_ON_ITS_WAY.get() {
        set_timeout(
            || {
                IS_ON_ITS_WAY.set(false);
                go_to("/sign-in");
            },
            ON_ITS_WAY,
        );
    } else {
        go_to("/sign-in");
    }
}

/// The address of the socket of a session.
#[cfg(feature = "csr")]
pub(crate) fn socket_address(path_and_query: &str) -> Option<String> {
    // `http` becomes `ws`, `https` becomes `wss`.
    at_server(path_and_query, |address| {
        Some(format!("ws{}", address.strip_prefix("http")?))
    })
}

/// The address of the socket of a session.
#[cfg(not(feature = "csr"))]
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

/// Forgets a word.
pub(crate) fn forget(key: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.remove_item(key);
    }
}

/// A word kept by this tab.
pub(crate) fn recall_here(key: &str) -> Option<String> {
    window().session_storage().ok()??.get_item(key).ok()?
}

/// Keeps a word in this tab; forgets an empty one.
pub(crate) fn keep_here(key: &str, word: &str) {
    if let Ok(Some(storage)) = window().session_storage() {
        let _ = if word.is_empty() {
            storage.remove_item(key)
        } else {
            storage.set_item(key, word)
        };
    }
}

/// Forgets all words: whoever comes next is somebody else.
pub(crate) fn forget_all() {
    if let Ok(Some(storage)) = window().session_storage() {
        let _ = storage.clear();
    }
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.clear();
    }
}

/// A time as its reader writes it, in the language of the page.
pub(crate) fn local_time(iso: &str) -> String {
    let date = js_sys::Date::new(&iso.into());
    let language = window().navigator().language().unwrap_or_default();
    date.to_locale_string(
        &text::locale_of_dates(&language),
        &leptos::wasm_bindgen::JsValue::UNDEFINED,
    )
    .into()
}

/// Puts the focus on what a selector finds first, if it finds something.
pub(crate) fn focus(selector: &str) -> bool {
    use leptos::wasm_bindgen::JsCast;
    if let Ok(Some(element)) = leptos::prelude::document().query_selector(selector)
        && let Ok(element) = element.dyn_into::<web_sys::HtmlElement>()
    {
        return element.focus().is_ok();
    }
    false
}

/// Likewise, but nothing is scrolled: it was there before.
pub(crate) fn focus_in_place(selector: &str) {
    use leptos::wasm_bindgen::JsCast;
    if let Some(Ok(element)) = find(selector).map(JsCast::dyn_into::<web_sys::HtmlElement>) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = element.focus_with_options(&options);
    }
}

/// How wide the page is, in pixels.
pub(crate) fn width() -> f64 {
    let width = window().inner_width().ok();
    width.and_then(|width| width.as_f64()).unwrap_or_default()
}

/// Brings what a selector finds first into view.
pub(crate) fn scroll_to(selector: &str) {
    if let Some(element) = find(selector) {
        element.scroll_into_view();
    }
}

/// What a selector finds first on the page.
pub(crate) fn find(selector: &str) -> Option<web_sys::Element> {
    leptos::prelude::document()
        .query_selector(selector)
        .ok()
        .flatten()
}

/// Writes text into what a selector finds first.
pub(crate) fn write(selector: &str, text: &str) {
    if let Some(element) = find(selector) {
        element.set_text_content(Some(text));
    }
}

/// Writes text into what a selector finds first within an element.
pub(crate) fn write_in(element: &web_sys::Element, selector: &str, text: &str) {
    if let Ok(Some(inner)) = element.query_selector(selector) {
        inner.set_text_content(Some(text));
    }
}

/// Gives what a selector finds first an attribute without a value, or takes it away.
pub(crate) fn switch(selector: &str, attribute: &str, on: bool) {
    if let Some(element) = find(selector) {
        let _ = element.toggle_attribute_with_force(attribute, on);
    }
}

/// Listens for as long as the page is there: on its server-drawn parts, where a view would cost more than it does. All
/// listeners are of one type.
pub(crate) fn listen(selector: &str, kind: &str, heard: Box<dyn FnMut(web_sys::Event)>) {
    use leptos::wasm_bindgen::{JsCast, closure::Closure};
    let heard = Closure::wrap(heard).into_js_value();
    if let Some(element) = find(selector) {
        let _ = element.add_event_listener_with_callback(kind, heard.unchecked_ref());
    }
}

/// The text of what a selector finds first within an element.
pub(crate) fn text_of(element: &web_sys::Element, selector: &str) -> String {
    let inner = element.query_selector(selector).ok().flatten();
    inner.and_then(|inner| inner.text_content()).unwrap_or_default()
}

/// The button that was pressed, and what it is for: its `data-act`.
pub(crate) fn act_of(event: &web_sys::Event) -> Option<(String, web_sys::Element)> {
    use leptos::wasm_bindgen::JsCast;
    let pressed = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let button = pressed.closest("[data-act]").ok()??;
    Some((button.get_attribute("data-act")?, button))
}

/// Asks before something is gone for good, in the page's dialog for that: see [`crate::component::confirm`].
pub(crate) fn ask(question: &str) {
    use leptos::wasm_bindgen::JsCast;
    write(".confirm__question", question);
    if let Some(Ok(dialog)) = find(".confirm").map(JsCast::dyn_into::<web_sys::HtmlDialogElement>) {
        let _ = dialog.show_modal();
    }
}

/// Puts text on the clipboard. The browser's own call is there in secure contexts only, and a newcomer's server may
/// be at a plain http address of the house: the older way works there.
pub(crate) async fn copy(text: &str) -> bool {
    if window().is_secure_context() {
        let written = window().navigator().clipboard().write_text(text);
        return wasm_bindgen_futures::JsFuture::from(written).await.is_ok();
    }
    copy_by_selection(text).unwrap_or_default()
}

fn copy_by_selection(text: &str) -> Option<bool> {
    use leptos::wasm_bindgen::JsCast;
    let document = leptos::prelude::document()
        .dyn_into::<web_sys::HtmlDocument>()
        .ok()?;
    let had_focus = document.active_element();
    let field = document.create_element("textarea").ok()?;
    let field = field.dyn_into::<web_sys::HtmlTextAreaElement>().ok()?;
    field.set_value(text);
    field.set_class_name("unseen");
    document.body()?.append_child(&field).ok()?;
    field.select();
    let done = document.exec_command("copy").ok();
    field.remove();
    if let Some(element) = had_focus.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.focus();
    }
    done
}

/// Gives the page another address without leaving it.
pub(crate) fn replace_address(path: &str) {
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&leptos::wasm_bindgen::JsValue::NULL, "", Some(path));
    }
}

/// Takes what stands behind the `#` out of the address: it was for once.
pub(crate) fn forget_hash() {
    let location = window().location();
    if let (Ok(path), Ok(query)) = (location.pathname(), location.search()) {
        replace_address(&format!("{path}{query}"));
    }
}

/// Says in the address what is searched for, so that the page is found as it is by reload and by Back.
pub(crate) fn say_search(words: &str, bot: &str) {
    if let Ok(path) = window().location().pathname() {
        replace_address(&format!("{path}{}", query(&[("q", words), ("bot", bot)])));
    }
}

/// A query of those that are not empty.
pub(crate) fn query(pairs: &[(&str, &str)]) -> String {
    let mut query = String::new();
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        query.push(if query.is_empty() { '?' } else { '&' });
        query.push_str(name);
        query.push('=');
        query.push_str(&String::from(js_sys::encode_uri_component(value)));
    }
    query
}

/// Sends a request that outlives the page (`keepalive`), which no client of ours knows of.
pub(crate) fn send_and_leave(method: &str, path: &str, token: &str) -> Option<()> {
    use leptos::wasm_bindgen::{JsCast, JsValue};
    let set = |of: &js_sys::Object, name: &str, value: &JsValue| {
        js_sys::Reflect::set(of, &name.into(), value).ok().map(drop)
    };
    let (request, headers) = (js_sys::Object::new(), js_sys::Object::new());
    set(&headers, "authorization", &format!("Bearer {token}").into())?;
    set(&request, "method", &method.into())?;
    set(&request, "keepalive", &JsValue::TRUE)?;
    set(&request, "headers", &headers)?;
    // The promise is nobody's: the page is gone when it is kept.
    let _ = at_server(path, |address| {
        window().fetch_with_str_and_init(address, request.unchecked_ref())
    });
    Some(())
}

/// Puts the focus on a field, with all that is in it chosen.
pub(crate) fn select(selector: &str) {
    use leptos::wasm_bindgen::JsCast;
    if let Ok(Some(field)) = leptos::prelude::document().query_selector(selector)
        && let Ok(field) = field.dyn_into::<web_sys::HtmlInputElement>()
    {
        let _ = field.focus();
        field.select();
    }
}
