//! A chatbot's documents: makes the list live that the server draws, and takes files that are dropped or chosen. The page has
//! no socket, since a socket is a session's: how far each document is is asked for.

use crate::{
    data::{WorkshopGiven, given::given},
    live::desk::Desk,
};
use leptos::prelude::*;

/// The list, and where files are dropped.
#[cfg_attr(feature = "csr", component)]
#[cfg_attr(not(feature = "csr"), island)]
pub fn Documents(
    /// Both, as the server draws them.
    children: Children,
) -> impl IntoView {
    Effect::new(move || {
        if let Some(WorkshopGiven { bot: Some(bot) }) = given() {
            Desk { bot }.start();
        }
    });
    view! { <div class="files">{children()}</div> }
}
