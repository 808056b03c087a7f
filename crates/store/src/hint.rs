//! Word of a change, from whichever node made it: where to look, not what to find.
//!
//! Must not know: what a hint is used for. Losing all of them makes nodes slower to notice, and nothing else.

use wire::{ConversationId, GenerationId, SessionId};

/// Where something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hint {
    /// A batch was added to this log, or its generation ended or was asked to stop.
    Generation(GenerationId),
    /// A message became visible, or the title changed.
    Conversation(ConversationId),
    /// A session was opened, replaced or closed; the one that is named is or was active.
    Session(SessionId),
}

/// Hints as they come. One that lags behind has missed some, and looks everywhere.
pub type Hints = tokio::sync::broadcast::Receiver<Hint>;
