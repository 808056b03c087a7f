//! How the browser talks with the server: REST, the access token, the socket. Compiled everywhere, run in the
//! browser only: it is called from effects and from event handlers.
//!
//! Must not know: what the page shows. Start at [`api`].

pub(crate) mod api;
pub(crate) mod base;
pub(crate) mod browser;
#[cfg(feature = "csr")]
pub(crate) mod download;
mod frame;
mod request;
pub(crate) mod socket;
// The page of another origin gets no cookies: it keeps its token in another way.
#[cfg(feature = "csr")]
#[path = "net/kept_token.rs"]
pub(crate) mod token;
#[cfg(not(feature = "csr"))]
mod token;
pub(crate) mod upload;

pub(crate) use request::Failure;
pub(crate) use token::renew;
