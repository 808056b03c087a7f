//! Who is calling: accounts, sign-ins, tokens, throttles.
//!
//! Must not know: routes, chats, models. HTTP only as headers; what a route answers is `http/auth.rs`.
//! Start at [`sign_in`] for what people do, at [`authenticate`] for what every request does.

pub mod account;
pub mod authenticate;
pub mod cookies;
pub mod invitation;
mod lock;
pub mod new_password;
pub mod password;
pub mod secret;
pub mod sign_in;
pub mod throttle;
pub mod token;

pub use authenticate::Authenticated;
pub use secret::Secret;
pub use token::Keys;

/// What authentication needs beside the store: made once at start.
#[derive(Debug)]
pub struct Auth {
    /// Signs and reads tokens.
    pub keys: Keys,
    /// Hashes and checks passwords, a few at a time.
    pub passwords: password::Passwords,
    /// Slows down guessing.
    pub throttle: throttle::LogInThrottle,
    /// The one-time code that makes the first administrator.
    pub first_admin: invitation::FirstAdmin,
}

impl Auth {
    /// Everything derived from one secret.
    pub fn new(secret: &Secret) -> Self {
        Self {
            keys: Keys::new(secret),
            passwords: password::Passwords::default(),
            throttle: throttle::LogInThrottle::default(),
            first_admin: invitation::FirstAdmin::default(),
        }
    }
}
