//! Searching in what was said: the user's own conversations, each by its message that fits best.
//!
//! Finding and ranking are the store's; this joins hits to lines of the history.

use super::{HistoryQuery, PAGE, PAGE_MAX, all_shown};
use crate::{
    app::App,
    problem::{ApiError, ApiResult},
};
use std::collections::HashMap;
use store::{
    search::{SearchHit, Snippet},
    user::UserRecord,
};
use wire::{
    ConversationId, ProblemCode,
    conversation::{ConversationPage, Found, SnippetPiece},
};

/// Characters of a search, at most.
const WORDS_CHARS: usize = 200;
/// Messages looked at for each conversation that is asked for: several hits may be in one.
const HITS_EACH: u32 = 4;

pub(super) async fn search(
    app: &App,
    user: &UserRecord,
    words: &str,
    query: &HistoryQuery,
) -> ApiResult<ConversationPage> {
    if words.chars().nth(WORDS_CHARS).is_some() {
        let detail = format!("q has at most {WORDS_CHARS} characters");
        return Err(ApiError::new(ProblemCode::InvalidField, detail));
    }
    let limit = query.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    let hits = app
        .store
        .search_messages(user.id, words, query.chatbot_id, limit * HITS_EACH)
        .await?;
    let mut best: Vec<SearchHit> = Vec::new();
    for hit in hits {
        let is_known = best
            .iter()
            .any(|known| known.conversation_id == hit.conversation_id);
        if !is_known && best.len() < usize::try_from(limit).unwrap_or(usize::MAX) {
            best.push(hit);
        }
    }
    let ids: Vec<ConversationId> = best.iter().map(|hit| hit.conversation_id).collect();
    let mut records = app.store.conversations_by_id(&ids).await?;
    // An index may lag behind: what is shown is the user's own, whatever was found.
    records.retain(|record| record.user_id == user.id);
    let lines = all_shown(app, user, records).await?;
    let mut lines: HashMap<ConversationId, _> = lines.into_iter().map(|line| (line.id, line)).collect();
    let conversations = best
        .into_iter()
        .filter_map(|hit| {
            let mut line = lines.remove(&hit.conversation_id)?;
            line.found = Some(found(hit));
            Some(line)
        })
        .collect();
    Ok(ConversationPage {
        conversations,
        next_cursor: None,
    })
}

fn found(hit: SearchHit) -> Found {
    Found {
        message_id: hit.message_id,
        role: hit.role,
        created_at: hit.created_at,
        snippet: pieces(&hit.snippet),
    }
}

fn pieces(snippet: &Snippet) -> Vec<SnippetPiece> {
    let mut pieces = Vec::new();
    let mut add = |text: Option<&str>, matched| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            pieces.push(SnippetPiece {
                text: text.into(),
                matched,
            });
        }
    };
    let mut behind = 0;
    for range in &snippet.matches {
        add(snippet.text.get(behind..range.start), false);
        add(snippet.text.get(range.clone()), true);
        behind = range.end;
    }
    add(snippet.text.get(behind..), false);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippets_pieces_join_to_its_text() {
        let snippet = Snippet {
            text: "…fill the kettle with water".into(),
            matches: vec![7..11, 16..22],
        };
        let pieces = pieces(&snippet);
        let joined: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        assert_eq!(joined, snippet.text);
        let matched = pieces.iter().filter(|piece| piece.matched);
        let matched: Vec<&str> = matched.map(|piece| piece.text.as_str()).collect();
        assert_eq!(matched, [&snippet.text[7..11], &snippet.text[16..22]]);
    }
}
