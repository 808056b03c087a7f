//! Where a page of the history ended, as text that clients only hand back.

use crate::problem::{ApiError, ApiResult};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use store::conversation::{ConversationCursor, ConversationRecord};
use uuid::Uuid;
use wire::{ConversationId, ProblemCode, Timestamp};

/// Behind this conversation.
pub(super) fn behind(conversation: &ConversationRecord) -> String {
    write(ConversationCursor {
        updated_at: conversation.updated_at,
        id: conversation.id,
    })
}

fn write(cursor: ConversationCursor) -> String {
    let time = cursor.updated_at.as_millis().to_be_bytes();
    URL_SAFE_NO_PAD.encode([time.as_slice(), cursor.id.as_uuid().as_bytes()].concat())
}

pub(super) fn parse(text: &str) -> ApiResult<ConversationCursor> {
    read(text).ok_or_else(|| ApiError::new(ProblemCode::InvalidRequest, "cursor: not one of ours"))
}

fn read(text: &str) -> Option<ConversationCursor> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (time, id) = bytes.split_first_chunk::<8>()?;
    Some(ConversationCursor {
        updated_at: Timestamp::from_millis(u64::from_be_bytes(*time)),
        id: ConversationId::from_uuid(Uuid::from_slice(id).ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_as_it_was_written_and_nothing_else_does() {
        let cursor = ConversationCursor {
            updated_at: Timestamp::from_millis(1_700_000_000_123),
            id: ConversationId::from_uuid(Uuid::from_u128(7)),
        };
        let text = write(cursor);
        assert_eq!(parse(&text).unwrap(), cursor);
        for wrong in ["", "x", "🦀", &text[1..], &format!("{text}AAAA")] {
            assert_eq!(
                parse(wrong).unwrap_err().code,
                ProblemCode::InvalidRequest,
                "{wrong:?}"
            );
        }
    }
}
