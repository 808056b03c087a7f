//! The schema's history: each step once, in order, counted in the file's `user_version`.
//!
//! A step that was released is never edited: add the next one. The snapshot test shows what a step changes.

use super::db;
use crate::{Result, StoreError};
use rusqlite::{Connection, TransactionBehavior};

/// All steps. A file at version n has seen the first n.
const STEPS: [&str; 12] = [
    include_str!("migration/001_start.sql"),
    include_str!("migration/002_nodes.sql"),
    include_str!("migration/003_search.sql"),
    include_str!("migration/004_branches.sql"),
    include_str!("migration/005_documents.sql"),
    include_str!("migration/006_pinned.sql"),
    include_str!("migration/007_vectors.sql"),
    include_str!("migration/008_account.sql"),
    include_str!("migration/009_administration.sql"),
    include_str!("migration/010_bits.sql"),
    include_str!("migration/011_deletion.sql"),
    include_str!("migration/012_tokens.sql"),
];

/// The version of a file that has seen them all.
const NEWEST: i64 = 12;

const _: () = assert!(STEPS.len() == 12 && NEWEST == 12, "one version a step");

/// Whether there is a step that this file has not seen.
pub(super) fn is_behind(connection: &Connection) -> Result<bool> {
    Ok(version(connection)? < NEWEST)
}

fn version(connection: &Connection) -> Result<i64> {
    connection
        .query_row("PRAGMA user_version", (), |row| row.get(0))
        .map_err(db::failure)
}

