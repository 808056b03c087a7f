//! A file on its way to a chatbot's documents. By `XMLHttpRequest`: `fetch` does not say how much was sent.

use super::{
    Failure,
    base::at_server,
    request::{read, refused},
    token,
};
use crate::json::Value;
use futures::channel::oneshot;
use leptos::wasm_bindgen::{JsCast, closure::Closure};
use wire::{ChatbotId, ProblemCode};

/// What the browser reads of [`wire::document::Uploaded`]: whether one of these files was known.
fn is_known(value: Value) -> Option<bool> {
    let files = value.items(|mut file| Some(file.flag("known")))?;
    Some(files.contains(&true))
}

/// `POST /chatbot/{id}/document` with one file: so one that is refused refuses no other. `sent` hears what part of it is
/// on its way, in per cent. Gives whether the chatbot had this very file already.
pub(crate) async fn upload(
    bot: ChatbotId,
    file: &web_sys::File,
    sent: impl Fn(u32) + Clone + 'static,
) -> Result<bool, Failure> {
    let path = format!("/chatbot/{bot}/document");
    let token = token::current().await?;
    let mut answer = post(&path, file, &token, Box::new(sent.clone())).await;
    if let Err(failure) = &answer
        && failure.code() == Some(ProblemCode::Unauthenticated)
    {
        let token = token::renew().await?;
        answer = post(&path, file, &token, Box::new(sent)).await;
    }
    read(&answer?, is_known)
}

async fn post(
    path: &str,
    file: &web_sys::File,
    token: &str,
    sent: Box<dyn Fn(u32)>,
) -> Result<String, Failure> {
    let broken = |_| Failure::Network;
    let request = web_sys::XmlHttpRequest::new().map_err(broken)?;
    let form = web_sys::FormData::new().map_err(broken)?;
    form.append_with_blob_and_filename("file", file, &file.name())
        .map_err(broken)?;
    at_server(path, |address| request.open("POST", address)).map_err(broken)?;
    request
        .set_request_header("authorization", &format!("Bearer {token}"))
        .map_err(broken)?;
    let progress = Closure::<dyn FnMut(web_sys::ProgressEvent)>::new(move |event: web_sys::ProgressEvent| {
        sent(per_cent(event.loaded(), event.total()));
    });
    let (end, ended) = oneshot::channel();
    // Whatever the end is: an answer, a lost connection.
    let finish = Closure::once(move || {
        let _ = end.send(());
    });
    if let Ok(upload) = request.upload() {
        upload.set_onprogress(Some(progress.as_ref().unchecked_ref()));
    }
    request.set_onloadend(Some(finish.as_ref().unchecked_ref()));
    request.send_with_opt_form_data(Some(&form)).map_err(broken)?;
    let _ = ended.await;
    let text = request.response_text().ok().flatten().unwrap_or_default();
    match request.status() {
        Ok(200..300) => Ok(text),
        _ => Err(refused(&text)),
    }
}

/// Rounded down: a hundred is all of it.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is from 0 to 100; `as` saturates"
)]
fn per_cent(part: f64, whole: f64) -> u32 {
    if whole > 0.0 {
        (part / whole * 100.0).clamp(0.0, 100.0) as u32
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::per_cent;

    #[test]
    fn a_hundred_per_cent_is_all_of_it_and_nothing_less() {
        assert_eq!(per_cent(0.0, 200.0), 0);
        assert_eq!(per_cent(199.9, 200.0), 99);
        assert_eq!(per_cent(200.0, 200.0), 100);
        assert_eq!(
            per_cent(5.0, 0.0),
            0,
            "an empty file, or a length that is not known"
        );
    }
}
