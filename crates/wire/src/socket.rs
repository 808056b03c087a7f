//! What is said on `/ws/chat/{session_id}`: text frames of JSON, one enum a direction.
//!
//! The order for one prompt: `message_received`, `response_start`, `response_chunk`*, `response_complete`.
//! A client that knows only the seed's types ignores the others and loses nothing.

use crate::{
    ClientMessageId, GenerationId, MessageId, ProblemCode, SessionId, Timestamp,
    document::{Citation, Document},
    drawn::Drawn,
    message::{MessageRole, Outcome, Usage},
};
use serde::{Deserialize, Serialize};

/// What the client says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "message_type", rename_all = "snake_case")]
pub enum ClientEvent {
    /// A prompt: the seed's only message.
    Text {
        /// At most 32,000 characters.
        message: String,
        /// The same id again is answered with the same acknowledgement and makes no second message.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_message_id: Option<ClientMessageId>,
    },
    /// Ends the running generation. Every chunk sent counts as shown and is kept.
    Stop,
    /// A new answer beside an old one, which stays and can be chosen again.
    Regenerate {
        /// The answer to replace; or a prompt that has none.
        message_id: MessageId,
    },
    /// A new branch from an earlier prompt, which stays and can be chosen again.
    Edit {
        /// The prompt to say otherwise.
        message_id: MessageId,
        /// As in `text`.
        message: String,
        /// As in `text`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_message_id: Option<ClientMessageId>,
    },
    /// Goes on with an answer that was stopped, interrupted, cut or failed in the middle: a second generation on the same
    /// message. Only the last message of the branch can go on.
    Continue {
        /// The answer.
        message_id: MessageId,
    },
    /// Replays what this client has not seen of a generation, then goes on live.
    Resume {
        /// Which.
        generation_id: GenerationId,
        /// The last `seq` seen; 0 for none.
        after_seq: u64,
    },
    /// Answered with `pong`; keeps the session from being idle.
    Ping,
}

/// What the server says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerEvent {
    /// The first frame of every socket.
    SessionInfo {
        /// This session.
        session_id: SessionId,
        /// With whom.
        chatbot_name: String,
        /// For people.
        message: String,
        /// When an answer is being written.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        running: Option<Running>,
    },
    /// A prompt is stored, durably. Sent to all of the session's sockets.
    MessageReceived {
        /// Of the prompt.
        message_id: MessageId,
        /// When it was stored.
        timestamp: Timestamp,
        /// As the client gave it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_message_id: Option<ClientMessageId>,
        /// Always `user` today.
        role: MessageRole,
        /// The prompt, for the other tabs.
        message: String,
        /// The message it follows: whatever else followed that one is on another branch now. `None` at the root.
        parent_id: Option<MessageId>,
        /// Prompts that this user may still send at once before they are held back. Only where it is news.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        prompts_left: Option<u32>,
    },
    /// The model was called.
    ResponseStart {
        /// For people.
        message: String,
        /// This run of the model.
        generation_id: GenerationId,
        /// Of the answer.
        message_id: MessageId,
        /// The prompt it answers: whatever else followed that one is on another branch now.
        parent_id: MessageId,
        /// Whether it goes on with the text that the message has already; its chunks come behind that.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        continues: bool,
        /// Where they come: behind so many bytes (of UTF-8) of the message's text. A client that has more of it has
        /// read what this run, or a later one, was about to say; one that has less reads the rest over REST.
        #[serde(default, skip_serializing_if = "is_zero")]
        offset: u64,
    },
    /// A piece of the answer.
    ResponseChunk {
        /// Text to append.
        chunk: String,
        /// Of which run.
        generation_id: GenerationId,
        /// The number of the first delta in `chunk`; deltas are numbered 1, 2, 3 …
        first_seq: u64,
        /// The number of the last. The next frame's `first_seq` is one more.
        seq: u64,
    },
    /// The answer ended and is stored. `full_response` equals the concatenated chunks, always.
    ResponseComplete {
        /// Of the answer.
        message_id: MessageId,
        /// When it was stored.
        timestamp: Timestamp,
        /// The whole text of this run.
        full_response: String,
        /// Of which run.
        generation_id: GenerationId,
        /// How it ended.
        outcome: Outcome,
        /// What it took.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        usage: Option<Usage>,
        /// What it rests on, numbered as the model was shown it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        citations: Vec<Citation>,
        /// How the code and the formulas in it are drawn.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        drawn: Vec<Drawn>,
        /// The model that wrote it, by its name, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        model: Option<String>,
    },
    /// What was looked up for an answer, before the model is asked; between `response_start` and the first chunk.
    Retrieval {
        /// For which run.
        generation_id: GenerationId,
        /// What was found; may be empty.
        sources: Vec<Citation>,
    },
    /// A document of one's own chatbot has gone on.
    Ingestion {
        /// As it is now.
        document: Document,
    },
    /// Something went wrong; the socket lives on unless `fatal`.
    Error {
        /// For people.
        message: String,
        /// For programs.
        code: ProblemCode,
        /// Seconds to wait before trying again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u32>,
        /// A close frame follows.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        fatal: bool,
    },
    /// The session is over; a close frame follows.
    SessionClosed {
        /// Why.
        reason: CloseReason,
    },
    /// The model is busy with others, or still loading (position 0).
    Queued {
        /// How many are served before.
        position: u32,
    },
    /// The conversation was changed, in this tab or elsewhere: what is absent stayed.
    ConversationChanged {
        /// The new title.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// Another branch is shown: the one that ends here. Its messages are read over REST.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        active_leaf: Option<MessageId>,
    },
    /// Answers `ping`.
    Pong,
}

/// An answer that is being written while a socket opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Running {
    /// This run.
    pub generation_id: GenerationId,
    /// Of the answer.
    pub message_id: MessageId,
    /// The last delta so far.
    pub seq: u64,
    /// The prompt it answers.
    pub parent_id: MessageId,
    /// As in `response_start`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub continues: bool,
    /// As in `response_start`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub offset: u64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// A newer session of the same user; never reconnect by itself after this.
    Replaced,
    /// Nothing was said for long.
    Idle,
    /// The sign-in ended.
    LoggedOut,
    /// The credentials ended.
    Expired,
    /// The client closed it (DELETE).
    Closed,
    /// The server restarts; reconnect with jitter.
    ServerShutdown,
}

impl CloseReason {
    /// The WebSocket close code that follows.
    pub const fn close_code(self) -> u16 {
        match self {
            Self::Replaced => close_code::REPLACED,
            Self::Idle => close_code::IDLE,
            Self::LoggedOut | Self::Expired => close_code::CREDENTIALS_ENDED,
            Self::Closed => close_code::NORMAL,
            Self::ServerShutdown => close_code::SERVICE_RESTART,
        }
    }
}

/// Close codes: RFC 6455 section 7.4.1 and our own, 4000 and above.
pub mod close_code {
    /// All said.
    pub const NORMAL: u16 = 1000;
    /// A frame above the limit.
    pub const TOO_BIG: u16 = 1009;
    /// The server restarts.
    pub const SERVICE_RESTART: u16 = 1012;
    /// The credentials ended.
    pub const CREDENTIALS_ENDED: u16 = 4401;
    /// No such session (for this user).
    pub const NO_SUCH_SESSION: u16 = 4404;
    /// Nothing was said for long.
    pub const IDLE: u16 = 4408;
    /// Replaced by a newer session.
    pub const REPLACED: u16 = 4409;
    /// Too many messages, after warnings; or too many sockets.
    pub const TOO_MANY: u16 = 4429;
}
