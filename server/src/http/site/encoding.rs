//! `Accept-Encoding`: which compressed copies a client takes, and how gladly (RFC 9110, 12.5.3).

use axum::http::{HeaderMap, header};

/// What a client said, as `(name, thousandths)` in its own order.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Accepted<'h>(Vec<(&'h str, u16)>);

/// Taken gladly.
const FULL: u16 = 1000;

impl<'h> Accepted<'h> {
    /// Of a request. What cannot be read counts as not said.
    pub(super) fn of(headers: &'h HeaderMap) -> Self {
        let lines = headers.get_all(header::ACCEPT_ENCODING).iter();
        let said = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','))
            .filter_map(choice);
        Self(said.collect())
    }

    /// 0: not at all.
    pub(super) fn weight(&self, name: &str) -> u16 {
        self.said(name).or_else(|| self.said("*")).unwrap_or(0)
    }

    /// Without a word about it, uncompressed content is what is left when nothing better is taken.
    pub(super) fn plain_weight(&self) -> u16 {
        self.said("identity").unwrap_or(0)
    }

    fn said(&self, name: &str) -> Option<u16> {
        let is_it = |(said, _): &&(&str, u16)| said.eq_ignore_ascii_case(name);
        self.0.iter().find(is_it).map(|(_, weight)| *weight)
    }
}

/// `gzip;q=0.8`
fn choice(text: &str) -> Option<(&str, u16)> {
    let (name, parameters) = text.split_once(';').unwrap_or((text, ""));
    let weight = match parameters.trim().strip_prefix(['q', 'Q']) {
        Some(weight) => thousandths(weight.trim_start().strip_prefix('=')?.trim())?,
        None => FULL,
    };
    let name = name.trim();
    (!name.is_empty()).then_some((name, weight))
}

/// `0.8`: at most three digits behind the point.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{part:0<3}");
    let part: u16 = digits.get(..3)?.parse().ok()?;
    match whole {
        "0" => Some(part),
        "1" => Some(FULL),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn accepted(line: &'static str) -> HeaderMap {
        [(header::ACCEPT_ENCODING, HeaderValue::from_static(line))]
            .into_iter()
            .collect()
    }

    #[test]
    fn weights_are_read_as_they_are_written() {
        let headers = accepted("GZIP;q=0.8, br ; q=0.25,identity;q=0, x;q=1.000");
        let accepted = Accepted::of(&headers);
        let weights = ["gzip", "br", "x", "zstd"].map(|name| accepted.weight(name));
        assert_eq!(weights, [800, 250, 1000, 0]);
        assert_eq!(accepted.plain_weight(), 0);
    }

    #[test]
    fn a_star_speaks_for_what_is_not_named() {
        let headers = accepted("br;q=0, *;q=0.5");
        let accepted = Accepted::of(&headers);
        assert_eq!((accepted.weight("br"), accepted.weight("gzip")), (0, 500));
    }

    #[test]
    fn nonsense_is_not_taken_for_consent() {
        for line in ["br;q=", "br;q=2", "br;q=-1", "br;q=0.é", ";q=1", ","] {
            let value = HeaderValue::from_bytes(line.as_bytes()).unwrap();
            let headers = [(header::ACCEPT_ENCODING, value)].into_iter().collect();
            assert_eq!(Accepted::of(&headers).weight("br"), 0, "{line}");
        }
    }
}
