//! One file a route. Pages are drawn by the server, or by a browser on its own (`csr`); what lives in them is in
//! [`crate::island`]. Those that consist of forms which the server takes are the server's alone.

#[cfg(feature = "ssr")]
mod account;
#[cfg(feature = "ssr")]
mod account_delete;
#[cfg(feature = "ssr")]
mod admin;
mod awaited;
mod bot_documents;
mod bot_feedback;
mod bot_playground;
mod bot_settings;
mod chat;
#[cfg(feature = "ssr")]
mod design;
mod document;
mod doorway;
mod frame;
mod languages;
#[cfg(feature = "ssr")]
mod made;
mod missing;
#[cfg(feature = "ssr")]
mod new_password;
mod offline;
mod param;
mod picker;
mod sign_in;
mod sign_up;
mod title;
mod unsaid;
mod workshop;

#[cfg(feature = "ssr")]
pub(crate) use account::Account;
#[cfg(feature = "ssr")]
pub(crate) use account_delete::AccountDelete;
#[cfg(feature = "ssr")]
pub(crate) use admin::{AuditLog, Models, People, Person, Usage};
pub(crate) use bot_documents::BotDocuments;
pub(crate) use bot_feedback::BotFeedback;
pub(crate) use bot_playground::BotPlayground;
pub(crate) use bot_settings::{BotSettings, NewBot};
pub(crate) use chat::{Conversation, NewChat};
#[cfg(feature = "ssr")]
pub(crate) use design::Design;
pub(crate) use document::Document;
pub(crate) use missing::Missing;
#[cfg(feature = "ssr")]
pub(crate) use new_password::NewPassword;
#[cfg(feature = "ssr")]
pub(crate) use offline::OFFLINE;
pub(crate) use offline::Offline;
pub(crate) use picker::Picker;
pub(crate) use sign_in::SignIn;
pub(crate) use sign_up::SignUp;
