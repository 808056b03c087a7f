//! What is written anew for each reader goes compressed: pages, and what the API says in JSON. Files of the front were
//! compressed when they were built (`site`); a socket's frames are too small to gain.
//!
//! A page has words of others beside what only its reader may know. What must not be guessed from its size is therefore
//! another on each page: see `auth::token::Keys::form_token`.

use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use tower_http::{
    CompressionLevel,
    compression::{CompressionLayer, predicate::And, predicate::SizeAbove},
};

/// What is smaller fits into the network's first packet anyway.
const LEAST_BYTES: u16 = 1024;
/// A page of 60 KB in a millisecond, to a sixth; beyond this a tenth less takes ten times as long.
const LEVEL: CompressionLevel = CompressionLevel::Precise(5);

/// What is text for people and programs, as opposed to archives, documents and streams.
type Texts = fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool;

/// The layer that does it, by `br` or `gzip`, whichever the client likes better.
pub(super) fn layer() -> CompressionLayer<And<SizeAbove, Texts>> {
    let texts: Texts = is_text;
    let what = tower_http::compression::Predicate::and(SizeAbove::new(LEAST_BYTES.into()), texts);
    CompressionLayer::new().quality(LEVEL).compress_when(what)
}

fn is_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    kind.and_then(|kind| kind.split(';').next())
        .is_some_and(|kind| kind == "text/html" || kind == "application/json" || kind.ends_with("+json"))
}
