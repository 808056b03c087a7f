//! All indexes, each with the queries it serves (`plan.rs` asks the server whether it does). Every collection also has
//! the one over `_id`.
//!
//! Partial indexes say "has one" as "at least the smallest one", and yes or no as a plain value: words that every
//! planner recognises in a query.

use super::{
    collection::{
        AUDIT, CHATBOT, CHUNK_BATCH, CONVERSATION, DELETION, DOCUMENT, DOCUMENT_CHUNK, DOCUMENT_PART,
        DOCUMENT_TEXT, DOCUMENT_VECTOR, GENERATION, INVITATION, MESSAGE, META, PASSWORD_LINK, REFRESH_TOKEN,
        SESSION, SIGN_IN, USAGE, USED_TICKET, USER,
    },
    db::Db,
    value::any_key,
};
use crate::{Result, StoreError, value::Word};
use futures::{StreamExt, TryStreamExt};
use mongodb::{
    IndexModel,
    bson::{DateTime, Document, doc},
    options::IndexOptions,
};
use wire::auth::Role;

/// Collections whose indexes are made at a time.
const AT_ONCE: usize = 4;

/// One index.
struct Index {
    keys: Document,
    options: IndexOptions,
}

fn over(keys: Document) -> Index {
    Index {
        keys,
        options: IndexOptions::default(),
    }
}

impl Index {
    fn unique(mut self) -> Self {
        self.options.unique = Some(true);
        self
    }

    /// Only of documents like this.
    fn among(mut self, filter: Document) -> Self {
        self.options.partial_filter_expression = Some(filter);
        self
    }
}

