//! One file a route. Pages are drawn by the server only; what lives in them is in [`crate::island`].

mod chat;
mod doorway;
mod frame;
mod missing;
mod picker;
mod sign_in;
mod sign_up;
mod title;

pub(crate) use chat::{Conversation, NewChat};
pub(crate) use missing::Missing;
pub(crate) use picker::Picker;
pub(crate) use sign_in::SignIn;
pub(crate) use sign_up::SignUp;
