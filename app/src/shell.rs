//! The document around the app. Everything in it obeys the Content-Security-Policy: no inline style, no
//! inline handler, and scripts only with the nonce that leptos_axum mints.

use crate::{App, Files};
use leptos::{config::LeptosOptions, prelude::*};
use leptos_meta::{MetaTags, provide_meta_context};

/// The whole HTML document, for `leptos_axum`.
///
/// Its type is erased here, so that this crate compiles the pages' rendering, and who calls it does not.
pub fn shell(mut options: LeptosOptions) -> AnyView {
    provide_meta_context();
    let Files { bundle, style } = use_context().unwrap_or_else(|| Files {
        // While routes are listed.
        bundle: options.output_name.to_string(),
        style: options.output_name.to_string(),
    });
    let stylesheet = format!("/{}/{style}.css", options.site_pkg_dir);
    options.output_name = bundle.into();
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#f7f2e8"/>
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#1d1814"/>
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

/// A conversation is read from its end, also before the wasm is there and should it never come.
#[component]
fn ScrollToEnd() -> impl IntoView {
    let script = "addEventListener('DOMContentLoaded',()=>{\
                  const log=document.querySelector('[data-scroll-end]');\
                  if(log)log.scrollTop=log.scrollHeight})";
    view! { <script nonce=leptos::nonce::use_nonce()>{script}</script> }
}
