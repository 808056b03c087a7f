//! The parts of pages that live in the browser. Each is drawn by the server first, with what it was given, and
//! made alive with the same; the rest of a page is not in the wasm at all.
//!
//! Islands know nothing of one another but what `news` carries.

mod bot_form;
mod chat;
mod documents;
mod history;
mod news;
mod picker_note;
mod sign_in_form;
mod sign_up_form;

pub use bot_form::BotForm;
pub use chat::Chat;
pub use documents::Documents;
pub use history::History;
#[cfg(feature = "ssr")]
pub(crate) use history::specimens;
pub(crate) use news::News;
pub use picker_note::PickerNote;
pub use sign_in_form::SignInForm;
pub use sign_up_form::SignUpForm;

/// The id of the list of keys.
pub(crate) const SHORTCUTS: &str = "shortcuts";

/// The id of the drawer that holds the conversations.
pub(crate) const DRAWER: &str = "conversations";
