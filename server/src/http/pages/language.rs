//! Which language a page is drawn in: what its reader chose here (`?language=`, kept in a cookie), else what the browser asks
//! for, else English.

use crate::{auth::cookies, http::look};
use app::text::Language;
use axum::{
    http::{HeaderMap, HeaderValue, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use store::user::Profile;

/// The choice, by the language's tag. It proves nothing: scripts may see it, and it lives for a year.
const COOKIE: &str = look::LANGUAGE;

/// The language of whoever sent these headers: what was chosen in this browser, then what they chose for themselves.
pub(super) fn of(headers: &HeaderMap, profile: Option<&Profile>) -> Language {
    let here = cookies::read(headers, COOKIE).and_then(Language::of_tag);
    let theirs = || Language::of_tag(profile?.language.as_deref()?);
    here.or_else(theirs).unwrap_or_else(|| {
        let accepted = headers.get(header::ACCEPT_LANGUAGE);
        let accepted = accepted.and_then(|accepted| accepted.to_str().ok());
        Language::of_header(accepted.unwrap_or_default())
    })
}

/// Somebody chooses a language: the same page again, in it. `None` where nobody does.
pub(super) fn chosen(uri: &Uri) -> Option<Response> {
    let mut language = None;
    let rest: Vec<&str> = uri
        .query()?
        .split('&')
        .filter(|pair| match pair.strip_prefix("language=") {
            Some(tag) => {
                language = language.or(Language::of_tag(tag));
                false
            }
            None => true,
        })
        .collect();
    let language = language?;
    let path = uri.path();
    // A browser takes what begins with two slashes for another server.
    if path.get(1..).is_some_and(|rest| rest.starts_with(['/', '\\'])) {
        return None;
    }
    let address = if rest.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", rest.join("&"))
    };
    let cookie = format!(
        "{COOKIE}={}; Path=/; Max-Age={}; SameSite=Lax",
        language.tag(),
        look::LIFE
    );
    let mut response = Redirect::to(&address).into_response();
    let headers = response.headers_mut();
    headers.insert(header::SET_COOKIE, HeaderValue::from_str(&cookie).ok()?);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(lines: &[(header::HeaderName, &'static str)]) -> &'static str {
        let lines = lines.iter().cloned();
        let headers = lines.map(|(name, value)| (name, HeaderValue::from_static(value)));
        of(&headers.collect(), None).tag()
    }

    fn answer(address: &str) -> Option<(String, String)> {
        let response = chosen(&address.parse().unwrap())?;
        let says = |name| response.headers().get(name).unwrap().to_str().unwrap().to_owned();
        Some((says(header::LOCATION), says(header::SET_COOKIE)))
    }

    #[test]
    fn what_was_chosen_counts_more_than_what_the_browser_asks_for() {
        assert_eq!(language(&[]), "en");
        assert_eq!(language(&[(header::ACCEPT_LANGUAGE, "ar-EG,en;q=0.5")]), "ar");
        let both = [(header::ACCEPT_LANGUAGE, "ar"), (header::COOKIE, "language=ja")];
        assert_eq!(language(&both), "ja");
        let nonsense = [
            (header::ACCEPT_LANGUAGE, "ar"),
            (header::COOKIE, "language=klingon"),
        ];
        assert_eq!(language(&nonsense), "ar");
    }

    #[test]
    fn what_somebody_chose_for_themselves_counts_where_nothing_was_chosen_in_this_browser() {
        let profile = Profile {
            language: Some("ja".into()),
            ..Profile::default()
        };
        let headers = |lines: &[(header::HeaderName, &'static str)]| -> HeaderMap {
            let lines = lines.iter().cloned();
            lines
                .map(|(name, value)| (name, HeaderValue::from_static(value)))
                .collect()
        };
        let asks = (header::ACCEPT_LANGUAGE, "ar");
        assert_eq!(
            of(&headers(std::slice::from_ref(&asks)), Some(&profile)).tag(),
            "ja"
        );
        let here = (header::COOKIE, "language=en");
        assert_eq!(of(&headers(&[asks, here]), Some(&profile)).tag(), "en");
    }

    #[test]
    fn a_choice_is_kept_and_leads_back_to_the_same_page() {
        let (place, cookie) = answer("/new/7?q=kettle&language=ar&x").unwrap();
        assert_eq!(place, "/new/7?q=kettle&x");
        assert_eq!(cookie, "language=ar; Path=/; Max-Age=31536000; SameSite=Lax");
        assert_eq!(answer("/sign-in?language=ja").unwrap().0, "/sign-in");
    }

    #[test]
    fn no_choice_leads_to_another_server_or_to_a_language_that_is_not_there() {
        assert_eq!(answer("//example.org/?language=ar"), None);
        assert_eq!(answer("/?language=klingon"), None);
        assert_eq!(answer("/?my_language=ar"), None);
        assert_eq!(answer("/"), None);
    }
}
