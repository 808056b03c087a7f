//! Parts that pages and islands are made of. Each has a style sheet of its name under `style/`.

#[cfg(feature = "pages")]
pub(crate) mod account_link;
pub(crate) mod actions;
pub(crate) mod avatar;
pub(crate) mod composer;
#[cfg(feature = "pages")]
pub(crate) mod confirm;
pub(crate) mod connection_mark;
pub(crate) mod document_text;
pub(crate) mod editor;
#[cfg(feature = "pages")]
pub(crate) mod feedback_form;
pub(crate) mod field;
#[cfg(feature = "pages")]
pub(crate) mod file_line;
pub(crate) mod icon;
pub(crate) mod inert;
pub(crate) mod markdown;
pub(crate) mod message;
pub(crate) mod model_note;
mod pane;
#[cfg(feature = "pages")]
pub(crate) mod plain_form;
pub(crate) mod so_far;
pub(crate) mod source_panel;
pub(crate) mod sources;
pub(crate) mod textarea;
pub(crate) mod topbar;
pub(crate) mod transcript;
#[cfg(feature = "ssr")]
pub(crate) mod when;
