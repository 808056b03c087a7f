//! The records of an SQLite file.

use super::{ActiveSession, Batch, Generation, Records, of_word};
use crate::Done;
use rusqlite::{Connection, OpenFlags, Row};
use std::path::Path;
use uuid::Uuid;
use wire::message::Message;
use wire::{GenerationId, MessageId, SessionId, Timestamp, UserId};

pub(super) fn read(file: &Path) -> Done<Records> {
    let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    Ok(Records {
        generations: all(
            &db,
            "SELECT id, message_id, fence, outcome, settled, text_offset FROM generation",
            |row| {
                let word: Option<String> = row.get(3)?;
                Ok(Generation {
                    id: GenerationId::from_uuid(uuid(row, 0)?),
                    message: MessageId::from_uuid(uuid(row, 1)?),
                    offset: usize::try_from(row.get::<_, i64>(5)?)?,
                    fence: u64::try_from(row.get::<_, i64>(2)?)?,
                    outcome: word.as_deref().map(of_word).transpose()?,
                    settled: row.get(4)?,
                })
            },
        )?,
        batches: all(
            &db,
            "SELECT generation_id, first_seq, next_seq, fence, text FROM chunk_batch",
            |row| {
                Ok(Batch {
                    generation: GenerationId::from_uuid(uuid(row, 0)?),
                    first_seq: u64::try_from(row.get::<_, i64>(1)?)?,
                    next_seq: u64::try_from(row.get::<_, i64>(2)?)?,
                    fence: u64::try_from(row.get::<_, i64>(3)?)?,
                    text: row.get(4)?,
                })
            },
        )?,
        sessions: all(
            &db,
            "SELECT user_id, id FROM session WHERE id IS NOT NULL",
            |row| {
                Ok(ActiveSession {
                    user: UserId::from_uuid(uuid(row, 0)?),
                    session: SessionId::from_uuid(uuid(row, 1)?),
                })
            },
        )?,
        messages: all(
            &db,
            "SELECT id, parent_id, role, status, text FROM message",
            |row| {
                let parent: Option<Vec<u8>> = row.get(1)?;
                Ok(Message {
                    id: MessageId::from_uuid(uuid(row, 0)?),
                    role: of_word(&row.get::<_, String>(2)?)?,
                    message: row.get(4)?,
                    created_at: Timestamp::from_millis(0),
                    parent_id: parent
                        .map(|id| Uuid::from_slice(&id).map(MessageId::from_uuid))
                        .transpose()?,
                    status: of_word(&row.get::<_, String>(3)?)?,
                    siblings: Vec::new(),
                    citations: Vec::new(),
                    drawn: Vec::new(),
                    model: None,
                    feedback: None,
                })
            },
        )?,
        repeated: all(
            &db,
            "SELECT hex(client_message_id) FROM message WHERE client_message_id IS NOT NULL
             GROUP BY conversation_id, client_message_id HAVING count(*) > 1",
            |row| Ok(row.get(0)?),
        )?,
    })
}

fn all<T>(db: &Connection, sql: &str, read: impl Fn(&Row<'_>) -> Done<T>) -> Done<Vec<T>> {
    let mut statement = db.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

fn uuid(row: &Row<'_>, column: usize) -> Done<Uuid> {
    Ok(Uuid::from_slice(&row.get::<_, Vec<u8>>(column)?)?)
}
