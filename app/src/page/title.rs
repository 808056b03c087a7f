//! A page's title from text that somebody wrote.

/// `text · Parlance`, for `<Title>`.
///
/// leptos_meta 0.8.7 writes a title into the server's HTML as it is: `</title><script>` would end it there. So the
/// server escapes it here; in the browser it is set as `document.title`, which takes text.
pub(super) fn title_of(text: String) -> String {
    let text = if cfg!(feature = "ssr") { escaped(&text) } else { text };
    format!("{text} · Parlance")
}

/// As text between tags.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_end_its_tag() {
        assert_eq!(escaped("a </title><b> & c"), "a &lt;/title&gt;&lt;b&gt; &amp; c");
    }
}
