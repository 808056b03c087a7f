//! One file a route.

mod chat;
mod missing;
mod picker;
mod sign_in;
mod sign_up;
mod title;

pub(crate) use chat::ChatPage;
pub(crate) use missing::Missing;
pub(crate) use picker::Picker;
pub(crate) use sign_in::SignIn;
pub(crate) use sign_up::SignUp;
