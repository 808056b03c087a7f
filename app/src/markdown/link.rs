//! Where a link may lead, and the host that the reader is shown beside it.

/// An address that may be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The address as it goes into the document.
    pub href: String,
    /// What the reader is told: a host, or an e-mail address.
    pub host: String,
}

/// Reads an address from an answer. `None`: it is shown as text and cannot be followed.
pub fn target(address: &str) -> Option<Target> {
    // A control character or a space in an address is a disguise: browsers drop some of them.
    if address
        .chars()
        .any(|c| c.is_control() || c.is_whitespace() || c == '\\')
    {
        return None;
    }
    let (scheme, rest) = address.split_once(':')?;
    if scheme.eq_ignore_ascii_case("mailto") {
        let host = rest.split('?').next().unwrap_or_default();
        let plausible = host.contains('@') && !host.contains(['/', ':']);
        return plausible.then(|| Target {
            href: format!("mailto:{rest}"),
            host: host.to_owned(),
        });
    }
    let scheme = match () {
        () if scheme.eq_ignore_ascii_case("https") => "https",
        () if scheme.eq_ignore_ascii_case("http") => "http",
        () => return None,
    };
    let rest = rest.strip_prefix("//")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // `https://bank.example@evil.example/` leads to the latter.
    let host = authority.rsplit('@').next().unwrap_or_default();
    let strange = |c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%'));
    let literal = host.starts_with('[');
    (!host.is_empty() && (literal || !host.contains(strange))).then(|| Target {
        href: format!("{scheme}://{rest}"),
        host: host.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_and_mail_addresses_may_be_followed_and_say_where_they_lead() {
        let host = |address| target(address).map(|target| target.host);
        assert_eq!(host("https://example.org/a?b#c").as_deref(), Some("example.org"));
        assert_eq!(
            host("HTTP://example.org:8080").as_deref(),
            Some("example.org:8080")
        );
        assert_eq!(
            host("https://bank.example@evil.example/").as_deref(),
            Some("evil.example")
        );
        assert_eq!(
            host("mailto:a@b.example?subject=x").as_deref(),
            Some("a@b.example")
        );
    }

    #[test]
    fn nothing_else_may() {
        for address in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\nscript:alert(1)",
            "\u{1}javascript:alert(1)",
            " https://example.org",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "//example.org",
            "/auth/logout",
            "https:/\\example.org",
            "https:example.org",
            "https://",
            "https:///path",
            "https://bank.example](https://evil.example/)",
            "https://bank.example\"onclick=\"x",
            "https://bank.example⁄@evil(x)",
            "mailto:",
            "",
        ] {
            assert_eq!(target(address), None, "{address:?}");
        }
    }
}
