//! The devices somebody is signed in on.

use crate::{
    app::App,
    audit::{self, Who},
    auth::{Authenticated, sign_in},
    problem::{ApiError, ApiResult},
};
use axum::http::{HeaderMap, header};
use wire::{ProblemCode, SignInId, admin::AuditKind, auth::Device};

/// Browsers by what only they say, the more particular before those they claim to be.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
/// The same for what they run on.
const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];
/// Characters of a program's own name that are kept.
const NAME_CHARS: usize = 40;

/// The sign-ins of this user that are not over, the one that asks first, then the one used last.
///
/// # Errors
/// The store's.
pub async fn list(app: &App, who: &Authenticated) -> ApiResult<Vec<Device>> {
    let mut sign_ins = app.store.sign_ins_of(who.user.id, app.clock.now()).await?;
    sign_ins.sort_by_key(|sign_in| {
        (
            sign_in.id != who.sign_in,
            std::cmp::Reverse((sign_in.last_used_at, sign_in.id)),
        )
    });
    let device = |sign_in: store::sign_in::SignIn| Device {
        id: sign_in.id,
        name: sign_in.device,
        created_at: sign_in.created_at,
        last_used_at: sign_in.last_used_at,
        current: sign_in.id == who.sign_in,
    };
    Ok(sign_ins.into_iter().map(device).collect())
}

/// Ends one of them; its sockets close.
///
/// # Errors
/// `not_found`, also for somebody else's.
pub async fn end(app: &App, who: &Authenticated, id: SignInId) -> ApiResult<()> {
    let sign_in = app.store.sign_in(id).await?;
    if sign_in.is_none_or(|sign_in| sign_in.user_id != who.user.id) {
        return Err(ApiError::new(ProblemCode::NotFound, "There is no such sign-in"));
    }
    sign_in::log_out(app, id).await
}

/// Ends all of them but the one that asks.
///
/// # Errors
/// The store's.
pub async fn end_others(app: &App, who: &Authenticated) -> ApiResult<()> {
    for other in app.store.sign_ins_of(who.user.id, app.clock.now()).await? {
        if other.id != who.sign_in {
            sign_in::log_out(app, other.id).await?;
        }
    }
    audit::note(app, AuditKind::SignInsEnded, Who::User(&who.user), "all others").await;
    Ok(())
}

/// What the client says it is, as people would say it: `Firefox on Linux`. Kept instead of all it says, which would tell
/// more than anybody needs.
pub fn named(headers: &HeaderMap) -> Option<String> {
    let says = headers.get(header::USER_AGENT)?.to_str().ok()?;
    let found = |among: &[(&str, &'static str)]| {
        among
            .iter()
            .find(|(mark, _)| says.contains(mark))
            .map(|(_, name)| *name)
    };
    match (found(&BROWSERS), found(&SYSTEMS)) {
        (Some(browser), Some(system)) => Some(format!("{browser} on {system}")),
        (Some(browser), None) => Some(browser.to_owned()),
        // A program of its own: `curl/8.5.0`.
        (None, _) => {
            let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
            let name: String = says.chars().take_while(is_plain).take(NAME_CHARS).collect();
            let name = name.trim();
            (!name.is_empty()).then(|| name.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn device(says: &'static str) -> Option<String> {
        let headers = [(header::USER_AGENT, HeaderValue::from_static(says))];
        named(&headers.into_iter().collect())
    }

    #[test]
    fn a_device_has_the_name_people_would_say() {
        for (says, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 \
                 Safari/537.36 Edg/126.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/17.5 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile \
                 Safari/537.36",
                "Chrome on Android",
            ),
            ("curl/8.5.0", "curl"),
        ] {
            assert_eq!(device(says).as_deref(), Some(name), "{says}");
        }
    }

    #[test]
    fn what_says_nothing_has_no_name() {
        assert_eq!(device("<script>"), None);
        assert_eq!(device(""), None);
        assert_eq!(named(&HeaderMap::new()), None);
    }
}
