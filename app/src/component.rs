//! Parts that pages are made of. Each has a style sheet of its name under `style/`.

pub(crate) mod account;
pub(crate) mod avatar;
pub(crate) mod composer;
pub(crate) mod connection_mark;
pub(crate) mod credentials;
pub(crate) mod frame;
pub(crate) mod history;
pub(crate) mod markdown;
pub(crate) mod message;
pub(crate) mod model_note;
pub(crate) mod topbar;
pub(crate) mod transcript;
