//! Files in a form (`multipart/form-data`), taken part by part as they come: for the API's route, and for the form of the
//! page.

use crate::{
    app::App,
    field,
    library::upload::Shelf,
    problem::{ApiError, ApiResult},
};
use axum::{
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request, multipart::MultipartError},
    http::StatusCode,
};
use store::user::UserRecord;
use wire::{ProblemCode, document::Uploaded};

/// Files in one request, at most.
const FILES: usize = 50;
/// What a multipart body may have beside its files.
const ENVELOPE: u64 = 1024 * 1024;

/// The form in this request, of which nothing is read yet.
///
/// # Errors
/// `unsupported_media_type`.
pub(in crate::http) async fn form(app: &App, mut request: Request) -> ApiResult<Multipart> {
    let most = app
        .config
        .documents
        .document_bytes
        .saturating_mul(u64::try_from(FILES).unwrap_or(u64::MAX))
        .saturating_add(ENVELOPE);
    DefaultBodyLimit::max(usize::try_from(most).unwrap_or(usize::MAX)).apply(&mut request);
    Multipart::from_request(request, &()).await.map_err(|_| {
        ApiError::new(
            ProblemCode::UnsupportedMediaType,
            "Please send the files as multipart/form-data",
        )
    })
}

/// Puts the files of a form on a shelf, in their order. Those before one that is refused stay.
///
/// # Errors
/// `invalid_field` for a form without files, or with an empty one; `too_large`, `quota_exceeded`; `invalid_request` for one
/// that breaks off.
pub(in crate::http) async fn take(
    app: &App,
    user: &UserRecord,
    shelf: &Shelf,
    form: &mut Multipart,
) -> ApiResult<Vec<Uploaded>> {
    let mut uploaded = Vec::new();
    while let Some(mut part) = form.next_field().await.map_err(|error| broken_off(&error))? {
        let Some(name) = part.file_name().map(str::to_owned) else {
            continue;
        };
        let mut bytes = part.chunk().await.map_err(|error| broken_off(&error))?;
        // What is empty begins with a piece of nothing.
        while bytes.as_ref().is_some_and(Bytes::is_empty) {
            bytes = part.chunk().await.map_err(|error| broken_off(&error))?;
        }
        if name.is_empty() && bytes.is_none() {
            // A field of a page in which nothing was chosen.
            continue;
        }
        if uploaded.len() >= FILES {
            let detail = format!("At most {FILES} files are taken at once; the first {FILES} were");
            return Err(ApiError::new(ProblemCode::TooLarge, detail));
        }
        let mut file = shelf.begin(app, &name).await?;
        while let Some(some) = bytes {
            file.write(&some).await?;
            bytes = part.chunk().await.map_err(|error| broken_off(&error))?;
        }
        let one = file.finish().await?;
        shelf.note(app, user, &one).await;
        uploaded.push(one);
    }
    if uploaded.is_empty() {
        return Err(field::invalid("file", "there is none in the form"));
    }
    Ok(uploaded)
}

/// Reads what is left of a form, and keeps none of it: a browser reads no answer before it has sent all. Bounded as the form
/// is.
pub(in crate::http) async fn pass_over(form: &mut Multipart) {
    while let Ok(Some(mut part)) = form.next_field().await {
        while let Ok(Some(_)) = part.chunk().await {}
    }
}

fn broken_off(error: &MultipartError) -> ApiError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        ApiError::new(ProblemCode::TooLarge, "This is more than is taken at once")
    } else {
        ApiError::new(
            ProblemCode::InvalidRequest,
            "The upload broke off, or is no form with files",
        )
    }
}
