//! Everything in SQLite, record by record, for [`crate::copy`].

use super::{
    SqliteStore, audit, chatbot, chunk_log, conversation,
    db::{Db, Fields, Sql, statements},
    document, generation, message, sign_in, standing, usage, user,
    value::number,
};
use crate::{
    Result, StoreError,
    copy::{Record, Subject, place_of, usage_place},
    document::{DocumentRecord, LibraryRecord},
};

statements! {
    USERS = "SELECT * FROM user WHERE id > ?1 ORDER BY id LIMIT ?2";
    INVITATIONS = "SELECT * FROM invitation WHERE code_hash > ?1 ORDER BY code_hash LIMIT ?2";
    SIGN_INS = "SELECT * FROM sign_in WHERE id > ?1 ORDER BY id LIMIT ?2";
    TOKENS = "SELECT * FROM refresh_token WHERE hash > ?1 ORDER BY hash LIMIT ?2";
    TICKETS = "SELECT * FROM used_ticket WHERE hash > ?1 ORDER BY hash LIMIT ?2";
    CHATBOTS = "SELECT * FROM chatbot WHERE id > ?1 ORDER BY id LIMIT ?2";
    CONVERSATIONS = "SELECT *, coalesce((SELECT max(position) FROM message
                                         WHERE conversation_id = conversation.id), 0) AS last_position
                     FROM conversation WHERE id > ?1 ORDER BY id LIMIT ?2";
    /// CROSS: messages in their order, each with its conversation.
    MESSAGES = "SELECT message.*, conversation.user_id, conversation.chatbot_id
                FROM message CROSS JOIN conversation ON conversation.id = message.conversation_id
                WHERE message.id > ?1 ORDER BY message.id LIMIT ?2";
    SESSIONS = "SELECT * FROM session WHERE user_id > ?1 ORDER BY user_id LIMIT ?2";
    GENERATIONS = "SELECT * FROM generation WHERE id > ?1 ORDER BY id LIMIT ?2";
    BATCHES = "SELECT * FROM chunk_batch WHERE (generation_id, first_seq) > (?1, ?2)
               ORDER BY generation_id, first_seq LIMIT ?3";
    DOCUMENTS = "SELECT * FROM document WHERE id > ?1 AND deleting = 0 ORDER BY id LIMIT ?2";
    PARTS = "SELECT * FROM document_part WHERE (document_id, part) > (?1, ?2) ORDER BY document_id, part LIMIT ?3";
    TEXTS = "SELECT * FROM document_text WHERE (document_id, fence, part) > (?1, ?2, ?3)
             ORDER BY document_id, fence, part LIMIT ?4";
    CHUNKS = "SELECT * FROM document_chunk WHERE (document_id, fence, number) > (?1, ?2, ?3)
              ORDER BY document_id, fence, number LIMIT ?4";
    VECTORS = "SELECT * FROM document_vector WHERE (document_id, fence, model, number) > (?1, ?2, ?3, ?4)
               ORDER BY document_id, fence, model, number LIMIT ?5";
    LIBRARIES = "SELECT * FROM library WHERE chatbot_id > ?1 ORDER BY chatbot_id LIMIT ?2";
    STANDINGS = "SELECT * FROM standing WHERE user_id > ?1 ORDER BY user_id LIMIT ?2";
    LINKS = "SELECT * FROM password_link WHERE code_hash > ?1 ORDER BY code_hash LIMIT ?2";
    COUNTERS = "SELECT * FROM usage WHERE (day, user_id, model) > (?1, ?2, ?3) ORDER BY day, user_id, model LIMIT ?4";
    AUDIT = "SELECT * FROM audit WHERE id > ?1 ORDER BY id LIMIT ?2";
    NOTES = "SELECT * FROM note WHERE name > ?1 ORDER BY name LIMIT ?2";
}

