//! How somebody wants to see the pages: what they chose is theirs on every device, and a cookie tells the pages for who is
//! not signed in.

use crate::auth::cookies;
use axum::http::{HeaderMap, HeaderValue, header};
use wire::auth::Theme;

/// The cookie of the theme: a word of [`Theme`].
pub const THEME: &str = "theme";
/// The cookie of the language: a tag of BCP 47.
pub const LANGUAGE: &str = "language";
/// A year, in seconds.
const LIFE: u32 = 365 * 24 * 60 * 60;

/// The theme that was chosen in this browser.
pub fn theme_of(headers: &HeaderMap) -> Theme {
    cookies::read(headers, THEME)
        .and_then(Theme::of_word)
        .unwrap_or_default()
}

/// The language of a page for this browser, as a tag of BCP 47: the one that was chosen, else the first it asks for.
pub fn language_of(headers: &HeaderMap) -> Option<&str> {
    let asked = || {
        let line = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        line.split([',', ';']).next().map(str::trim)
    };
    cookies::read(headers, LANGUAGE).or_else(asked)
}

/// `Set-Cookie` lines; one that was taken back goes. Scripts may read them: they are no secret.
pub fn chosen(theme: Theme, language: Option<&str>, secure: bool) -> Vec<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    let theme = Some(theme.word()).filter(|_| theme != Theme::System);
    [(THEME, theme), (LANGUAGE, language)]
        .into_iter()
        .map(|(name, value)| {
            let (value, life) = value.map_or(("", 0), |value| (value, LIFE));
            format!("{name}={value}; Path=/; Max-Age={life}; SameSite=Lax{secure}")
        })
        // Words and tags are letters, digits and `-`: always a header value.
        .filter_map(|line| HeaderValue::from_str(&line).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(lines: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn what_was_chosen_counts_more_than_what_the_browser_asks_for() {
        let browser = (header::ACCEPT_LANGUAGE, "ja,en;q=0.5");
        assert_eq!(language_of(&asked(std::slice::from_ref(&browser))), Some("ja"));
        let headers = asked(&[browser, (header::COOKIE, "language=ar; theme=dark")]);
        assert_eq!(language_of(&headers), Some("ar"));
        assert_eq!(theme_of(&headers), Theme::Dark);
        assert_eq!(language_of(&HeaderMap::new()), None);
        assert_eq!(theme_of(&asked(&[(header::COOKIE, "theme=pink")])), Theme::System);
    }

    #[test]
    fn a_choice_that_was_taken_back_takes_its_cookie_away() {
        let lines = chosen(Theme::System, Some("ar"), true);
        assert_eq!(lines[0], "theme=; Path=/; Max-Age=0; SameSite=Lax; Secure");
        assert_eq!(
            lines[1],
            "language=ar; Path=/; Max-Age=31536000; SameSite=Lax; Secure"
        );
    }
}