/// Brings the file up to date, all or nothing. Two processes may do it at the same time: the second finds it done.
pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(db::failure)?;
    let version = version(&transaction)?;
    if version > NEWEST {
        let reason = format!("a newer Parlance made it (schema {version}, this one knows {NEWEST})");
        return Err(StoreError::Unavailable(reason));
    }
    for (after, step) in (1..).zip(STEPS) {
        if after > version {
            transaction.execute_batch(step).map_err(db::failure)?;
        }
    }
    if version < NEWEST {
        transaction
            .pragma_update(None, "user_version", NEWEST)
            .map_err(db::failure)?;
    }
    transaction.commit().map_err(db::failure)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SqliteStore, generation::Generations, message::Messages, sqlite::connection};
    use wire::{
        ConversationId, GenerationId, MessageId,
        message::{MessageStatus, Outcome},
    };

    /// As the id of this number is stored.
    fn uuid(number: u128) -> uuid::Uuid {
        uuid::Uuid::from_u128(number)
    }

    /// A file of version 3 as it was left by a process that died: two answers are being written, one of them by a
    /// generation that is gone; a third was finished.
    fn left_at_version_3(path: &std::path::Path) {
        let connection = connection::open(path).unwrap();
        for step in STEPS.iter().take(3) {
            connection.execute_batch(step).unwrap();
        }
        connection.pragma_update(None, "user_version", 3).unwrap();
        let id = |number| format!("x'{}'", uuid(number).simple());
        let message = |number, parent: &str, position, role, status, text| {
            format!(
                "INSERT INTO message (id, conversation_id, parent_id, position, role, status, created_at, text)
                 VALUES ({}, {}, {parent}, {position}, '{role}', '{status}', 1, '{text}');",
                id(number),
                id(1)
            )
        };
        let generation = |number, message, started_at, ended: &str| {
            format!(
                "INSERT INTO generation (id, message_id, conversation_id, user_id, session_id, node_id, fence,
                                         lease_until, started_at, ended_at, outcome, settled, prompt_id)
                 VALUES ({}, {}, {}, {}, {}, 'old', 1, 9, {started_at}, {ended}, {});",
                id(number),
                id(message),
                id(1),
                id(2),
                id(3),
                id(10)
            )
        };
        let sql = [
            format!(
                "INSERT INTO conversation (id, user_id, chatbot_id, chatbot_name, created_at, updated_at)
                 VALUES ({}, {}, {}, 'Ada', 0, 0);",
                id(1),
                id(2),
                id(4)
            ),
            message(10, "NULL", 1, "user", "complete", "What is an engine?"),
            message(11, &id(10), 2, "assistant", "generating", ""),
            message(12, &id(10), 3, "assistant", "generating", ""),
            message(13, &id(10), 4, "assistant", "stopped", "A machine"),
            generation(21, 11, 5, "NULL, NULL, 0"),
            generation(23, 13, 4, "6, 'stopped', 1"),
        ];
        connection.execute_batch(&sql.concat()).unwrap();
    }

    #[tokio::test]
    async fn an_answer_that_was_being_written_when_its_file_was_brought_up_to_date_is_ended_by_its_writer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.db");
        left_at_version_3(&path);
        assert!(SqliteStore::is_behind(&path).unwrap());
        let store = SqliteStore::open(&path).unwrap();
        let message = |number| MessageId::from_uuid(uuid(number));
        let generation = |number| GenerationId::from_uuid(uuid(number));
        let (writer, other) = (generation(21), generation(99));

        let found = store.message(message(11)).await.unwrap().unwrap();
        assert_eq!(found.generation_id, Some(writer));
        assert_eq!(store.generation(writer).await.unwrap().unwrap().offset, 0);
        let settle = async |number, by| {
            let settled = store.settle_message(message(number), by, "An exact prefix", Outcome::Interrupted);
            settled.await.unwrap()
        };
        assert!(!settle(11, other).await);
        assert!(settle(11, writer).await);
        assert!(settle(12, other).await, "its writer is gone: anybody ends it");
        for number in [11, 12] {
            let found = store.message(message(number)).await.unwrap().unwrap();
            assert_eq!(
                (found.text.as_str(), found.status),
                ("An exact prefix", MessageStatus::Interrupted)
            );
        }

        // What was finished before can go on, from as much as is known of it.
        let finished = store.message(message(13)).await.unwrap().unwrap();
        assert_eq!(finished.generation_id, None);
        assert!(store.reopen_message(message(13), other, None).await.unwrap());
        let conversation = ConversationId::from_uuid(uuid(1));
        let children = store.children(conversation, &[Some(message(10))]).await.unwrap();
        let children: Vec<_> = children.iter().map(|child| child.id).collect();
        assert_eq!(children, [11, 12, 13].map(message));
    }

    #[tokio::test]
    async fn vectors_that_stood_in_their_passages_are_found_by_their_model() {
        use crate::document::Documents;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.db");
        {
            let connection = connection::open(&path).unwrap();
            for step in STEPS.iter().take(5) {
                connection.execute_batch(step).unwrap();
            }
            connection.pragma_update(None, "user_version", 5).unwrap();
            let id = |number| format!("x'{}'", uuid(number).simple());
            let vector = "x'0000003f000080be'";
            let sql = format!(
                "INSERT INTO document (id, chatbot_id, user_id, bytes, sha256, sealed, status, chunks, embedding_model,
                                       fence, ready_fence, attempts, created_at, name)
                 VALUES ({0}, {1}, {2}, 1, x'07', 1, 'ready', 1, 'minilm', 2, 2, 0, 1, 'kettle.md'),
                        ({3}, {1}, {2}, 1, x'08', 1, 'ready', 1, NULL, 1, 1, 0, 1, 'words.md');
                 INSERT INTO library (chatbot_id, version) VALUES ({1}, 4);
                 INSERT INTO document_chunk (document_id, fence, number, start, finish, pages, tokens, headings, context,
                                             vector)
                 VALUES ({0}, 1, 0, 0, 5, '[]', 1, '[]', 'stale', {vector}),
                        ({0}, 2, 0, 0, 5, '[]', 1, '[]', 'read', {vector}),
                        ({3}, 1, 0, 0, 5, '[]', 1, '[]', 'without', NULL);",
                id(10),
                id(4),
                id(2),
                id(11)
            );
            let sql = sql
                .replace("x'07'", "zeroblob(32)")
                .replace("x'08'", "randomblob(32)");
            connection.execute_batch(&sql).unwrap();
        }
        let store = SqliteStore::open(&path).unwrap();
        let document = |number| wire::DocumentId::from_uuid(uuid(number));
        let vectors = store.vectors(document(10), 2, "minilm", 0, 10).await.unwrap();
        let found: Vec<_> = vectors
            .iter()
            .map(|found| (found.index, found.vector.clone()))
            .collect();
        assert_eq!(found, [(0, vec![0.5, -0.25])]);
        assert_eq!(store.vectors(document(10), 1, "minilm", 0, 10).await.unwrap(), []);
        let kept = store.document(document(10)).await.unwrap().unwrap();
        assert_eq!(kept.embedding_models, ["minilm"]);
        let without = store.document(document(11)).await.unwrap().unwrap();
        assert_eq!(without.embedding_models, [""; 0]);
        let library = store.library(wire::ChatbotId::from_uuid(uuid(4))).await.unwrap();
        assert_eq!((library.version, library.model.as_deref()), (4, Some("minilm")));
        assert_eq!(
            store.chunks(document(10), 2, 0, 10).await.unwrap()[0].context,
            "read"
        );
    }
}
