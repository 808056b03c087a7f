//! Every query finds its documents by an index: nobody's chat gets slower because others chat.
//!
//! Needs a server, as the contract does: `MONGODB_URI`. A real one is asked for the plan of each whole filter. The
//! stand-in uses one clause of a filter where it knows no index for all of them, and says "COLLSCAN" when asked about the
//! whole: there it is asked about the clause that names the documents one by one.

use super::{
    MongoStore, audit, chatbot, chunk_log, conversation, deletion, document, generation, import, message,
    note, query::Query, schema, search, session, sign_in, standing, usage, user,
};
use mongodb::bson::{Bson, Document, doc};

const CURE: &str =
    "MONGODB_URI is not set. `cargo xtask test --only tests` sets it, `cargo xtask mongo` prints one.";

async fn store() -> MongoStore {
    let uri = std::env::var("PARLANCE_TEST_MONGODB_URI")
        .or_else(|_| std::env::var("MONGODB_URI"))
        .expect(CURE);
    let name = format!("parlance_plan_{}", uuid::Uuid::new_v4().simple());
    MongoStore::open(&uri, &name).await.unwrap()
}

/// Fields that name at most one document by each value; and one user's messages and files, where the stand-in does not use
/// the rest of the index for lists of terms and for ranges.
const NAMES: [(&str, &[&str]); 3] = [
    ("_id", &[]),
    ("id", &["session"]),
    ("user_id", &["message", "document"]),
];

/// Whether the server finds by an index what this filter asks for.
async fn is_served(store: &MongoStore, query: &Query) -> Result<(), String> {
    let whole = plan(store, query, query.filter.clone()).await;
    if !whole.contains("COLLSCAN") && whole.contains("IXSCAN") || whole.contains("IDHACK") {
        return Ok(());
    }
    if is_by_id(query) {
        return Ok(());
    }
    for (field, only_in) in NAMES {
        let names = only_in.is_empty() || only_in.contains(&query.collection);
        if names && let Some(value) = query.filter.get(field).filter(|value| is_exact(value)) {
            let part = plan(store, query, doc! { field: value.clone() }).await;
            if part.contains("IXSCAN") || part.contains("IDHACK") {
                return Ok(());
            }
        }
    }
    Err(whole)
}

/// Every collection has an index of `_id`. MongoDB reads by it whatever `_id` is (a document, too), and ranges of it in its
/// order; the stand-in, values that are no documents.
fn is_by_id(query: &Query) -> bool {
    let in_order = query
        .sort
        .as_ref()
        .is_none_or(|sort| sort.keys().next().is_some_and(|first| first == "_id"));
    let bounded = query.filter.get("_id").is_some_and(|value| {
        let operators = value.as_document().into_iter().flat_map(Document::keys);
        operators
            .filter(|key| key.starts_with('$'))
            .all(|key| ["$gt", "$gte", "$lt", "$lte", "$eq", "$in"].contains(&key.as_str()))
    });
    in_order && bounded
}

/// A value, or a list of them; not a range.
fn is_exact(value: &Bson) -> bool {
    value
        .as_document()
        .is_none_or(|operators| operators.keys().all(|key| key == "$in" || !key.starts_with('$')))
}

async fn plan(store: &MongoStore, query: &Query, filter: Document) -> String {
    let mut find = doc! { "find": query.collection, "filter": filter };
    if let Some(sort) = &query.sort {
        find.insert("sort", sort.clone());
    }
    let explain = doc! { "explain": find, "verbosity": "queryPlanner" };
    let plan = store.db.database().run_command(explain).await.unwrap();
    plan.get_document("queryPlanner")
        .unwrap()
        .get("winningPlan")
        .unwrap()
        .to_string()
}

fn all() -> Vec<(&'static str, Vec<(&'static str, Query)>)> {
    vec![
        ("schema", schema::queries()),
        ("import", import::queries()),
        ("user", user::queries()),
        ("sign_in", sign_in::queries()),
        ("chatbot", chatbot::queries()),
        ("conversation", conversation::queries()),
        ("message", message::queries()),
        ("search", search::queries()),
        ("session", session::queries()),
        ("generation", generation::queries()),
        ("chunk_log", chunk_log::queries()),
        ("deletion", deletion::queries()),
        ("document", document::queries()),
        ("document contents", document::contents::queries()),
        ("document library", document::library::queries()),
        ("document room", document::room::queries()),
        ("document vectors", document::vectors::queries()),
        ("note", note::queries()),
        ("standing", standing::queries()),
        ("usage", usage::queries()),
        ("audit", audit::queries()),
    ]
}

#[tokio::test]
async fn no_query_reads_a_collection_from_end_to_end() {
    let store = store().await;
    let mut offending = Vec::new();
    for (subject, queries) in all() {
        for (name, query) in queries {
            // The oldest first, from the start: an index in that order, and a limit. Nothing is filtered.
            if query.filter.is_empty() {
                assert!(query.sort.is_some(), "{subject}::{name}");
            }
            if let Err(plan) = is_served(&store, &query).await {
                offending.push(format!("{subject}::{name}: {} {plan}", query.filter));
            }
        }
    }
    store.db.database().drop().await.unwrap();
    assert!(offending.is_empty(), "{offending:#?}");
}

#[tokio::test]
async fn the_look_out_for_scans_sees_one() {
    let store = store().await;
    let scan = Query::new("message", doc! { "text": "hello" });
    assert!(is_served(&store, &scan).await.is_err());
    store.db.database().drop().await.unwrap();
}
