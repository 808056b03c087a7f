//! What a user may: what the configuration says, unless an administrator said otherwise of them.
//!
//! Where it is enforced: prompts here ([`count_prompt`]), answers at once in `chat::admission`, documents in
//! `library::upload`. Read anew each time, by its key: what an administrator changes is true from the next prompt on, on
//! every server.

use crate::{
    app::App,
    chat::generation::Progress,
    config::Config,
    field,
    problem::{ApiError, ApiResult},
};
use std::num::NonZeroU32;
use store::usage::Day;
use wire::{
    FieldFault, ProblemCode, UserId,
    admin::{DefaultLimits, UserLimits},
};

/// What one user may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Prompts a minute.
    pub prompts_per_minute: NonZeroU32,
    /// Prompts a day; `None`: as many as they like.
    pub prompts_per_day: Option<NonZeroU32>,
    /// Answers at once, where that is not what everybody may.
    pub generations: Option<NonZeroU32>,
    /// Bytes of all their documents.
    pub document_quota: u64,
}

/// What holds for those without limits of their own.
pub fn defaults(config: &Config) -> DefaultLimits {
    DefaultLimits {
        prompts_per_minute: config.chat.messages_per_minute.get(),
        prompts_per_day: config.chat.messages_per_day,
        generations: config.chat.generations_per_user.get(),
        document_quota: config.documents.document_quota,
    }
}

/// Whether these can hold.
///
/// # Errors
/// `invalid_field`.
pub fn check(limits: &UserLimits) -> ApiResult<()> {
    for (field, limit) in [
        ("prompts_per_minute", limits.prompts_per_minute),
        ("generations", limits.generations),
    ] {
        if limit == Some(0) {
            return Err(field::wrong(field, FieldFault::Zero));
        }
    }
    Ok(())
}

/// What this user may now.
///
/// # Errors
/// The store's.
pub async fn of(app: &App, user: UserId) -> ApiResult<Limits> {
    let own = app.store.standing(user).await?.limits;
    let config = &app.config;
    Ok(Limits {
        prompts_per_minute: own
            .prompts_per_minute
            .and_then(NonZeroU32::new)
            .unwrap_or(config.chat.messages_per_minute),
        prompts_per_day: NonZeroU32::new(own.prompts_per_day.unwrap_or(config.chat.messages_per_day)),
        generations: own.generations.and_then(NonZeroU32::new),
        document_quota: own.document_quota.unwrap_or(config.documents.document_quota),
    })
}

/// Counts a prompt of this user: how many more could follow at once. What is asked next may take as many places as this
/// user has.
///
/// # Errors
/// `rate_limited`, and when to try again; the store's.
pub async fn count_prompt(app: &App, user: UserId) -> ApiResult<u32> {
    let limits = of(app, user).await?;
    app.chat.admission.allow(user, limits.generations);
    if let Some(allowed) = limits.prompts_per_day {
        still_today(app, user, allowed.get()).await?;
    }
    app.chat
        .count_prompt(user, limits.prompts_per_minute)
        .map_err(|wait| {
            let seconds = u32::try_from(wait.as_secs())
                .unwrap_or(u32::MAX)
                .saturating_add(1);
            let detail = format!("That was a little fast. Please wait {seconds} s before the next message.");
            ApiError::new(ProblemCode::RateLimited, detail).retry_after(seconds)
        })
}

/// What was asked today is counted before its readers hear of its end; what has not ended here is counted beside it.
async fn still_today(app: &App, user: UserId, allowed: u32) -> ApiResult<()> {
    let now = app.clock.now();
    let today = Day::of(now);
    let asked = app.store.usage_of(user, today).await?.prompts;
    let running = app.chat.all_running();
    let running = running
        .iter()
        .filter(|generation| generation.user_id == user)
        .filter(|generation| !matches!(generation.read(u64::MAX), Progress::Ended(_)))
        .count();
    if asked.saturating_add(u64::try_from(running).unwrap_or(u64::MAX)) < u64::from(allowed) {
        return Ok(());
    }
    let tomorrow = Day::from_number(today.number().saturating_add(1)).start();
    let seconds = tomorrow.as_secs().saturating_sub(now.as_secs());
    let detail =
        format!("You may ask {allowed} times a day, and you have. There are more from midnight (UTC) on.");
    let wait = u32::try_from(seconds).unwrap_or(u32::MAX);
    Err(ApiError::new(ProblemCode::RateLimited, detail).retry_after(wait))
}
