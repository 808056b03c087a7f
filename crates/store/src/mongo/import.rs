//! Everything into MongoDB, record by record, for [`crate::copy`].
//!
//! Documents are made and read by the same functions that the subjects use. While a copy is under way, a note in the
//! database keeps servers from it ([`MongoStore::open`]).

use super::{
    MongoStore, audit, chatbot, chunk_log,
    collection::{
        AUDIT, CHATBOT, CHUNK_BATCH, CONVERSATION, DOCUMENT, DOCUMENT_CHUNK, DOCUMENT_PART, DOCUMENT_TEXT,
        DOCUMENT_VECTOR, GENERATION, INVITATION, LIBRARY, MESSAGE, META, NOTE, PASSWORD_LINK, REFRESH_TOKEN,
        SESSION, SIGN_IN, STANDING, USAGE, USED_TICKET, USER,
    },
    conversation, document as documents, generation,
    message::{self, Place as MessagePlace},
    query::queries,
    session, sign_in, standing, usage, user,
    value::{Fields, bytes, key, number, optional_time},
};
use crate::{
    Result, StoreError,
    copy::{Place, Record, State, Subject, Sum},
    document::LibraryRecord,
    vector,
};
use futures::TryStreamExt;
use mongodb::bson::{Document, doc};

queries! {
    copy_state() in META { "_id": "copy" };
}

/// A database that everything is copied into.
#[derive(Debug)]
pub(crate) struct Target(MongoStore);

impl Target {
    /// Connects, and makes the indexes: a copy under way is no reason to refuse.
    pub(crate) async fn open(uri: &str, database: &str) -> Result<Self> {
        let store = MongoStore::connect(uri, database).await?;
        store.make_ready().await?;
        Ok(Self(store))
    }

    /// What an earlier copy has left.
    pub(crate) async fn state(&self) -> Result<Option<State>> {
        let found = self.0.db.first(copy_state()).await?;
        let Some(found) = found.as_ref().map(Fields::of) else {
            return Ok(None);
        };
        Ok(Some(State {
            source: found.text("source")?,
            at: Place {
                subject: found.number("subject")?,
                after: found.bytes("after")?.to_vec(),
            },
            is_done: found.yes("done")?,
        }))
    }

