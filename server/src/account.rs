//! What people do with their own account: what they are called, their password, the devices they are signed in on, what
//! they take along, and its end.
//!
//! Must not know: forms; HTTP only as headers. Routes (`http/account.rs`) and pages (`http/pages/forms`) call the same functions. Signing
//! up, in and out stands in [`crate::auth`].

pub mod deletion;
pub mod device;
pub mod export;
pub mod password;
pub mod profile;
