//! One file a route. Pages are drawn by the server only; what lives in them is in [`crate::island`].

mod account;
mod account_delete;
mod admin;
mod bot_documents;
mod bot_playground;
mod bot_settings;
mod chat;
mod design;
mod document;
mod doorway;
mod frame;
<<<<<<< HEAD
mod made;
mod missing;
mod new_password;
=======
mod languages;
mod missing;
mod offline;
>>>>>>> account
mod param;
mod picker;
mod sign_in;
mod sign_up;
mod title;
mod unsaid;
mod workshop;

pub(crate) use account::Account;
pub(crate) use account_delete::AccountDelete;
pub(crate) use admin::{AuditLog, Models, People, Person, Usage};
pub(crate) use bot_documents::BotDocuments;
pub(crate) use bot_playground::BotPlayground;
pub(crate) use bot_settings::{BotSettings, NewBot};
pub(crate) use chat::{Conversation, NewChat};
pub(crate) use design::Design;
pub(crate) use document::Document;
pub(crate) use missing::Missing;
<<<<<<< HEAD
pub(crate) use new_password::NewPassword;
=======
pub(crate) use offline::{OFFLINE, Offline};
>>>>>>> account
pub(crate) use picker::Picker;
pub(crate) use sign_in::SignIn;
pub(crate) use sign_up::SignUp;
