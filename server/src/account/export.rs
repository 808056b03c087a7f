//! Everything that somebody has here, as one ZIP file: made while it is sent, never whole in memory.
//!
//! What is in it is written for people first (Markdown, the files as they were) and for programs beside it (JSON). Start at
//! [`start`]; what stands in the file is [`contents`]'s, how a ZIP is written [`archive`]'s.

mod archive;
mod contents;
mod name;

use crate::{
    app::AppState,
    problem::{ApiError, ApiResult},
};
use archive::Archive;
use axum::body::Bytes;
use futures::{Stream, stream};
use parking_lot::Mutex;
use std::{collections::HashSet, io, sync::Arc};
use store::user::UserRecord;
use tokio::sync::mpsc;
use wire::{ProblemCode, UserId};

/// Pieces that wait for a slow client.
const QUEUE: usize = 4;

/// Whose exports are being made here: one at a time for each.
#[derive(Debug, Default, Clone)]
pub struct Exports(Arc<Mutex<HashSet<UserId>>>);

/// One that is being made.
struct Making {
    exports: Exports,
    user: UserId,
}

impl Exports {
    /// `None`: one is being made already.
    fn begin(&self, user: UserId) -> Option<Making> {
        self.0.lock().insert(user).then(|| Making {
            exports: self.clone(),
            user,
        })
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        self.exports.0.lock().remove(&self.user);
    }
}

/// The file, piece by piece. One that breaks off ends with an error, so that nobody takes it for whole.
///
/// # Errors
/// `rate_limited` while another one is being made for this user.
pub fn start(
    app: &AppState,
    user: UserRecord,
) -> ApiResult<impl Stream<Item = io::Result<Bytes>> + Send + use<>> {
    let making = app.exports.begin(user.id).ok_or_else(|| {
        let detail = "Your export is being made already; wait for it to end";
        ApiError::new(ProblemCode::RateLimited, detail).retry_after(10)
    })?;
    let (out, pieces) = mpsc::channel(QUEUE);
    let (app, tasks) = (AppState::clone(app), app.tasks.clone());
    tasks.spawn(async move {
        let _making = making;
        let made = async {
            let mut archive = Archive::new(out.clone(), app.clock.now());
            contents::write(&app, &user, &mut archive).await?;
            archive.finish().await
        };
        let made = tokio::select! {
            made = made => made,
            () = app.shutdown.cancelled() => Err(io::Error::other("the server is going away")),
        };
        if let Err(error) = made {
            tracing::warn!(%error, user.id = %user.id, "An export was broken off");
            // Nobody listening is the likeliest reason.
            let _nobody_listens = out.try_send(Err(error));
        }
    });
    Ok(stream::unfold(pieces, |mut pieces| async move {
        let piece = pieces.recv().await?;
        Some((piece, pieces))
    }))
}

/// How the file is called.
pub fn file_name(app: &AppState) -> String {
    format!("parlance-{}.zip", name::day(app.clock.now()))
}
