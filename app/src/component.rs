//! Parts that pages and islands are made of. Each has a style sheet of its name under `style/`.

pub(crate) mod actions;
pub(crate) mod avatar;
pub(crate) mod composer;
pub(crate) mod connection_mark;
pub(crate) mod editor;
pub(crate) mod field;
pub(crate) mod icon;
pub(crate) mod markdown;
pub(crate) mod message;
pub(crate) mod model_note;
pub(crate) mod textarea;
pub(crate) mod topbar;
pub(crate) mod transcript;
