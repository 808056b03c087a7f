//! Files in a form (`multipart/form-data`), taken part by part as they come: for the API's route, and for the form of the
//! page.

mod watch;

use crate::{
    app::{App, AppState},
    field,
    library::upload::Shelf,
    problem::{ApiError, ApiResult},
};
use axum::{
    body::{Body, Bytes},
    extract::{
        DefaultBodyLimit, FromRequest, Multipart, Request,
        multipart::{Field, MultipartError},
    },
    http::StatusCode,
};
use std::sync::Arc;
use store::user::UserRecord;
use watch::{Watch, Watched};
use wire::{ProblemCode, document::Uploaded};

/// Files in one request, at most.
const FILES: usize = 50;
/// What a multipart body may have beside its files.
const ENVELOPE: u64 = 1024 * 1024;

/// A form with files.
#[derive(Debug)]
pub(in crate::http) struct Form {
    parts: Multipart,
    watch: Arc<Watch>,
}

/// A part of a form.
#[derive(Debug)]
pub(in crate::http) struct Part<'a> {
    field: Field<'a>,
    watch: &'a Watch,
}

impl Form {
    /// The one in this request, of which nothing is read yet.
    ///
    /// # Errors
    /// `unsupported_media_type`.
    pub(in crate::http) async fn in_request(app: &App, request: Request) -> ApiResult<Self> {
        let most = app
            .config
            .documents
            .document_bytes
            .saturating_mul(u64::try_from(FILES).unwrap_or(u64::MAX))
            .saturating_add(ENVELOPE);
        let watch = Arc::new(Watch::default());
        let mut request = request.map(|body| Body::from_stream(Watched::new(body, Arc::clone(&watch), most)));
        DefaultBodyLimit::max(usize::try_from(most).unwrap_or(usize::MAX)).apply(&mut request);
        match Multipart::from_request(request, &()).await {
            Ok(parts) => Ok(Self { parts, watch }),
            Err(_) => Err(ApiError::new(
                ProblemCode::UnsupportedMediaType,
                "Please send the files as multipart/form-data",
            )),
        }
    }

    /// The next part. The one before must be read to its end.
    ///
    /// # Errors
    /// `invalid_request` when it breaks off; `too_large`.
    pub(in crate::http) async fn next_part(&mut self) -> ApiResult<Option<Part<'_>>> {
        let watch = &*self.watch;
        let next = self.parts.next_field().await;
        let next = next.map_err(|error| broken_off(&error, watch))?;
        watch.gave();
        Ok(next.map(|field| Part { field, watch }))
    }

    /// Reads what is left, and keeps none of it: a browser reads no answer before it has sent all. Bounded as the form is.
    pub(in crate::http) async fn pass_over(&mut self) {
        self.watch.pass_over();
        // What was read before is found once more.
        while let Ok(Some(_)) = self.parts.next_field().await {}
    }
}

impl Part<'_> {
    /// The field's name.
    pub(in crate::http) fn name(&self) -> Option<&str> {
        self.field.name()
    }

    /// The next piece of what it holds; `None` at its end.
    ///
    /// # Errors
    /// As [`Form::next_part`].
    pub(in crate::http) async fn piece(&mut self) -> ApiResult<Option<Bytes>> {
        let piece = self.field.chunk().await;
        let piece = piece.map_err(|error| broken_off(&error, self.watch))?;
        self.watch.gave();
        Ok(piece)
    }
}

/// Puts the files of a form on a shelf, in their order. Those before one that is refused stay.
///
/// # Errors
/// `invalid_field` for a form without files, or with an empty one; `too_large`, `quota_exceeded`, `rate_limited`;
/// `invalid_request` for one that breaks off.
pub(in crate::http) async fn take(
    app: &AppState,
    user: &UserRecord,
    shelf: &Shelf,
    form: &mut Form,
) -> ApiResult<Vec<Uploaded>> {
    let mut uploaded = Vec::new();
    while let Some(mut part) = form.next_part().await? {
        let Some(name) = part.field.file_name().map(str::to_owned) else {
            while part.piece().await?.is_some() {}
            continue;
        };
        let mut bytes = part.piece().await?;
        // What is empty begins with a piece of nothing.
        while bytes.as_ref().is_some_and(Bytes::is_empty) {
            bytes = part.piece().await?;
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
            bytes = part.piece().await?;
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

fn broken_off(error: &MultipartError, watch: &Watch) -> ApiError {
    if watch.is_over() {
        let detail = "The form says too much beside its files: names and headers may have 64 KB";
        ApiError::new(ProblemCode::TooLarge, detail)
    } else if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        ApiError::new(ProblemCode::TooLarge, "This is more than is taken at once")
    } else {
        ApiError::new(
            ProblemCode::InvalidRequest,
            "The upload broke off, or is no form with files",
        )
    }
}
