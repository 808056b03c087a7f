//! The document around the app. Everything in it obeys the Content-Security-Policy: no inline style, no
//! inline handler, and scripts only with the nonce that leptos_axum mints.

use crate::{App, data::page_data};
use leptos::{config::LeptosOptions, prelude::*};
use leptos_meta::{MetaTags, provide_meta_context};
use wire::auth::Theme;

/// The whole HTML document, for `leptos_axum`.
///
/// Its type is erased here, so that this crate compiles the pages' rendering, and who calls it does not.
pub fn shell(options: LeptosOptions) -> AnyView {
    provide_meta_context();
    let look = page_data().map(|data| data.look()).unwrap_or_default();
    // The style sheet's own word for "as the device does" is none.
    let theme = Some(look.theme)
        .filter(|theme| *theme != Theme::System)
        .map(Theme::word);
    let stylesheet = format!("/{}/{}.css", options.site_pkg_dir, options.output_name);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content"/>
                <meta name="color-scheme" content=theme.unwrap_or("light dark")/>
                {theme_colours(look.theme)}
                <link rel="icon" type="image/svg+xml" href="/favicon.svg"/>
                <link rel="stylesheet" href=stylesheet/>
                <HydrationScripts options islands=true/>
                <ScrollToEnd/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
    .into_any()
}

/// What the browser draws around the page.
fn theme_colours(theme: Theme) -> impl IntoView {
    const PAPER: &str = "#f7f2e8";
    const LAMP: &str = "#1d1814";
    let colours = match theme {
        Theme::Light => vec![(None, PAPER)],
        Theme::Dark => vec![(None, LAMP)],
        Theme::System => vec![
            (Some("(prefers-color-scheme: light)"), PAPER),
            (Some("(prefers-color-scheme: dark)"), LAMP),
        ],
    };
    let meta = |(media, colour)| view! { <meta name="theme-color" media=media content=colour/> };
    colours.into_iter().map(meta).collect_view()
}

/// A conversation is read from its end, also before the wasm is there and should it never come.
#[component]
fn ScrollToEnd() -> impl IntoView {
    let script = "addEventListener('DOMContentLoaded',()=>{\
                  const log=document.querySelector('[data-scroll-end]');\
                  if(log)log.scrollTop=log.scrollHeight})";
    view! { <script nonce=leptos::nonce::use_nonce()>{script}</script> }
}
