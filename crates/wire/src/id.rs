//! Ids: one type for each kind of thing, so that one cannot be passed for another.
//!
//! All are UUIDs on the wire (version 7, made by the server; a [`ClientMessageId`] is made by the client, any version).
//! This crate only parses and prints them: who makes ids owns the randomness.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// The text is not a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidId;

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a UUID")
    }
}

impl std::error::Error for InvalidId {}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = String, format = "uuid"))]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that is known to name this kind of thing.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID, for storage.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0.hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)
            }
        }
    )*};
}

ids! {
    /// A person with an account.
    UserId
    /// A chatbot: a name, a system prompt, later its documents.
    ChatbotId
    /// The one place a user chats from at a time.
    SessionId
    /// A tree of messages between one user and one chatbot.
    ConversationId
    /// One message in a conversation.
    MessageId
    /// One run of the model; a message continued later has several. Never reused.
    GenerationId
    /// Made by the client for each prompt, so that a prompt sent twice is stored once.
    ClientMessageId
    /// One signing-in on one device: the family of its refresh tokens.
    SignInId
    /// A file that a chatbot answers from.
    DocumentId
    /// A line of the audit log.
    AuditId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_print_as_they_parse() {
        let text = "0192f0c1-2a3b-7c4d-8e5f-6a7b8c9d0e1f";
        assert_eq!(text.parse::<UserId>().unwrap().to_string(), text);
    }

    #[test]
    fn text_that_is_no_uuid_is_rejected() {
        for text in [
            "",
            "1",
            "0192f0c1-2a3b-7c4d-8e5f-6a7b8c9d0e1",
            "selected_chatbot_id",
        ] {
            assert_eq!(text.parse::<ChatbotId>(), Err(InvalidId), "{text:?}");
        }
    }
}
