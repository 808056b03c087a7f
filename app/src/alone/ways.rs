//! Ways from page to page: every page is loaded anew. And what the server would do for a page's links and forms.

use crate::net::{api, browser, download::download, token};
use leptos::{
    prelude::window,
    wasm_bindgen::{JsCast, closure::Closure},
};
use web_sys::{Element, Event};

/// From now on. Before the router is there, which would draw the next page into this one.
pub(super) fn lead_from_page_to_page() {
    first_hear("click", clicked);
    // Only the place on the page has changed, or the address was made a better one.
    first_hear("popstate", Event::stop_immediate_propagation);
    first_hear("submit", submitted);
}

/// Hears of it before anybody else does.
fn first_hear(kind: &str, heard: fn(&Event)) {
    let heard = Closure::<dyn FnMut(Event)>::new(move |event| heard(&event)).into_js_value();
    let _ = window().add_event_listener_with_callback_and_bool(kind, heard.unchecked_ref(), true);
}

fn clicked(event: &Event) {
    let link = target(event).and_then(|target| target.closest("a[href]").ok().flatten());
    let Some(link) = link else { return };
    // The router leaves such a link to the browser.
    let _ = link.set_attribute("rel", "external");
    let address = link.get_attribute("href").unwrap_or_default();
    if let Some(path) = file(&address) {
        event.prevent_default();
        let line = link.closest(".file").ok().flatten();
        let name = line.map(|line| browser::text_of(&line, ".file__name"));
        wasm_bindgen_futures::spawn_local(async move {
            if let Err(failure) = download(&path, &name.unwrap_or_default()).await {
                browser::write(".files .problem", &failure.text());
            }
        });
    }
}

/// Where the file is that this link leads to: there it is for who has a cookie.
fn file(address: &str) -> Option<String> {
    let document = address.strip_prefix("/bot/")?.strip_suffix("/file")?;
    Some(format!("/chatbot/{document}/content"))
}

fn submitted(event: &Event) {
    let Some(form) = target(event) else { return };
    if form.get_attribute("action").as_deref() == Some("/sign-out") {
        event.prevent_default();
        wasm_bindgen_futures::spawn_local(async {
            // Whether it is heard or not, nobody is signed in here any more.
            let _ = api::log_out().await;
            token::forget();
            browser::go_to("/sign-in?out=1");
        });
    }
}

fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}
