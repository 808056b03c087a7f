//! Search in MongoDB: each message keeps its terms, in an index of arrays. What a term is, and which hits come first, is
//! said in [`crate::search`].
//!
//! First the latest messages that have all that is wanted are read; when they are few, also the latest that have any.

use super::{
    collection::MESSAGE,
    db::Db,
    query::queries,
    value::{Fields, key},
};
use crate::{
    Result,
    search::{self, Candidate, SearchHit, Wanted},
};
use mongodb::bson::{Bson, Document, doc};
use wire::{ChatbotId, UserId};

/// Messages that are read to be ranked.
const CANDIDATES: u32 = 200;

queries! {
    having_all(user: UserId, terms: &[String], chatbot: Option<ChatbotId>) in MESSAGE {
        "user_id": key(user), "terms": { "$all": terms }, "chatbot_id": this_or_any(chatbot),
    } sort { "created_at": -1 } project { "terms": 0 };
    having_all_and_prefix(user: UserId, terms: &[String], prefix: &str, chatbot: Option<ChatbotId>) in MESSAGE {
        "user_id": key(user), "terms": { "$all": terms, "$elemMatch": beginning_like(prefix) },
        "chatbot_id": this_or_any(chatbot),
    } sort { "created_at": -1 } project { "terms": 0 };
    having_prefix(user: UserId, prefix: &str, chatbot: Option<ChatbotId>) in MESSAGE {
        "user_id": key(user), "terms": { "$elemMatch": beginning_like(prefix) }, "chatbot_id": this_or_any(chatbot),
    } sort { "created_at": -1 } project { "terms": 0 };
    having_any(user: UserId, terms: &[String], chatbot: Option<ChatbotId>) in MESSAGE {
        "user_id": key(user), "terms": { "$in": terms }, "chatbot_id": this_or_any(chatbot),
    } sort { "created_at": -1 } project { "terms": 0 };
}

fn this_or_any(chatbot: Option<ChatbotId>) -> Bson {
    chatbot.map_or_else(|| doc! { "$exists": true }.into(), key)
}

fn beginning_like(prefix: &str) -> Document {
    let mut range = doc! { "$gte": prefix };
    if let Some(behind) = search::behind_prefix(prefix) {
        range.insert("$lt", behind);
    }
    range
}

/// The best hits among a user's messages.
pub(super) async fn messages(
    db: &Db,
    user: UserId,
    wanted: &Wanted,
    chatbot: Option<ChatbotId>,
    limit: u32,
) -> Result<Vec<SearchHit>> {
    let whole = wanted.whole.as_slice();
    let best = match &wanted.prefix {
        None => having_all(user, whole, chatbot),
        Some(prefix) if whole.is_empty() => having_prefix(user, prefix, chatbot),
        Some(prefix) => having_all_and_prefix(user, whole, prefix, chatbot),
    };
    let mut found = db.page(best, CANDIDATES).await?;
    let few = u32::try_from(found.len()).is_ok_and(|found| found < limit);
    let has_several = whole.len() + usize::from(wanted.prefix.is_some()) > 1;
    if few && has_several {
        found.extend(db.page(having_any(user, whole, chatbot), CANDIDATES).await?);
        if let Some(prefix) = &wanted.prefix {
            found.extend(db.page(having_prefix(user, prefix, chatbot), CANDIDATES).await?);
        }
    }
    let candidates = found.iter().map(candidate).collect::<Result<_>>()?;
    Ok(search::rank(wanted, candidates, limit))
}

fn candidate(document: &Document) -> Result<Candidate> {
    let fields = Fields::of(document);
    Ok(Candidate {
        message_id: fields.id("_id")?,
        conversation_id: fields.id("conversation_id")?,
        role: fields.word("role")?,
        created_at: fields.time("created_at")?,
        text: fields.text("text")?,
    })
}
