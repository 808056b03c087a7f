//! What an answer rests on: looked up before the model is asked, put before it as data, and cited.
//!
//! Citations come from here, never from the model's words; they are numbered as the model is shown them. Looking up never
//! fails an answer: without vectors the words decide, and when nothing can be looked up the answer is given without
//! documents, unless the chatbot answers from them only: then the model is told to say that they could not be searched.

use super::index::Shelf;
use crate::app::{App, AppState};
use llm::{ChatRequest, ChatRole, ChatTurn, EmbedKind, EmbedPriority};
use rag::{
    chunk::EstimateTokens,
    index::ChatbotIndex,
    prompt::{self, Quote},
    retrieve::{self, Retrieval, RetrieveOptions, SearchQuery},
};
use std::{sync::Arc, time::Duration};
use store::{chatbot::ChatbotRecord, message::MessageRecord};
use wire::{ChatbotId, document::Citation, message::MessageRole};

/// How long an embedding model may take for a question. Without it the words decide.
const EMBED_PATIENCE: Duration = Duration::from_secs(2);
/// How long all of it may take: a large library that is not in memory yet is loaded on.
const PATIENCE: Duration = Duration::from_secs(10);
/// Prompts before the question that it may lean on.
const BEFORE: usize = 2;
/// Tokens of what is said around the sources.
const AROUND: u32 = 200;

/// What is asked, and of whom.
#[derive(Debug, Clone)]
pub struct Question {
    chatbot: ChatbotId,
    documents_only: bool,
    /// The user's prompts, the newest first.
    prompts: Vec<String>,
    /// What the answer rests on that goes on; `None` for a new one.
    before: Option<Vec<Citation>>,
}

impl Question {
    /// The last prompt of this branch, and what it may lean on.
    pub fn of(bot: &ChatbotRecord, branch: &[MessageRecord]) -> Self {
        let prompts = branch
            .iter()
            .rev()
            .filter(|message| message.role == MessageRole::User)
            .take(BEFORE + 1);
        let goes_on = |last: &&MessageRecord| last.role == MessageRole::Assistant && !last.text.is_empty();
        Self {
            chatbot: bot.id,
            documents_only: bot.documents_only,
            prompts: prompts.map(|message| message.text.clone()).collect(),
            before: branch.last().filter(goes_on).map(|last| last.citations.clone()),
        }
    }

    const fn mode(&self) -> prompt::Grounding {
        if self.documents_only {
            prompt::Grounding::DocumentsOnly
        } else {
            prompt::Grounding::Preferred
        }
    }
}

/// What was found.
#[derive(Debug, Default)]
pub struct Grounding {
    /// In the order in which the model is shown them.
    pub sources: Vec<Citation>,
    /// What the model is told: the sources, or that there are none. `None`: the chatbot has no documents.
    pub instructions: Option<String>,
}

/// Looks up. Takes [`PATIENCE`] at most.
pub async fn ground(app: &AppState, question: &Question) -> Grounding {
    let began = std::time::Instant::now();
    let looked = tokio::time::timeout(PATIENCE, look_up(app, question)).await;
    let grounding = match looked {
        Ok(Ok(grounding)) => {
            if grounding.instructions.is_some() {
                app.metrics.retrieved(began.elapsed());
            }
            grounding
        }
        Ok(Err(error)) => {
            tracing::warn!(%error, "Could not look documents up; answering without them");
            not_searched(question)
        }
        Err(_) => {
            tracing::warn!("Looking documents up took too long; answering without them");
            not_searched(question)
        }
    };
    as_before(grounding, question)
}

/// Who answers from documents only does not answer from anything else because they cannot be read.
fn not_searched(question: &Question) -> Grounding {
    Grounding {
        sources: Vec::new(),
        instructions: question.documents_only.then(|| prompt::NOT_SEARCHED.to_owned()),
    }
}

/// An answer that goes on has numbers in its text already: it rests on what it rested on, whatever is found now.
fn as_before(found: Grounding, question: &Question) -> Grounding {
    let Some(before) = &question.before else {
        return found;
    };
    let place = |citation: &Citation| {
        (
            citation.number,
            citation.document_id,
            citation.start,
            citation.end,
        )
    };
    let instructions = if found.sources.iter().map(place).eq(before.iter().map(place)) {
        found.instructions
    } else if before.is_empty() {
        found.instructions.map(|_| prompt::nothing(question.mode()))
    } else {
        let quotes = before.iter().map(|citation| Quote {
            number: citation.number,
            name: &citation.document_name,
            page: citation.page,
            text: &citation.snippet,
        });
        Some(prompt::quotes(quotes, question.mode()))
    };
    Grounding {
        sources: before.clone(),
        instructions,
    }
}

