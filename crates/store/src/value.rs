//! What every store writes alike: ids as 16 bytes, enums as words.

use wire::{
    AuditId, ChatbotId, ClientMessageId, ConversationId, DocumentId, GenerationId, MessageId, SessionId,
    SignInId, UserId,
    admin::AuditKind,
    auth::{Role, Theme},
    chatbot::{Colour, Visibility},
    document::{DocumentFault, DocumentStatus},
    feedback::{Reason, Verdict},
    message::{MessageRole, MessageStatus, Outcome},
};

/// An id.
pub(crate) trait Key: Copy {
    fn to_bytes(self) -> [u8; 16];
    fn from_bytes(bytes: [u8; 16]) -> Self;
}

macro_rules! keys {
    ($($id:ident)*) => {$(
        impl Key for $id {
            fn to_bytes(self) -> [u8; 16] {
                self.as_uuid().into_bytes()
            }

            fn from_bytes(bytes: [u8; 16]) -> Self {
                Self::from_uuid(uuid::Uuid::from_bytes(bytes))
            }
        }
    )*};
}

keys! { UserId ChatbotId SessionId ConversationId MessageId GenerationId ClientMessageId SignInId DocumentId AuditId }

/// An enum, stored as a word.
pub(crate) trait Word: Copy + 'static {
    const ALL: &'static [Self];
    fn word(self) -> &'static str;

    fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|candidate| candidate.word() == text)
    }
}

macro_rules! words {
    ($($type:ident { $($variant:ident = $word:literal),* })*) => {$(
        impl Word for $type {
            const ALL: &'static [Self] = &[$(Self::$variant),*];

            fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    )*};
}

words! {
    Role { User = "user", Admin = "admin" }
    Visibility { Private = "private", Everyone = "everyone" }
    MessageRole { User = "user", Assistant = "assistant" }
    MessageStatus {
        Generating = "generating", Complete = "complete", Stopped = "stopped", Interrupted = "interrupted",
        Failed = "failed", Cut = "cut"
    }
    DocumentStatus {
        Queued = "queued", Extracting = "extracting", Chunking = "chunking", Embedding = "embedding", Ready = "ready",
        Failed = "failed"
    }
    DocumentFault {
        Unsupported = "unsupported", Encrypted = "encrypted", Damaged = "damaged", TooLarge = "too_large",
        TooManyPages = "too_many_pages", TimedOut = "timed_out", OutOfMemory = "out_of_memory", Crashed = "crashed",
        NoText = "no_text", EmbeddingFailed = "embedding_failed", LibraryFull = "library_full", Internal = "internal"
    }
    Verdict { Up = "up", Down = "down" }
    Outcome {
        Complete = "complete", Stopped = "stopped", Interrupted = "interrupted", Failed = "failed", Cut = "cut"
    }
}

impl Word for Reason {
    const ALL: &'static [Self] = &Self::ALL;

    fn word(self) -> &'static str {
        self.name()
    }
}

impl Word for AuditKind {
    const ALL: &'static [Self] = &Self::ALL;

    fn word(self) -> &'static str {
        Self::word(self)
    }
}

impl Word for Theme {
    const ALL: &'static [Self] = &[Self::System, Self::Light, Self::Dark];

    fn word(self) -> &'static str {
        Self::word(self)
    }
}

impl Word for Colour {
    const ALL: &'static [Self] = &Self::ALL;

    fn word(self) -> &'static str {
        self.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words<T: Word>() -> String {
        T::ALL
            .iter()
            .map(|word| word.word())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn words_stay_as_they_are_in_databases_that_exist() {
        assert_eq!(words::<Role>(), "user admin");
        assert_eq!(words::<Theme>(), "system light dark");
        assert_eq!(words::<Visibility>(), "private everyone");
        assert_eq!(words::<MessageRole>(), "user assistant");
        assert_eq!(
            words::<MessageStatus>(),
            "generating complete stopped interrupted failed cut"
        );
        assert_eq!(words::<Outcome>(), "complete stopped interrupted failed cut");
        assert_eq!(words::<Verdict>(), "up down");
        assert_eq!(words::<Reason>(), "wrong off_topic incomplete unclear harmful");
        assert_eq!(Outcome::parse("stopped"), Some(Outcome::Stopped));
        assert_eq!(MessageStatus::parse("failed"), Some(MessageStatus::Failed));
        assert_eq!(
            words::<Colour>(),
            "clay coral amber moss leaf teal sky indigo violet plum rose slate"
        );
    }
}
