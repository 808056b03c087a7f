//! The end of an account: everything of it goes.
//!
//! First it is written down that it shall go (in a note of the store's), then the account itself goes: from here on
//! nobody is signed in to it, and its address is free. Then its sign-ins, its session, its conversations, its chatbots
//! with their documents. Whoever dies in between leaves the note, and a later round goes on. The note stays for a while
//! after that: what somebody was just adding goes with the round after.
//!
//! Start at [`begin`], which a person does, and at [`round`], which the program does.

use super::password;
use crate::{
    app::{App, AppState},
    audit::{self, Who},
    auth::Authenticated,
    chat::generation,
    outage::Outage,
    problem::{ApiError, ApiResult},
};
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, time::Duration};
use store::{Result, StoreError, user::UserRecord};
use wire::{ProblemCode, Timestamp, UserId, admin::AuditKind, auth::AccountDeletion, socket::CloseReason};

/// The note's name.
const NOTE: &str = "account_deletions";
/// How often it looks.
const INTERVAL: Duration = Duration::from_secs(60);
/// How long it looks again for what came late.
const LOOKED_AFTER: Duration = Duration::from_secs(5 * 60);
/// Conversations that are looked for at a time.
const SLICE: u32 = 50;
/// How often the note is written again when another node writes it too.
const TRIES: u32 = 10;

/// An account that shall go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Intended {
    user: UserId,
    at: Timestamp,
}

/// Takes the account away. When this returns it is gone; what belongs to it goes within moments.
///
/// # Errors
/// `wrong_credentials`, `rate_limited`, and the store's.
pub async fn begin(
    app: &AppState,
    who: &Authenticated,
    asked: AccountDeletion,
    from: IpAddr,
) -> ApiResult<()> {
    password::confirm(app, &who.user, asked.password, from).await?;
    take(app, &who.user).await?;
    audit::note(app, AuditKind::AccountDeleted, Who::User(&who.user), "").await;
    Ok(())
}

/// The same, by whoever may: nothing is asked.
///
/// # Errors
/// The store's.
pub async fn take(app: &AppState, user: &UserRecord) -> ApiResult<()> {
    let intended = Intended {
        user: user.id,
        at: app.clock.now(),
    };
    let noted = rewrite(app, |all| {
        if !all.iter().any(|known| known.user == user.id) {
            all.push(intended);
        }
    });
    noted.await?;
    app.store.delete_user(user.id).await?;
    end_sign_ins(app, user.id).await?;
    tracing::info!(user.id = %user.id, "Took an account away");
    let (app, id) = (AppState::clone(app), user.id);
    let tasks = app.tasks.clone();
    tasks.spawn(async move {
        if let Err(error) = take_what_belongs(&app, id).await {
            tracing::warn!(%error, user.id = %id, "Could not take everything of an account away; trying again");
        }
    });
    Ok(())
}

/// Looks after what was begun, until shutdown.
pub async fn run(app: AppState) {
    let mut outage = Outage::of("take accounts away that were deleted");
    let mut interval = tokio::time::interval(INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while !app.shutdown.is_cancelled() {
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            _ = interval.tick() => {}
        }
        outage.note(round(&app).await);
    }
}

/// Goes on with every account that shall go, and forgets those of which nothing has been left for long enough.
///
/// # Errors
/// The store's.
pub async fn round(app: &App) -> Result<()> {
    for Intended { user, at } in read(app).await?.1 {
        let found = take_what_belongs(app, user).await?;
        if !found && app.clock.now() >= at.plus(LOOKED_AFTER) {
            rewrite_stored(app, |all| all.retain(|known| known.user != user)).await?;
        }
    }
    Ok(())
}

/// Whether anything was left. Each step can be repeated.
async fn take_what_belongs(app: &App, user: UserId) -> Result<bool> {
    let store = &app.store;
    // Before anything else: who died right after the note has it still.
    let mut found = store.delete_user(user).await?;
    end_sign_ins(app, user).await?;
    if let Some(session) = store.session_of(user).await? {
        store.close_session(session.id).await?;
        app.sessions.close(session.id, CloseReason::Closed);
        found = true;
    }
    store.delete_session_of(user).await?;
    store.forget_standing(user).await?;
    loop {
        let slice = store.all_conversations(user, None, SLICE).await?;
        if slice.is_empty() {
            break;
        }
        found = true;
        for conversation in slice {
            generation::stop_in(app, conversation.id).await?;
            store
                .delete_conversation(conversation.id, app.clock.now())
                .await?;
        }
    }
    for bot in store.chatbots_visible_to(user, false).await? {
        if bot.owner_id == Some(user) {
            found = true;
            // Its documents first: a bot that is gone is not found again.
            store.delete_documents_of(bot.id).await?;
            store.delete_chatbot(bot.id, app.clock.now()).await?;
            app.library.indexes.forget(bot.id);
            store.delete_documents_of(bot.id).await?;
        }
    }
    Ok(found)
}

/// Ends them with their sockets, here; other nodes find them gone.
async fn end_sign_ins(app: &App, user: UserId) -> Result<()> {
    for sign_in in app.store.sign_ins_of(user, app.clock.now()).await? {
        app.sessions.sign_in_ended(sign_in.id);
    }
    app.store.delete_sign_ins_of(user).await
}

/// The note as it is written, and what it says.
async fn read(app: &App) -> Result<(Option<String>, Vec<Intended>)> {
    let text = app.store.note(NOTE).await?;
    let all = match &text {
        None => Vec::new(),
        Some(text) => serde_json::from_str(text)
            .map_err(|error| StoreError::Damaged(format!("the note {NOTE}: {error}")))?,
    };
    Ok((text, all))
}

/// Writes the note anew: false when others write it again and again.
async fn rewrite_stored(app: &App, change: impl Fn(&mut Vec<Intended>)) -> Result<bool> {
    for _try in 0..TRIES {
        let (from, mut all) = read(app).await?;
        change(&mut all);
        let to = serde_json::to_string(&all)
            .map_err(|error| StoreError::Damaged(format!("the note {NOTE}: {error}")))?;
        if app.store.replace_note(NOTE, from.as_deref(), &to).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn rewrite(app: &App, change: impl Fn(&mut Vec<Intended>)) -> ApiResult<()> {
    if rewrite_stored(app, change).await? {
        return Ok(());
    }
    Err(ApiError::of(ProblemCode::StoreUnavailable).retry_after(2))
}
