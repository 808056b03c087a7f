//! What would an answer rest on? The same look-up as an answer's, with all its scores: for who builds the bot.

use super::ground;
use crate::{app::App, chatbot, field, problem::ApiResult};
use rag::retrieve::{self, RetrieveOptions, SearchQuery};
use std::time::{Duration, Instant};
use store::user::UserRecord;
use wire::{
    ChatbotId, FieldFault,
    document::{SearchHit, SearchRequest, SearchResult, StageTime},
    limit,
};

/// Passages, when the client does not say, and at most.
const HITS: u32 = 10;
const HITS_MAX: u32 = 50;
/// Tokens that a passage has, at most, about: so many are looked up for each that is wanted.
const TOKENS_A_HIT: u32 = 240;

/// Searches.
///
/// # Errors
/// `not_found`, `forbidden`, `invalid_field`.
pub async fn search(
    app: &App,
    user: &UserRecord,
    bot: ChatbotId,
    request: SearchRequest,
) -> ApiResult<SearchResult> {
    let bot = chatbot::editable(app, user, bot).await?;
    let words = field::text("query", request.query, limit::PROMPT_CHARS)?;
    if words.trim().is_empty() {
        return Err(field::wrong("query", FieldFault::Empty));
    }
    let wanted = request.k.unwrap_or(HITS).clamp(1, HITS_MAX);
    let query = SearchQuery::alone(&words);
    let began = Instant::now();
    let shelf = app.library.indexes.of(app, bot.id).await?;
    let load = began.elapsed();
    let began = Instant::now();
    let vector = ground::vector(app, &shelf, &query).await;
    let embed = began.elapsed();
    let options = RetrieveOptions {
        budget: wanted.saturating_mul(TOKENS_A_HIT),
        ignore_floor: true,
        ..RetrieveOptions::default()
    };
    let (found, chunks) = shelf.read(|index| {
        let found = retrieve::retrieve(index, &query, ground::compared(index, vector.as_ref()), &options);
        (found, index.chunks())
    });
    let times = found.times;
    let hits = found.passages.into_iter().map(|passage| SearchHit {
        page: passage.page_of(passage.best.start),
        document_id: passage.document,
        document_name: passage.name,
        start: passage.span.start,
        end: passage.span.end,
        headings: passage.heading_path,
        text: passage.text,
        score: passage.scores.fused,
        keyword_score: Some(passage.scores.lexical).filter(|score| *score > 0.0),
        vector_score: passage.scores.dense,
    });
    Ok(SearchResult {
        hits: hits.take(usize::try_from(wanted).unwrap_or(usize::MAX)).collect(),
        times: vec![
            stage("load", load),
            stage("embed", embed),
            stage("keyword", times.lexical),
            stage("vector", times.dense),
            stage("fuse", times.fuse + times.select),
        ],
        chunks: u32::try_from(chunks).unwrap_or(u32::MAX),
    })
}

fn stage(name: &str, took: Duration) -> StageTime {
    StageTime {
        stage: name.to_owned(),
        ms: took.as_secs_f32() * 1000.0,
    }
}