impl SqliteStore {
    /// Records of a subject behind a key (empty: from the start), in the order of their keys.
    pub(crate) async fn page_of(&self, subject: Subject, after: Vec<u8>, limit: u32) -> Result<Vec<Record>> {
        self.read(move |db| match subject {
            Subject::User => page(db, USERS, after, limit, |row| user::record(row).map(Record::User)),
            Subject::Invitation => page(db, INVITATIONS, after, limit, invitation),
            Subject::SignIn => page(db, SIGN_INS, after, limit, |row| {
                sign_in::record(row).map(Record::SignIn)
            }),
            Subject::RefreshToken => page(db, TOKENS, after, limit, token),
            Subject::UsedTicket => page(db, TICKETS, after, limit, ticket),
            Subject::Chatbot => page(db, CHATBOTS, after, limit, |row| {
                Ok(Record::Chatbot {
                    record: chatbot::record(row)?,
                    deleted_at: row.optional_time("deleted_at")?,
                })
            }),
            Subject::Conversation => page(db, CONVERSATIONS, after, limit, |row| {
                Ok(Record::Conversation {
                    record: conversation::record(row)?,
                    session_fence: row.number("session_fence")?,
                    last_position: row.number("last_position")?,
                })
            }),
            Subject::Message => page(db, MESSAGES, after, limit, |row| {
                Ok(Record::Message {
                    record: message::record(row)?,
                    user_id: row.id("user_id")?,
                    chatbot_id: row.id("chatbot_id")?,
                })
            }),
            Subject::Session => page(db, SESSIONS, after, limit, session),
            Subject::Generation => page(db, GENERATIONS, after, limit, |row| {
                Ok(Record::Generation {
                    record: generation::record(row)?,
                    sealed: row.yes("sealed")?,
                    stop_requested: row.yes("stop_requested")?,
                    log_collected: row.yes("log_collected")?,
                })
            }),
            Subject::ChunkBatch => batches(db, &after, limit),
            Subject::Document => page(db, DOCUMENTS, after, limit, |row| {
                Ok(Record::Document(DocumentRecord {
                    change: 0,
                    ..document::record(row)?
                }))
            }),
            Subject::DocumentPart => parts(db, &after, limit),
            Subject::DocumentText => texts(db, &after, limit),
            Subject::DocumentChunk => chunks(db, &after, limit),
            Subject::DocumentVector => vectors(db, &after, limit),
            Subject::Library => page(db, LIBRARIES, after, limit, |row| {
                Ok(Record::Library {
                    chatbot_id: row.id("chatbot_id")?,
                    record: LibraryRecord {
                        version: row.number("version")?,
                        model: row.optional_text("model")?,
                    },
                })
            }),
            Subject::Note => notes(db, after, limit),
            Subject::Standing => page(db, STANDINGS, after, limit, |row| {
                Ok(Record::Standing {
                    user_id: row.id("user_id")?,
                    record: standing::record(row)?,
                })
            }),
            Subject::PasswordLink => page(db, LINKS, after, limit, |row| {
                Ok(Record::PasswordLink {
                    code_hash: hash(row, "code_hash")?,
                    record: standing::link(row)?,
                    used_at: row.optional_time("used_at")?,
                })
            }),
            Subject::Usage => counters(db, &after, limit),
            Subject::Audit => page(db, AUDIT, after, limit, |row| {
                audit::record(row).map(Record::Audit)
            }),
        })
        .await
    }
}