/// The collections with their indexes.
fn indexes() -> Vec<(&'static str, Vec<Index>)> {
    vec![
        (
            USER,
            vec![
                // user::by_email, by_address; one account an address.
                over(doc! { "email": 1 }).unique(),
                // user::oldest, same_time, later.
                over(doc! { "created_at": 1, "_id": 1 }),
                // user::admin.
                over(doc! { "role": 1 }).among(doc! { "role": Role::Admin.word() }),
            ],
        ),
        (INVITATION, vec![]),
        (
            SIGN_IN,
            vec![
                // sign_in::unrevoked_of, of_user.
                over(doc! { "user_id": 1, "revoked_at": 1 }),
                // sign_in::expired.
                over(doc! { "expires_at": 1 }),
                // sign_in::revoked.
                over(doc! { "revoked_at": 1 })
                    .among(doc! { "revoked_at": { "$gte": DateTime::from_millis(0) } }),
            ],
        ),
        (
            REFRESH_TOKEN,
            vec![
                // sign_in::tokens_of.
                over(doc! { "sign_in_id": 1 }),
                // sign_in::rotated.
                over(doc! { "rotated_at": 1 })
                    .among(doc! { "rotated_at": { "$gte": DateTime::from_millis(0) } }),
            ],
        ),
        // sign_in::old_tickets.
        (USED_TICKET, vec![over(doc! { "expires_at": 1 })]),
        (
            CHATBOT,
            vec![
                // chatbot::by_builtin; each is made once, even when it was deleted.
                over(doc! { "builtin": 1 })
                    .unique()
                    .among(doc! { "builtin": { "$gte": "" } }),
                // chatbot::for_everyone.
                over(doc! { "visibility": 1, "created_at": 1, "_id": 1 }).among(doc! { "deleted": false }),
                // chatbot::others_of.
                over(doc! { "owner_id": 1, "created_at": 1, "_id": 1 }).among(doc! { "deleted": false }),
                // chatbot::all.
                over(doc! { "created_at": 1, "_id": 1 }).among(doc! { "deleted": false }),
                // document::deleted_chatbots.
                over(doc! { "deleted": 1, "_id": 1 }),
            ],
        ),
        (
            CONVERSATION,
            vec![
                // conversation::empty, listed_of, listed_of_same_time, listed_of_earlier.
                over(doc! { "user_id": 1, "chatbot_id": 1, "empty": 1, "updated_at": -1, "_id": -1 }),
                // conversation::listed, listed_same_time, listed_earlier, all_listed.
                over(doc! { "user_id": 1, "empty": 1, "updated_at": -1, "_id": -1 }),
                // conversation::all, all_behind.
                over(doc! { "user_id": 1, "_id": 1 }),
                // conversation::pinned.
                over(doc! { "user_id": 1, "empty": 1, "pinned": 1, "updated_at": -1, "_id": -1 })
                    .among(doc! { "pinned": true }),
            ],
        ),
        (
            MESSAGE,
            vec![
                // message::back_from, all_behind, deletion::messages, conversation::said_in; one message a position.
                over(doc! { "conversation_id": 1, "position": 1 }).unique(),
                // message::by_client_id; one message an id of its client's.
                over(doc! { "conversation_id": 1, "client_message_id": 1 })
                    .unique()
                    .among(doc! { "client_message_id": { "$gte": any_key() } }),
                // search::*.
                over(doc! { "user_id": 1, "terms": 1 }),
                // message::children, following.
                over(doc! { "conversation_id": 1, "parent_id": 1, "position": 1 }),
                // message::rated_of.
                over(doc! { "chatbot_id": 1, "rated_at": -1, "_id": -1 })
                    .among(doc! { "rated_at": { "$gte": DateTime::from_millis(0) } }),
            ],
        ),
        (
            SESSION,
            vec![
                // session::by_id, by_ids, active, active_and_silent; the second wall: one session an id.
                over(doc! { "id": 1 })
                    .unique()
                    .among(doc! { "id": { "$gte": any_key() } }),
                // session::silent.
                over(doc! { "last_seen_at": 1 }).among(doc! { "active": true }),
            ],
        ),
        (
            GENERATION,
            vec![
                // generation::claim, claims, deletion::claim; one that is not settled a conversation.
                over(doc! { "conversation_id": 1 })
                    .unique()
                    .among(doc! { "settled": false }),
                // deletion::generations.
                over(doc! { "conversation_id": 1, "started_at": 1 }),
                // generation::of_message.
                over(doc! { "message_id": 1, "started_at": 1, "_id": 1 }),
                // generation::unsettled.
                over(doc! { "started_at": 1, "_id": 1 }).among(doc! { "settled": false }),
                // generation::asked_to_stop.
                over(doc! { "node_id": 1 }).among(doc! { "stop_requested": true }),
                // generation::old_logs.
                over(doc! { "ended_at": 1 }).among(doc! { "settled": true, "log_collected": false }),
            ],
        ),
        // chunk_log::last, behind, whole, logs, deletion::logs.
        (
            CHUNK_BATCH,
            vec![over(doc! { "_id.generation_id": 1, "next_seq": 1 })],
        ),
        // deletion::intentions.
        (DELETION, vec![over(doc! { "at": 1 })]),
        (
            DOCUMENT,
            vec![
                // document::by_content; one document a content.
                over(doc! { "chatbot_id": 1, "sha256": 1 })
                    .unique()
                    .among(doc! { "sealed": true }),
                // document::of_chatbot, any_of_chatbot, of_any, room::chatbots.
                over(doc! { "chatbot_id": 1, "created_at": 1, "_id": 1 }),
                // document::of_user, library::changed_behind, room::users.
                over(doc! { "user_id": 1, "change": 1 }),
                // document::waiting.
                over(doc! { "turn": 1, "_id": 1 }).among(doc! { "waiting": true }),
                // document::waiting_of.
                over(doc! { "user_id": 1 }).among(doc! { "waiting": true }),
                // document::in_status.
                over(doc! { "status": 1, "sealed": 1 }),
                // document::models_of.
                over(doc! { "status": 1, "created_at": 1, "_id": 1 }),
                // document::untold, deleting.
                over(doc! { "told": 1 }).among(doc! { "told": false }),
                over(doc! { "deleting": 1 }).among(doc! { "deleting": true }),
                // document::forgotten.
                over(doc! { "sealed": 1, "created_at": 1 }),
            ],
        ),
        // contents::file_part, file_parts; one a place.
        (
            DOCUMENT_PART,
            vec![over(doc! { "document_id": 1, "part": 1 }).unique()],
        ),
        // contents::text_part, texts, texts_between; one a place.
        (
            DOCUMENT_TEXT,
            vec![over(doc! { "document_id": 1, "fence": 1, "part": 1 }).unique()],
        ),
        // contents::chunk_at, chunks_from, all_chunks, chunks_between; one a place.
        (
            DOCUMENT_CHUNK,
            vec![over(doc! { "document_id": 1, "fence": 1, "number": 1 }).unique()],
        ),
        // vectors::vector_at, vectors_from, all_vectors, of_model, vectors_between; one a place.
        (
            DOCUMENT_VECTOR,
            vec![over(doc! { "document_id": 1, "fence": 1, "model": 1, "number": 1 }).unique()],
        ),
        // standing::old_links.
        (PASSWORD_LINK, vec![over(doc! { "expires_at": 1 })]),
        (
            USAGE,
            vec![
                // usage::since, old.
                over(doc! { "day": 1 }),
                // usage::of_user.
                over(doc! { "user_id": 1, "day": 1 }),
            ],
        ),
        (
            AUDIT,
            vec![
                // audit::of_kind.
                over(doc! { "kind": 1, "_id": -1 }),
                // audit::of_person, of_person_and_kind.
                over(doc! { "people": 1, "_id": -1 }),
                // audit::old.
                over(doc! { "at": 1 }),
            ],
        ),
        (META, vec![]),
    ]
}

/// Makes the indexes that are not there. Idempotent; several processes may do it at the same time.
pub(super) async fn make(db: &Db) -> Result<()> {
    futures::stream::iter(indexes().into_iter().filter(|(_, indexes)| !indexes.is_empty()))
        .map(Ok)
        .try_for_each_concurrent(AT_ONCE, |(name, indexes)| async move {
            let models = indexes.into_iter().map(|index| {
                let mut model = IndexModel::default();
                (model.keys, model.options) = (index.keys, Some(index.options));
                model
            });
            let collection = db.database().collection::<Document>(name);
            let made = db.bounded_long(collection.create_indexes(models)).await;
            made.map(drop).map_err(|error| cannot_make(name, error))
        })
        .await
}

fn cannot_make(collection: &str, error: StoreError) -> StoreError {
    match error {
        StoreError::Unavailable(cause) => StoreError::Unavailable(format!(
            "the indexes of the collection {collection} cannot be made: {cause}"
        )),
        error => error,
    }
}
