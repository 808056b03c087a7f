//! The parts of pages that live in the browser. Each is drawn by the server first, with what it was given, and
//! made alive with the same; the rest of a page is not in the wasm at all.
//!
//! Islands know nothing of one another but what `news` carries.
//!
//! Those at the side of every page are in every bundle of wasm; the features `chat` and `workshop` bring those of the
//! pages in [`crate::bundle`].

#[cfg(feature = "workshop")]
mod bot_form;
#[cfg(feature = "chat")]
mod chat;
#[cfg(feature = "workshop")]
mod documents;
mod history;
mod news;
#[cfg(feature = "chat")]
mod picker_note;
// In no bundle: the server's pages have forms that the browser posts. For a page that is drawn elsewhere.
#[cfg(feature = "csr")]
mod sign_in_form;
#[cfg(feature = "csr")]
mod sign_up_form;

#[cfg(feature = "workshop")]
pub use bot_form::BotForm;
#[cfg(feature = "chat")]
pub use chat::Chat;
#[cfg(feature = "workshop")]
pub use documents::Documents;
pub use history::History;
#[cfg(feature = "ssr")]
pub(crate) use history::specimens;
pub(crate) use news::News;
#[cfg(feature = "chat")]
pub use picker_note::PickerNote;
#[cfg(feature = "csr")]
pub use sign_in_form::SignInForm;
#[cfg(feature = "csr")]
pub use sign_up_form::SignUpForm;

/// The id of the list of keys.
pub(crate) const SHORTCUTS: &str = "shortcuts";

/// The id of the drawer that holds the conversations.
pub(crate) const DRAWER: &str = "conversations";
