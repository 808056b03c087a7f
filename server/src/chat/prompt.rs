//! Takes in what a client asks: stored durably, then acknowledged, then answered. Exactly once for one
//! `client_message_id`.
//!
//! A conversation is a tree of messages of which one branch is shown. [`Ask`] has the four ways to a new answer in it;
//! [`take()`] is the way of all of them. Must not know: sockets, frames. The parts: [`text`] says what a prompt may be,
//! `aim` finds what is asked about, `claim` takes the conversation for one generation, `stored` makes a prompt durable,
//! `repeated` knows those that were said before, `request` says it to the model; [`alone`] is for who has no socket.

mod aim;
pub mod alone;
mod claim;
mod repeated;
mod request;
mod stored;
mod take;
pub mod text;

pub use repeated::acknowledged;
pub use take::take;
pub use text::PromptText;

use wire::{ClientMessageId, MessageId, socket::ServerEvent};

/// What a client asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// A prompt behind what is shown.
    Text(Written),
    /// The same prompt, said otherwise: a branch beside the old one.
    Edit {
        /// The old prompt.
        message_id: MessageId,
        /// What is said in its place.
        written: Written,
    },
    /// Another answer beside an old one, or the first to a prompt that has none.
    Regenerate {
        /// The old answer, or the prompt.
        message_id: MessageId,
    },
    /// The rest of an answer that broke off.
    Continue {
        /// The answer.
        message_id: MessageId,
    },
}

/// What somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The text.
    pub text: PromptText,
    /// The same id again is the same prompt again.
    pub client_message_id: Option<ClientMessageId>,
}

impl Ask {
    fn written(&self) -> Option<&Written> {
        match self {
            Self::Text(written) | Self::Edit { written, .. } => Some(written),
            Self::Regenerate { .. } | Self::Continue { .. } => None,
        }
    }
}

/// What came of it.
#[derive(Debug)]
pub enum Taken {
    /// It was new: everyone in the session was told, and the answer has begun.
    Begun,
    /// The prompt was known: only who sent it again is told.
    Repeated(ServerEvent),
}
