//! How the browser talks with the server: REST, the access token, the socket. Compiled everywhere, run in the
//! browser only: it is called from effects and from event handlers.
//!
//! Must not know: what the page shows. Start at [`api`].

pub(crate) mod api;
pub(crate) mod browser;
mod frame;
mod request;
pub(crate) mod socket;
mod token;
pub(crate) mod upload;

pub(crate) use request::Failure;
pub(crate) use token::renew;