async fn look_up(app: &AppState, question: &Question) -> store::Result<Grounding> {
    let Some((prompt, before)) = question.prompts.split_first() else {
        return Ok(not_searched(question));
    };
    let shelf = app.library.indexes.of(app, question.chatbot).await?;
    if shelf.chunks() == 0 && !question.documents_only {
        return Ok(Grounding::default());
    }
    let query = SearchQuery::in_conversation(prompt, before.iter().map(String::as_str));
    let vector = vector(app, &shelf, &query).await;
    let options = RetrieveOptions {
        budget: app.config.documents.source_tokens,
        ..RetrieveOptions::default()
    };
    let searching = tokio::task::spawn_blocking(move || {
        shelf.read(|index| retrieve::retrieve(index, &query, compared(index, vector.as_ref()), &options))
    });
    let Ok(found) = searching.await else {
        tracing::error!("Searching documents failed; answering without them");
        return Ok(not_searched(question));
    };
    Ok(told(app, &found, question.mode()))
}

fn told(app: &App, found: &Retrieval, mode: prompt::Grounding) -> Grounding {
    let budget = app.config.documents.source_tokens.saturating_add(AROUND);
    let sources = prompt::sources(found, mode, budget, &EstimateTokens);
    Grounding {
        sources: sources.citations.into_iter().map(cited).collect(),
        instructions: Some(sources.text),
    }
}

/// As it is told and stored.
fn cited(citation: rag::citation::Citation) -> Citation {
    Citation {
        number: citation.number,
        document_id: citation.document,
        document_name: citation.name,
        page: citation.page,
        start: citation.best.start,
        end: citation.best.end,
        snippet: citation.snippet,
        score: per_mille(citation.score),
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is between 0 and 1000"
)]
fn per_mille(score: f32) -> u32 {
    (score.clamp(0.0, 1.0) * 1000.0).round() as u32
}

/// A question's vector, and the model that it is of.
pub(super) struct QuestionVector {
    model: String,
    vector: Vec<f32>,
}

/// The vector, unless the index has changed over to another model since the question was embedded.
pub(super) fn compared<'a>(index: &ChatbotIndex, vector: Option<&'a QuestionVector>) -> Option<&'a [f32]> {
    let is_of = |asked: &&QuestionVector| index.space().is_some_and(|space| space.model == asked.model);
    vector.filter(is_of).map(|asked| asked.vector.as_slice())
}

/// The question's vector, by the model whose vectors the index has, when that gives it in time.
pub(super) async fn vector(app: &App, shelf: &Arc<Shelf>, query: &SearchQuery) -> Option<QuestionVector> {
    let model = shelf.space()?.model;
    let embedder = app.embedders.with_id(&*app.store, &model).await?;
    let text = query.embedding_text();
    let embedding = async {
        // A model that is still being loaded cuts nothing before that: nobody else must wait for it.
        let cutter = Arc::clone(&embedder);
        let cut = tokio::task::spawn_blocking(move || cutter.cut(&text).text.to_owned());
        let text = cut.await.ok()?;
        let embedding = embedder.embed(vec![text], EmbedKind::Query, EmbedPriority::Interactive);
        Some(embedding.await)
    };
    match tokio::time::timeout(EMBED_PATIENCE, embedding).await {
        Ok(Some(Ok(vectors))) => vectors
            .into_iter()
            .next()
            .map(|vector| QuestionVector { model, vector }),
        Ok(None) => None,
        Ok(Some(Err(error))) => {
            tracing::warn!(%error, "A question could not be embedded; its words decide");
            None
        }
        Err(_) => {
            tracing::warn!("Embedding a question took too long; its words decide");
            None
        }
    }
}

/// Puts what was found before the model: behind the chatbot's own instructions.
pub fn with_sources(mut request: ChatRequest, instructions: Option<String>) -> ChatRequest {
    let Some(instructions) = instructions else {
        return request;
    };
    match request.turns.first_mut() {
        Some(turn) if turn.role == ChatRole::System => {
            turn.text.push_str("\n\n");
            turn.text.push_str(&instructions);
        }
        _ => request.turns.insert(
            0,
            ChatTurn {
                role: ChatRole::System,
                text: instructions,
            },
        ),
    }
    request
}