fn page(
    db: &Db,
    sql: Sql,
    after: Vec<u8>,
    limit: u32,
    map: impl Fn(&Fields<'_>) -> Result<Record>,
) -> Result<Vec<Record>> {
    db.all(sql, (after, limit), map)
}

fn invitation(row: &Fields<'_>) -> Result<Record> {
    let redeemed_at = row.optional_time("redeemed_at")?;
    let redeemed_by = row.optional_id("redeemed_by")?;
    Ok(Record::Invitation {
        code_hash: hash(row, "code_hash")?,
        expires_at: row.time("expires_at")?,
        redeemed: redeemed_by.zip(redeemed_at),
    })
}

fn token(row: &Fields<'_>) -> Result<Record> {
    Ok(Record::RefreshToken {
        hash: hash(row, "hash")?,
        sign_in_id: row.id("sign_in_id")?,
        rotated_at: row.optional_time("rotated_at")?,
    })
}

fn ticket(row: &Fields<'_>) -> Result<Record> {
    Ok(Record::UsedTicket {
        hash: hash(row, "hash")?,
        expires_at: row.time("expires_at")?,
    })
}

fn session(row: &Fields<'_>) -> Result<Record> {
    Ok(Record::Session {
        user_id: row.id("user_id")?,
        id: row.optional_id("id")?,
        fence: row.number("fence")?,
        sign_in_id: row.id("sign_in_id")?,
        chatbot_id: row.id("chatbot_id")?,
        conversation_id: row.id("conversation_id")?,
        node_id: row.text("node_id")?,
        opened_at: row.time("opened_at")?,
        last_seen_at: row.time("last_seen_at")?,
    })
}

fn batches(db: &Db, after: &[u8], limit: u32) -> Result<Vec<Record>> {
    // See `batch_key`.
    let (generation, seq) = after.split_at_checked(16).unwrap_or((&[], &[]));
    let seq = seq.first_chunk::<8>().map_or(0, |seq| u64::from_be_bytes(*seq));
    let seq = i64::try_from(seq).unwrap_or(i64::MAX);
    db.all(BATCHES, (generation, seq, limit), |row| {
        if row.is_null("text")? {
            Ok(Record::Seal {
                generation_id: row.id("generation_id")?,
                first_seq: row.number("first_seq")?,
                fence: row.number("fence")?,
            })
        } else {
            chunk_log::record(row).map(Record::Batch)
        }
    })
}

fn parts(db: &Db, after: &[u8], limit: u32) -> Result<Vec<Record>> {
    let (id, [part], _) = place_of(after);
    db.all(PARTS, (id, number(part), limit), |row| {
        Ok(Record::DocumentPart {
            document_id: row.id("document_id")?,
            part: row.u32("part")?,
            bytes: row.bytes("bytes")?,
        })
    })
}

fn texts(db: &Db, after: &[u8], limit: u32) -> Result<Vec<Record>> {
    let (id, [fence, part], _) = place_of(after);
    db.all(TEXTS, (id, number(fence), number(part), limit), |row| {
        Ok(Record::DocumentText {
            document_id: row.id("document_id")?,
            fence: row.number("fence")?,
            part: row.u32("part")?,
            bytes: row.bytes("bytes")?,
        })
    })
}

fn chunks(db: &Db, after: &[u8], limit: u32) -> Result<Vec<Record>> {
    let (id, [fence, index], _) = place_of(after);
    db.all(CHUNKS, (id, number(fence), number(index), limit), |row| {
        Ok(Record::DocumentChunk {
            document_id: row.id("document_id")?,
            fence: row.number("fence")?,
            chunk: document::contents::chunk(row)?,
        })
    })
}

fn vectors(db: &Db, after: &[u8], limit: u32) -> Result<Vec<Record>> {
    let (id, [fence, index], model) = place_of(after);
    let model = String::from_utf8_lossy(model);
    db.all(VECTORS, (id, number(fence), model, number(index), limit), |row| {
        Ok(Record::DocumentVector {
            document_id: row.id("document_id")?,
            fence: row.number("fence")?,
            model: row.text("model")?,
            vector: document::vectors::of_row(row)?,
        })
    })
}

fn notes(db: &Db, after: Vec<u8>, limit: u32) -> Result<Vec<Record>> {
    // As text: to SQLite every text is less than any bytes.
    let after = String::from_utf8_lossy(&after).into_owned();
    db.all(NOTES, (after, limit), |row| {
        Ok(Record::Note {
            name: row.text("name")?,
            text: row.text("text")?,
        })
    })
}

fn counters(db: &Db, after: &[u8], limit: u32) -> Result<Vec<Record>> {
    let (day, user, model) = usage_place(after);
    let model = String::from_utf8_lossy(model);
    db.all(COUNTERS, (day, user, model, limit), |row| {
        usage::record(row).map(Record::Usage)
    })
}

fn hash(row: &Fields<'_>, name: &str) -> Result<[u8; 32]> {
    let bytes = row.bytes(name)?;
    <[u8; 32]>::try_from(bytes).map_err(|_| StoreError::Damaged(format!("{name} is no hash")))
}
