//! What one island tells another: the list of conversations has changed.

use leptos::prelude::*;
use std::cell::RefCell;
use wire::ConversationId;

thread_local! {
    // In the browser there is one thread. The server never looks here: effects and handlers do.
    static LISTENER: RefCell<Option<Callback<News>>> = const { RefCell::new(None) };
}

/// Something that the list of conversations should show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum News {
    /// The chat on the page has become this conversation.
    Began(ConversationId),
    /// There is another title or another order.
    Changed,
}

impl News {
    /// Tells it.
    pub(crate) fn tell(self) {
        if let Some(listener) = LISTENER.with_borrow(|listener| *listener) {
            listener.try_run(self);
        }
    }

    /// Listens from now on, in place of whoever did.
    pub(super) fn listen(listener: Callback<News>) {
        LISTENER.set(Some(listener));
    }
}
