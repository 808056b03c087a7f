//! The records of a database in a server that speaks MongoDB's protocol, read past the proxies.

use super::{ActiveSession, Batch, Generation, Records, of_word};
use crate::Done;
use crate::database::Mongodb;
use futures::TryStreamExt as _;
use mongodb::bson::{Bson, Document, doc};
use mongodb::{Client, Database};
use std::collections::HashSet;
use uuid::Uuid;
use wire::message::Message;
use wire::{GenerationId, MessageId, SessionId, Timestamp, UserId};

pub(super) async fn read(mongodb: &Mongodb) -> Done<Records> {
    let db = open(mongodb).await?;
    let mut records = Records::default();
    for run in all(&db, "generation").await? {
        records.generations.push(Generation {
            id: GenerationId::from_uuid(uuid(&run, "_id")?),
            message: MessageId::from_uuid(uuid(&run, "message_id")?),
            offset: match run.get("offset") {
                Some(_) => usize::try_from(number(&run, "offset")?)?,
                None => 0,
            },
            fence: number(&run, "fence")?,
            outcome: run.get_str("outcome").ok().map(of_word).transpose()?,
            settled: run.get_bool("settled")?,
        });
    }
    for batch in all(&db, "chunk_batch").await? {
        let place = batch.get_document("_id")?;
        records.batches.push(Batch {
            generation: GenerationId::from_uuid(uuid(place, "generation_id")?),
            first_seq: number(place, "first_seq")?,
            next_seq: number(&batch, "next_seq")?,
            fence: number(&batch, "fence")?,
            text: batch.get_str("text").ok().map(str::to_owned),
        });
    }
    for session in all(&db, "session").await? {
        if session.get_bool("active")? {
            records.sessions.push(ActiveSession {
                user: UserId::from_uuid(uuid(&session, "_id")?),
                session: SessionId::from_uuid(uuid(&session, "id")?),
            });
        }
    }
    let mut seen = HashSet::new();
    for message in all(&db, "message").await? {
        if let Ok(id) = uuid(&message, "client_message_id")
            && !seen.insert((uuid(&message, "conversation_id")?, id))
        {
            records.repeated.push(id.to_string());
        }
        let parent = message.get("parent_id").map(|_| uuid(&message, "parent_id"));
        records.messages.push(Message {
            id: MessageId::from_uuid(uuid(&message, "_id")?),
            role: of_word(message.get_str("role")?)?,
            message: message.get_str("text")?.to_owned(),
            created_at: Timestamp::from_millis(0),
            parent_id: parent.transpose()?.map(MessageId::from_uuid),
            status: of_word(message.get_str("status")?)?,
            siblings: Vec::new(),
            citations: Vec::new(),
            drawn: Vec::new(),
            model: None,
            feedback: None,
        });
    }
    Ok(records)
}

/// Takes the database away.
pub(super) async fn drop(mongodb: &Mongodb) -> Done {
    Ok(open(mongodb).await?.drop().await?)
}

/// What answers there, by name and version.
///
/// # Errors
/// It does not answer.
pub async fn about(mongodb: &Mongodb) -> Done<String> {
    let about = open(mongodb).await?.run_command(doc! { "buildInfo": 1 }).await?;
    Ok(match about.get_str("secantusVersion") {
        Ok(version) => format!("the stand-in, a Python program (secantusdb {version})"),
        Err(_) => format!("MongoDB {}", about.get_str("version").unwrap_or("of no version")),
    })
}

async fn open(mongodb: &Mongodb) -> Done<Database> {
    Ok(Client::with_uri_str(mongodb.uri()).await?.database(&mongodb.name))
}

async fn all(db: &Database, collection: &str) -> Done<Vec<Document>> {
    let found = db.collection(collection).find(doc! {}).await?;
    Ok(found.try_collect().await?)
}

fn uuid(document: &Document, field: &str) -> Done<Uuid> {
    match document.get(field) {
        Some(Bson::Binary(binary)) => Ok(Uuid::from_slice(&binary.bytes)?),
        other => Err(format!("{field} is {other:?}, not an id").into()),
    }
}

fn number(document: &Document, field: &str) -> Done<u64> {
    Ok(u64::try_from(document.get_i64(field)?)?)
}
