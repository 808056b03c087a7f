//! A page's title from text that somebody wrote.

/// `text · Parlance`, for `<Title>`.
///
/// leptos_meta 0.8.7 writes a title into the server's HTML as it is: `</title><script>` would end it there. So it is
/// escaped here. A browser that draws the page sets `document.title`, which takes text.
pub(super) fn title_of(text: &str) -> String {
    if cfg!(feature = "csr") {
        return format!("{text} · Parlance");
    }
    format!(
        "{} · Parlance",
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    )
}

#[cfg(test)]
#[cfg(feature = "ssr")]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_end_its_tag() {
        assert_eq!(
            title_of("a </title><b> & c"),
            "a &lt;/title&gt;&lt;b&gt; &amp; c · Parlance"
        );
    }
}
