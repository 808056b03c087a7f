//! What somebody is called, and how they want to see the pages.

use crate::{
    app::App,
    audit::{self, Who},
    auth::account,
    field,
    problem::ApiResult,
};
use store::user::UserRecord;
use wire::{
    admin::AuditKind,
    auth::{User, UserPatch},
    limit,
};

/// Characters in a tag of BCP 47 that anybody uses, and more.
const LANGUAGE_CHARS: usize = 35;

/// Changes what the patch names.
///
/// # Errors
/// `invalid_field`; `not_found` for somebody whose account was deleted meanwhile.
pub async fn change(app: &App, user: &UserRecord, patch: UserPatch) -> ApiResult<User> {
    let mut changed = user.clone();
    let profile = &mut changed.profile;
    if let Some(name) = patch.name {
        profile.name = if name.trim().is_empty() {
            None
        } else {
            Some(field::line("name", &name, limit::USER_NAME_CHARS)?)
        };
    }
    if let Some(theme) = patch.theme {
        profile.theme = theme;
    }
    if let Some(language) = patch.language {
        profile.language = self::language(&language)?;
    }
    app.store.set_profile(user.id, changed.profile.clone()).await?;
    if changed.profile != user.profile {
        audit::note(
            app,
            AuditKind::AccountChanged,
            Who::User(user),
            "name, theme or language",
        )
        .await;
    }
    Ok(account::shown(&changed))
}

/// A tag, or none. Which languages there are is not asked: a page falls back to one that it has.
fn language(text: &str) -> ApiResult<Option<String>> {
    let tag = text.trim();
    let is_tag = tag.len() <= LANGUAGE_CHARS && tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !is_tag {
        return Err(field::invalid(
            "language",
            "is not a language tag, like en or pt-BR",
        ));
    }
    Ok(Some(tag.to_owned()).filter(|tag| !tag.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_a_tag_or_none() {
        assert_eq!(language(" pt-BR ").unwrap().as_deref(), Some("pt-BR"));
        assert_eq!(language("").unwrap(), None);
        for wrong in ["en; Path=/", "en\r\nfr", "ä", &"a".repeat(36)] {
            assert!(language(wrong).is_err(), "{wrong:?}");
        }
    }
}
