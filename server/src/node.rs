//! This server among others on one store: what they do that concerns who is here.
//!
//! Sessions that were opened elsewhere, prompts taken elsewhere, answers written elsewhere, stops asked for elsewhere:
//! all of it is in the store, and this is who looks. Polling is the truth; hints of the store only make the next look
//! come sooner. A server that is alone on its store needs none of this. Must not know frames. Start at [`run`].

pub mod look;

use crate::{app::AppState, clock::DatabaseClock, outage::Outage};
use std::{sync::Arc, time::Duration};
use store::{Hint, Hints};
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, sleep_until},
};

/// A look that no hint made sooner. What happens on another node is known here within this and the time a look takes:
/// the promise is a second.
const LOOK_INTERVAL: Duration = Duration::from_millis(400);
/// Hints that come together make one look.
const GATHER: Duration = Duration::from_millis(20);
/// However many hints come, looks are not closer together.
const LEAST_PAUSE: Duration = Duration::from_millis(100);
/// How often the database's clock is looked at.
const COMPARE_INTERVAL: Duration = Duration::from_secs(30);

/// Looks until the end of the program: also while it drains, so that a stop still reaches what is being written.
pub async fn run(app: AppState, clock: Option<Arc<DatabaseClock>>) {
    let mut hints = app.store.hints();
    let mut outage = Outage::of("see what other servers do");
    let mut looked_at = Instant::now();
    let mut look_at = looked_at;
    let mut compare_at = Instant::now() + COMPARE_INTERVAL;
    loop {
        tokio::select! {
            () = sleep_until(look_at) => {
                looked_at = Instant::now();
                look_at = looked_at + LOOK_INTERVAL;
                outage.note(look::round(&app).await);
            }
            hint = next(&mut hints) => if concerns(&app, hint) {
                look_at = look_at.min((looked_at + LEAST_PAUSE).max(Instant::now() + GATHER));
            },
            () = sleep_until(compare_at), if clock.is_some() => {
                compare_at = Instant::now() + COMPARE_INTERVAL;
                if let Some(clock) = &clock && let Err(error) = clock.compare(&*app.store).await {
                    tracing::debug!(%error, "Could not compare clocks; trying again");
                }
            }
        }
    }
}

/// The next hint; `None` in its place when some were missed.
async fn next(hints: &mut Option<Hints>) -> Option<Hint> {
    let Some(receiver) = hints else {
        return std::future::pending().await;
    };
    match receiver.recv().await {
        Ok(hint) => Some(hint),
        Err(RecvError::Lagged(_)) => None,
        Err(RecvError::Closed) => {
            *hints = None;
            None
        }
    }
}

/// Whether to look sooner.
fn concerns(app: &AppState, hint: Option<Hint>) -> bool {
    match hint {
        None => true,
        Some(Hint::Generation(id)) => {
            // Wakes its tail, if there is one. A stop is found by the next look: batches come far more often.
            app.chat.hint(id);
            false
        }
        Some(Hint::Conversation(id)) => app.sessions.is_open(id),
        Some(Hint::Session(id)) => app.sessions.has(id),
    }
}
