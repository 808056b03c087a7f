//! A document's file, for who has a token: a link has none, so the page fetches what it would lead to, and the browser keeps it
//! as if it had come by the link.

use super::{Failure, base::at_server, token};
use gloo_net::http::RequestBuilder;
use leptos::wasm_bindgen::JsCast;
use web_sys::{Blob, Element, HtmlElement, Url};

/// `GET` of this path, which gives a file, into the browser's downloads.
pub(crate) async fn download(path: &str, name: &str) -> Result<(), Failure> {
    let token = token::current().await?;
    let answer = at_server(path, RequestBuilder::new)
        .header("authorization", &format!("Bearer {token}"))
        .send()
        .await
        .ok()
        .filter(gloo_net::http::Response::ok)
        .ok_or(Failure::Network)?;
    let bytes = answer.binary().await.map_err(|_| Failure::Network)?;
    keep(&bytes, name).ok_or(Failure::Network)
}

fn keep(bytes: &[u8], name: &str) -> Option<()> {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    let blob = Blob::new_with_u8_array_sequence(&parts).ok()?;
    let address = Url::create_object_url_with_blob(&blob).ok()?;
    let link: Element = leptos::prelude::document().create_element("a").ok()?;
    link.set_attribute("href", &address).ok()?;
    link.set_attribute("download", name).ok()?;
    link.dyn_into::<HtmlElement>().ok()?.click();
    // The browser has taken it by now; until then it would be gone.
    leptos::prelude::set_timeout(
        move || {
            let _ = Url::revoke_object_url(&address);
        },
        std::time::Duration::from_secs(60),
    );
    Some(())
}
