//! How values are stored: ids as 16 bytes, times and numbers as integers, enums as words.

use wire::{
    ChatbotId, ClientMessageId, ConversationId, GenerationId, MessageId, SessionId, SignInId, Timestamp,
    UserId,
    auth::Role,
    chatbot::{Colour, Visibility},
    message::{MessageRole, MessageStatus, Outcome},
};

/// An id.
pub(super) trait Key: Copy {
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

keys! { UserId ChatbotId SessionId ConversationId MessageId GenerationId ClientMessageId SignInId }

/// An id, to be stored.
pub(super) fn key(id: impl Key) -> [u8; 16] {
    id.to_bytes()
}

/// A number, to be stored. SQLite's integers are signed; what is beyond them means "never" or "far too many", and so
/// does their largest.
pub(super) fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A time, to be stored.
pub(super) fn time(time: Timestamp) -> i64 {
    number(time.as_millis())
}

/// An enum, stored as a word.
pub(super) trait Word: Copy + 'static {
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
        Failed = "failed"
    }
    Outcome { Complete = "complete", Stopped = "stopped", Interrupted = "interrupted", Failed = "failed" }
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
    fn words_stay_as_they_are_in_files_that_exist() {
        assert_eq!(words::<Role>(), "user admin");
        assert_eq!(words::<Visibility>(), "private everyone");
        assert_eq!(words::<MessageRole>(), "user assistant");
        assert_eq!(
            words::<MessageStatus>(),
            "generating complete stopped interrupted failed"
        );
        assert_eq!(words::<Outcome>(), "complete stopped interrupted failed");
        assert_eq!(Outcome::parse("stopped"), Some(Outcome::Stopped));
        assert_eq!(MessageStatus::parse("failed"), Some(MessageStatus::Failed));
        assert_eq!(
            words::<Colour>(),
            "clay coral amber moss leaf teal sky indigo violet plum rose slate"
        );
    }

    #[test]
    fn numbers_beyond_the_files_largest_mean_never() {
        assert_eq!(number(u64::MAX), i64::MAX);
        assert_eq!(time(Timestamp::from_millis(1_750_000_000_000)), 1_750_000_000_000);
    }
}
