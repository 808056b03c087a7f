//! How somebody wants to see the pages: what they chose is theirs on every device, and a cookie tells the pages for who is
//! not signed in. Which language a page speaks is decided in `pages/language.rs`.

use crate::auth::cookies;
use axum::http::{HeaderMap, HeaderValue};
use wire::auth::Theme;

/// The cookie of the theme: a word of [`Theme`].
pub const THEME: &str = "theme";
/// The cookie of the language: a tag of BCP 47.
pub const LANGUAGE: &str = "language";
/// A year, in seconds.
pub const LIFE: u32 = 365 * 24 * 60 * 60;

/// The theme that was chosen in this browser.
pub fn theme_of(headers: &HeaderMap) -> Theme {
    cookies::read(headers, THEME)
        .and_then(Theme::of_word)
        .unwrap_or_default()
}

/// `Set-Cookie` lines of a choice; what was taken back goes. Scripts may read them: they are no secret.
pub fn chosen(theme: Theme, language: Option<&str>, secure: bool) -> Vec<HeaderValue> {
    lines(&choices(theme, language), secure)
}

/// The same of what somebody who comes in chose elsewhere. What they did not choose stays as this browser has it.
pub fn brought(theme: Theme, language: Option<&str>, secure: bool) -> Vec<HeaderValue> {
    let mut choices = choices(theme, language).to_vec();
    choices.retain(|(_, value)| value.is_some());
    lines(&choices, secure)
}

type Choice<'a> = (&'static str, Option<&'a str>);

fn choices(theme: Theme, language: Option<&str>) -> [Choice<'_>; 2] {
    let theme = Some(theme.word()).filter(|_| theme != Theme::System);
    [(THEME, theme), (LANGUAGE, language)]
}

fn lines(choices: &[Choice<'_>], secure: bool) -> Vec<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    choices
        .iter()
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
    use axum::http::header;

    fn asked(lines: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn the_theme_of_a_browser_is_what_was_chosen_in_it() {
        assert_eq!(theme_of(&asked(&[(header::COOKIE, "theme=dark")])), Theme::Dark);
        assert_eq!(theme_of(&asked(&[(header::COOKIE, "theme=pink")])), Theme::System);
        assert_eq!(theme_of(&HeaderMap::new()), Theme::System);
    }

    #[test]
    fn a_choice_that_was_taken_back_takes_its_cookie_away() {
        let lines = chosen(Theme::System, Some("ar"), true);
        assert_eq!(lines[0], "theme=; Path=/; Max-Age=0; SameSite=Lax; Secure");
        assert_eq!(
            lines[1],
            "language=ar; Path=/; Max-Age=31536000; SameSite=Lax; Secure"
        );
        assert_eq!(brought(Theme::System, Some("ar"), true), lines[1..]);
    }
}
