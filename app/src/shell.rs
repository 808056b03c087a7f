//! The document around the app. Everything in it obeys the Content-Security-Policy: no inline style, no
//! inline handler, and scripts only with the nonce that leptos_axum mints.

use crate::{App, Files, data::page_data, text};
use leptos::{config::LeptosOptions, prelude::*};
use leptos_meta::{MetaTags, provide_meta_context};
use std::sync::LazyLock;
use wire::auth::Theme;

/// The whole HTML document, for `leptos_axum`.
///
/// Its type is erased here, so that this crate compiles the pages' rendering, and who calls it does not.
pub fn shell(options: LeptosOptions) -> AnyView {
    provide_meta_context();
    let Files { bundle, style } = use_context().unwrap_or_else(|| Files {
        // While routes are listed.
        bundle: Some(options.output_name.to_string()),
        style: options.output_name.to_string(),
    });
    let stylesheet = format!("/{}/{style}.css", options.site_pkg_dir);
    // Where nothing is to wake up, all is awake, and there is nobody to say words.
    let awake = bundle.is_none().then_some("");
    let words = bundle.is_some().then(|| {
        // No program, so no policy stops it.
        view! { <script type="text/plain" id=text::ELEMENT>{text::language().payload()}</script> }
    });
    let wakes = bundle.map(|bundle| {
        let bundle = format!("/{}/{bundle}", options.site_pkg_dir);
        view! { <Wake bundle/> }
    });
    // The style sheet's own word for "as the device does" is none.
    let theme = page_data().map(|data| data.theme()).unwrap_or_default();
    let chosen = Some(theme)
        .filter(|theme| *theme != Theme::System)
        .map(Theme::word);
    let language = text::language();
    view! {
        <!DOCTYPE html>
        <html lang=language.tag() dir=language.direction() data-theme=chosen data-hydrated=awake>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content"/>
                <meta name="color-scheme" content=chosen.unwrap_or("light dark")/>
                {theme_colours(theme)}
                <link rel="icon" type="image/svg+xml" href=icon()/>
                <link rel="stylesheet" href=stylesheet/>
                <link rel="manifest" href="/manifest.webmanifest"/>
                <link rel="apple-touch-icon" href="/icon-192.png"/>
                {wakes}
                <PageScript/>
                <MetaTags/>
            </head>
            <body>
                <App/>
                // What islands say.
                {words}
            </body>
        </html>
    }
    .into_any()
}

/// What the browser draws around the page: the paper of the theme.
fn theme_colours(theme: Theme) -> AnyView {
    match theme {
        Theme::Light => view! { <meta name="theme-color" content="#f7f2e8"/> }.into_any(),
        Theme::Dark => view! { <meta name="theme-color" content="#1d1814"/> }.into_any(),
        Theme::System => {
            let light = view! { <meta name="theme-color" content="#f7f2e8"/> };
            let dark = view! { <meta name="theme-color" content="#1d1814"/> };
            (
                light.attr("media", "(prefers-color-scheme: light)"),
                dark.attr("media", "(prefers-color-scheme: dark)"),
            )
                .into_any()
        }
    }
}

/// The icon itself, in place of its address: browsers ask for it anew with each page.
fn icon() -> &'static str {
    static ICON: LazyLock<String> = LazyLock::new(|| {
        let lines = include_str!("../../public/favicon.svg").lines().map(str::trim);
        let mut icon = "data:image/svg+xml,".to_owned();
        for letter in lines.flat_map(str::chars) {
            match letter {
                '"' => icon.push('\''),
                '#' => icon.push_str("%23"),
                '<' => icon.push_str("%3C"),
                '>' => icon.push_str("%3E"),
                other => icon.push(other),
            }
        }
        icon
    });
    &ICON
}

/// Fetches the wasm when the page has been painted, and makes its islands live: in the place of leptos' `HydrationScripts`,
/// whose preloads come before what there is to be read. One that does not arrive is asked for again. A page that nobody
/// looks at is painted never, and wakes all the same.
#[component]
fn Wake(
    /// The address of its files, without their endings.
    bundle: String,
) -> impl IntoView {
    let script = format!(
        r#"({})("{bundle}.js","{bundle}.wasm")"#,
        include_str!("shell/wake.js").trim()
    );
    view! { <script nonce=leptos::nonce::use_nonce()>{script}</script> }
}

/// A conversation is read from its end, also before the wasm is there and should it never come.
///
/// The service worker is asked for when the page has come to rest: it is for another time.
#[component]
fn PageScript() -> impl IntoView {
    let script = "addEventListener('DOMContentLoaded',()=>{\
                  const log=document.querySelector('[data-scroll-end]');\
                  if(!log)return;\
                  const found=document.getElementById(log.dataset.scrollEnd);\
                  if(found)found.scrollIntoView();else log.scrollTop=log.scrollHeight});\
                  addEventListener('load',()=>setTimeout(()=>\
                  navigator.serviceWorker?.register('/service-worker.js').catch(()=>{}),5000))";
    view! { <script nonce=leptos::nonce::use_nonce()>{script}</script> }
}
