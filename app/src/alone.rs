//! The interface alone: a browser draws whole pages, and a server somewhere else answers what they ask. For who works on the
//! interface, and for who serves it from another place ([decision 19](../../docs/decisions/0019-the-front-alone.md)).
//!
//! To the server this is a client like any other: REST and the socket, by tokens, from an origin on its list. Each page is
//! loaded anew, as the server's pages are: islands know no other way.
//!
//! Must not know: what a page shows. Start at [`start`]; `data` is where pages get what the server would give them, `ways`
//! what links and forms do here.

mod data;
mod ways;

use crate::{
    App,
    data::PageData,
    net::{base, browser, token},
    page::Offline,
    text::{self, Language},
};
use data::Read;
use leptos::{logging, mount::mount_to_body, prelude::*};
use leptos_meta::provide_meta_context;
use std::sync::Arc;
use wire::auth::Theme;

/// Pages for who is not signed in.
const SIGNED_OUT_PAGES: [&str; 2] = ["/sign-in", "/sign-up"];

/// The word by which a browser keeps the language that was chosen.
const LANGUAGE: &str = "parlance.language";

/// Draws the page that the address asks for, by what the server at this address says: `https://chat.example.org`.
pub fn start(server: &str) {
    // Without it a panic says `unreachable`.
    std::panic::set_hook(Box::new(|panic| logging::error!("{panic}")));
    base::is_at(server);
    ways::lead_from_page_to_page();
    wasm_bindgen_futures::spawn_local(draw());
}

async fn draw() {
    text::speak(language(None));
    let path = window().location().pathname().unwrap_or_default();
    let for_signed_out = SIGNED_OUT_PAGES.contains(&path.as_str());
    let signed_in = token::held().is_some();
    match signed_in {
        true if for_signed_out => return browser::go_to("/"),
        false if !for_signed_out => return browser::go_to("/sign-in"),
        _ => {}
    }
    match Read::new(signed_in).await {
        Ok(data) => {
            text::speak(language(data.user()));
            dress(data.theme());
            mount_to_body(move || {
                provide_context::<Arc<dyn PageData>>(Arc::new(data));
                view! { <App/> }
            });
            crate::announce_hydration();
        }
        // A token that has ended leads to the sign-in page.
        Err(failure) if failure.code().is_some() => {}
        Err(_) => {
            logging::warn!(
                "{} does not answer. Does it run, and has it {} in PARLANCE_ALLOWED_ORIGINS?",
                base::at_server("", str::to_owned),
                window().location().origin().unwrap_or_default()
            );
            dress(Theme::System);
            mount_to_body(|| {
                provide_meta_context();
                view! { <Offline/> }
            });
        }
    }
}

/// The language of the page: the user's own, the one that was chosen here, the browser's.
fn language(user: Option<wire::auth::User>) -> Language {
    let query = window().location().search().unwrap_or_default();
    let chosen = query.strip_prefix("?language=").and_then(Language::of_tag);
    if let Some(chosen) = chosen {
        browser::keep(LANGUAGE, chosen.tag());
    }
    let of_tag = |tag: Option<String>| tag.as_deref().and_then(Language::of_tag);
    chosen
        .or_else(|| of_tag(user.and_then(|user| user.language)))
        .or_else(|| of_tag(browser::recall(LANGUAGE)))
        .unwrap_or_else(|| {
            let liked = window().navigator().languages().join(",");
            Language::of_header(&String::from(liked))
        })
}

/// What the server's document says around the page.
fn dress(theme: Theme) {
    let language = text::language();
    let root = document().document_element();
    let set = |name: &str, value: &str| {
        if let Some(root) = &root {
            let _ = root.set_attribute(name, value);
        }
    };
    set("lang", language.tag());
    set("dir", language.direction());
    // The style sheet's own word for "as the device does" is none.
    if theme != Theme::System {
        set("data-theme", theme.word());
        if let Some(scheme) = browser::find("meta[name=color-scheme]") {
            let _ = scheme.set_attribute("content", theme.word());
        }
    }
}

/// A page that consists of forms which the server takes, of its own pages only: it is seen there, by who is signed in there.
#[component]
pub(crate) fn AtServer() -> impl IntoView {
    let location = window().location();
    let path = location.pathname().unwrap_or_default();
    let query = location.search().unwrap_or_default();
    base::at_server(&format!("{path}{query}"), browser::go_to);
}
