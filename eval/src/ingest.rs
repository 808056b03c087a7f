//! How soon documents can be searched: cut, embedded in the server's batches, taken into an index; beside the embedding
//! model's own speed on the same texts. And how long a question's embedding takes.
//!
//! What the server does besides (reading the file in a process of its own, storing) is not in it.

use std::error::Error;
use std::time::{Duration, Instant};

use rag::chunk::{ChunkOptions, cut};
use rag::index::{ChatbotIndex, DocumentVectors, IndexDocument};
use wire::ChatbotId;

use crate::corpus::Data;
use crate::embed::Model;
use crate::speed::percentile;

/// Texts that the server embeds at once (`server/src/library/ingest/work.rs`).
const BATCH: usize = 32;
/// The corpora that are taken in: enough for some batches, and few enough to be embedded six times.
const CORPORA: [&str; 1] = ["chatlogs"];
/// By turns: the whole, and the model alone.
const ROUNDS: usize = 3;
/// Questions whose embedding is timed.
const QUESTIONS: usize = 100;

/// Times of taking documents in.
#[derive(Debug, Clone)]
pub struct Ingestion {
    /// Chunks that were made.
    pub chunks: usize,
    /// Of a round: cutting, with the model's own count of tokens.
    pub cut: Duration,
    /// Embedding, batch by batch.
    pub embed: Duration,
    /// Taking into the index.
    pub index: Duration,
    /// All three.
    pub whole: Duration,
    /// The model alone, all texts at once.
    pub alone: Duration,
    /// Embedding a question while nothing else is embedded.
    pub question_p50: Duration,
    /// The same.
    pub question_p95: Duration,
}

/// Measures; the medians of the rounds.
pub fn measure(data: &Data, model: &Model) -> Result<Ingestion, Box<dyn Error>> {
    let space = model.space()?;
    let options = ChunkOptions::fitting(model.max_tokens());
    let chatbot = ChatbotId::from_uuid(uuid::Uuid::from_u128(1));
    let (mut cuts, mut embeds, mut indexes, mut wholes, mut alones) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut chunks = 0;
    for _ in 0..ROUNDS {
        let mut index = ChatbotIndex::new(chatbot, Some(space.clone()));
        let (mut cutting, mut embedding, mut indexing) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
        let mut all = Vec::new();
        for corpus in data
            .corpora
            .iter()
            .filter(|corpus| CORPORA.contains(&corpus.name.as_str()))
        {
            let start = Instant::now();
            let chunked = cut(&corpus.text, &corpus.name, &options, model);
            let texts = chunked.embedding_texts();
            cutting += start.elapsed();
            let start = Instant::now();
            let mut vectors = Vec::new();
            for batch in texts.chunks(BATCH) {
                vectors.extend(model.passages(batch)?);
            }
            embedding += start.elapsed();
            let start = Instant::now();
            index.add(IndexDocument {
                chatbot,
                id: corpus.id,
                name: corpus.name.clone(),
                chunked,
                vectors: Some(DocumentVectors {
                    space: space.clone(),
                    vectors,
                }),
            })?;
            indexing += start.elapsed();
            all.extend(texts);
        }
        let start = Instant::now();
        model.passages(&all)?;
        alones.push(start.elapsed());
        cuts.push(cutting);
        embeds.push(embedding);
        indexes.push(indexing);
        wholes.push(cutting + embedding + indexing);
        chunks = index.chunks();
    }
    let mut questions = Vec::new();
    for question in data.questions.iter().take(QUESTIONS) {
        let start = Instant::now();
        model.question(&question.text)?;
        questions.push(start.elapsed());
    }
    Ok(Ingestion {
        chunks,
        cut: percentile(&mut cuts, 50),
        embed: percentile(&mut embeds, 50),
        index: percentile(&mut indexes, 50),
        whole: percentile(&mut wholes, 50),
        alone: percentile(&mut alones, 50),
        question_p50: percentile(&mut questions, 50),
        question_p95: percentile(&mut questions, 95),
    })
}