    /// Whether anything is in it.
    pub(crate) async fn is_occupied(&self) -> Result<bool> {
        for subject in Subject::ALL {
            let collection = self
                .0
                .db
                .database()
                .collection::<Document>(collection_of(subject));
            if self.0.db.bounded(collection.find_one(doc! {})).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Notes how far it is.
    pub(crate) async fn note(&self, source: &str, at: &Place, is_done: bool) -> Result<()> {
        let noted = doc! { "$set": {
            "source": source, "subject": number(at.subject), "after": bytes(&at.after), "done": is_done,
        } };
        self.0.db.upsert(copy_state(), noted).await
    }

    /// Inserts records of one subject; those that are there already are left as they are.
    pub(crate) async fn insert(&self, records: &[Record]) -> Result<()> {
        let mut documents = Vec::with_capacity(records.len());
        let mut collection = META;
        for record in records {
            let (of, document) = document(record)?;
            collection = of;
            documents.push(document);
        }
        self.0.db.insert_all(collection, &documents).await.map(drop)
    }

    /// All records of a subject, counted and summed up.
    pub(crate) async fn sum(&self, subject: Subject) -> Result<Sum> {
        let collection = self
            .0
            .db
            .database()
            .collection::<Document>(collection_of(subject));
        // All of it, on purpose, and for as long as it takes.
        let mut documents = self.0.db.bounded(collection.find(doc! {})).await?;
        let mut sum = Sum::default();
        while let Some(document) = self.0.db.bounded(documents.try_next()).await? {
            sum.add(&record(subject, &document)?);
        }
        Ok(sum)
    }

    pub(crate) async fn close(&self) {
        self.0.db.close().await;
    }
}

impl MongoStore {
    /// A copy that is not whole must not be served.
    pub(super) async fn refuse_half_a_copy(&self) -> Result<()> {
        let copy = self.db.first(copy_state()).await?;
        if copy.is_some_and(|copy| !Fields::of(&copy).yes("done").unwrap_or(false)) {
            let reason =
                "the copy of another database into this one is not finished: run `parlance migrate` again";
            return Err(StoreError::Unusable(reason.into()));
        }
        Ok(())
    }
}

fn collection_of(subject: Subject) -> &'static str {
    match subject {
        Subject::User => USER,
        Subject::Invitation => INVITATION,
        Subject::SignIn => SIGN_IN,
        Subject::RefreshToken => REFRESH_TOKEN,
        Subject::UsedTicket => USED_TICKET,
        Subject::Chatbot => CHATBOT,
        Subject::Conversation => CONVERSATION,
        Subject::Message => MESSAGE,
        Subject::Session => SESSION,
        Subject::Generation => GENERATION,
        Subject::ChunkBatch => CHUNK_BATCH,
        Subject::Document => DOCUMENT,
        Subject::DocumentPart => DOCUMENT_PART,
        Subject::DocumentText => DOCUMENT_TEXT,
        Subject::DocumentChunk => DOCUMENT_CHUNK,
        Subject::DocumentVector => DOCUMENT_VECTOR,
        Subject::Library => LIBRARY,
        Subject::Note => NOTE,
        Subject::Standing => STANDING,
        Subject::PasswordLink => PASSWORD_LINK,
        Subject::Usage => USAGE,
        Subject::Audit => AUDIT,
    }
}

fn document(record: &Record) -> Result<(&'static str, Document)> {
    Ok(match record {
        Record::User(user) => (USER, user::document(user)),
        Record::Invitation {
            code_hash,
            expires_at,
            redeemed,
        } => (
            INVITATION,
            user::invitation_document(code_hash, *expires_at, *redeemed),
        ),
        Record::SignIn(sign_in) => (SIGN_IN, sign_in::document(sign_in)),
        Record::RefreshToken {
            hash,
            sign_in_id,
            rotated_at,
        } => {
            let mut document = sign_in::current_token(hash, *sign_in_id);
            document.insert("rotated_at", optional_time(*rotated_at));
            (REFRESH_TOKEN, document)
        }
        Record::UsedTicket { hash, expires_at } => (USED_TICKET, sign_in::ticket_document(hash, *expires_at)),
        Record::Chatbot { record, deleted_at } => {
            let mut document = chatbot::document(record);
            document.insert("deleted", deleted_at.is_some());
            document.insert("deleted_at", optional_time(*deleted_at));
            (CHATBOT, document)
        }
        Record::Conversation {
            record,
            session_fence,
            last_position,
        } => {
            let mut document = conversation::document(record);
            document.insert("session_fence", number(*session_fence));
            document.insert("last_position", number(*last_position));
            (CONVERSATION, document)
        }
        Record::Message {
            record,
            user_id,
            chatbot_id,
        } => {
            let place = MessagePlace {
                user_id: *user_id,
                chatbot_id: *chatbot_id,
                last_position: record.position,
            };
            let new = message::as_new(record.clone());
            let mut document = message::document(&new, &place, record.position);
            if let Some(citations) = crate::citations::encode(&record.citations) {
                document.insert("citations", citations);
            }
            if let Some(given) = &record.feedback {
                document.extend(message::rating(given));
            }
            (MESSAGE, document)
        }
        Record::Session { .. } => (SESSION, session::document_of(record)),
        Record::Generation {
            record,
            sealed,
            stop_requested,
            log_collected,
        } => {
            let mut document = generation::document(record);
            document.insert("sealed", *sealed);
            document.insert("stop_requested", *stop_requested);
            document.insert("log_collected", *log_collected);
            (GENERATION, document)
        }
        Record::Batch(batch) => {
            let lengths = crate::lengths::encode(&batch.text, &batch.lengths);
            let lengths =
                lengths.ok_or_else(|| StoreError::Damaged("the boundaries of a chunk batch".into()))?;
            (CHUNK_BATCH, chunk_log::document(batch, &lengths))
        }
        Record::Seal {
            generation_id,
            first_seq,
            fence,
        } => (
            CHUNK_BATCH,
            chunk_log::seal_document(*generation_id, *first_seq, *fence),
        ),
        Record::Document(document) => (DOCUMENT, documents::document(document)),
        Record::DocumentPart {
            document_id,
            part,
            bytes: content,
        } => (
            DOCUMENT_PART,
            doc! { "document_id": key(*document_id), "part": number((*part).into()), "bytes": bytes(content) },
        ),
        Record::DocumentText {
            document_id,
            fence,
            part,
            bytes: content,
        } => (
            DOCUMENT_TEXT,
            doc! {
                "document_id": key(*document_id), "fence": number(*fence), "part": number((*part).into()),
                "bytes": bytes(content),
            },
        ),
        Record::DocumentChunk {
            document_id,
            fence,
            chunk,
        } => {
            let mut document = documents::contents::document(chunk);
            document.insert("document_id", key(*document_id));
            document.insert("fence", number(*fence));
            document.insert("number", number(chunk.index.into()));
            (DOCUMENT_CHUNK, document)
        }
        Record::DocumentVector {
            document_id,
            fence,
            model,
            vector,
        } => (
            DOCUMENT_VECTOR,
            doc! {
                "document_id": key(*document_id), "fence": number(*fence), "model": model,
                "number": number(vector.index.into()), "vector": bytes(&vector::encode(&vector.vector)),
            },
        ),
        Record::Library { chatbot_id, record } => (
            LIBRARY,
            doc! {
                "_id": key(*chatbot_id), "version": number(record.version), "model": record.model.as_deref(),
            },
        ),
        Record::Note { name, text } => (NOTE, doc! { "_id": name, "text": text }),
        Record::Standing { user_id, record } => (STANDING, standing::document(*user_id, record)?),
        Record::PasswordLink {
            code_hash,
            record,
            used_at,
        } => (
            PASSWORD_LINK,
            standing::link_document(code_hash, record, *used_at),
        ),
        Record::Usage(record) => (USAGE, usage::document(record)),
        Record::Audit(entry) => (AUDIT, audit::document(entry)),
    })
}

fn record(subject: Subject, document: &Document) -> Result<Record> {
    let fields = Fields::of(document);
    Ok(match subject {
        Subject::User => Record::User(user::record(document)?),
        Subject::Invitation => {
            let redeemed_by = fields.optional_id("redeemed_by")?;
            let redeemed_at = fields.optional_time("redeemed_at")?;
            Record::Invitation {
                code_hash: fields.hash("_id")?,
                expires_at: fields.time("expires_at")?,
                redeemed: redeemed_by.zip(redeemed_at),
            }
        }
        Subject::SignIn => Record::SignIn(sign_in::record(document)?),
        Subject::RefreshToken => Record::RefreshToken {
            hash: fields.hash("_id")?,
            sign_in_id: fields.id("sign_in_id")?,
            rotated_at: fields.optional_time("rotated_at")?,
        },
        Subject::UsedTicket => Record::UsedTicket {
            hash: fields.hash("_id")?,
            expires_at: fields.time("expires_at")?,
        },
        Subject::Chatbot => Record::Chatbot {
            record: chatbot::record(document)?,
            deleted_at: fields.optional_time("deleted_at")?,
        },
        Subject::Conversation => Record::Conversation {
            record: conversation::record(document)?,
            session_fence: fields.number("session_fence")?,
            last_position: fields.number("last_position")?,
        },
        Subject::Message => Record::Message {
            record: message::record(document)?,
            user_id: fields.id("user_id")?,
            chatbot_id: fields.id("chatbot_id")?,
        },
        Subject::Session => session::record_of(document)?,
        Subject::Generation => Record::Generation {
            record: generation::record(document)?,
            sealed: fields.yes("sealed")?,
            stop_requested: fields.yes("stop_requested")?,
            log_collected: fields.yes("log_collected")?,
        },
        Subject::ChunkBatch => match chunk_log::record(document)? {
            Some(batch) => Record::Batch(batch),
            None => {
                let place = fields.inner("_id")?;
                Record::Seal {
                    generation_id: place.id("generation_id")?,
                    first_seq: place.number("first_seq")?,
                    fence: fields.number("fence")?,
                }
            }
        },
        Subject::Document => Record::Document(documents::record(document)?),
        Subject::DocumentPart => Record::DocumentPart {
            document_id: fields.id("document_id")?,
            part: small(&fields, "part")?,
            bytes: fields.bytes("bytes")?.to_vec(),
        },
        Subject::DocumentText => Record::DocumentText {
            document_id: fields.id("document_id")?,
            fence: fields.number("fence")?,
            part: small(&fields, "part")?,
            bytes: fields.bytes("bytes")?.to_vec(),
        },
        Subject::DocumentChunk => Record::DocumentChunk {
            document_id: fields.id("document_id")?,
            fence: fields.number("fence")?,
            chunk: documents::contents::chunk(document)?,
        },
        Subject::DocumentVector => Record::DocumentVector {
            document_id: fields.id("document_id")?,
            fence: fields.number("fence")?,
            model: fields.text("model")?,
            vector: documents::vectors::of_document(document)?,
        },
        Subject::Library => Record::Library {
            chatbot_id: fields.id("_id")?,
            record: LibraryRecord {
                version: fields.number("version")?,
                model: fields.optional_text("model")?,
            },
        },
        Subject::Note => Record::Note {
            name: fields.text("_id")?,
            text: fields.text("text")?,
        },
        Subject::Standing => Record::Standing {
            user_id: fields.id("_id")?,
            record: standing::record(document)?,
        },
        Subject::PasswordLink => Record::PasswordLink {
            code_hash: fields.hash("_id")?,
            record: standing::link(document)?,
            used_at: fields.optional_time("used_at")?,
        },
        Subject::Usage => Record::Usage(usage::record(document)?),
        Subject::Audit => Record::Audit(audit::record(document)?),
    })
}

fn small(fields: &Fields<'_>, name: &'static str) -> Result<u32> {
    u32::try_from(fields.number(name)?)
        .map_err(|_| StoreError::Damaged(format!("the field {name} of a document")))
}
