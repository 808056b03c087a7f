//! How long a search takes, and what an index occupies: made-up chunks, the same for the same seed.
//!
//! The words are spread as in any language (Zipf), and none of them is one that questions leave out: a question of ten such
//! words meets far more chunks than a real one does.

use std::time::{Duration, Instant};

use fastrand::Rng;
use rag::chunk::{ChunkOptions, EstimateTokens, cut};
use rag::document::{Block, BlockKind, ExtractedText};
use rag::index::{ChatbotIndex, DocumentVectors, IndexDocument, VectorSpace};
use rag::retrieve::{Retrieval, RetrieveOptions, SearchQuery, StageTimes, retrieve};
use wire::{ChatbotId, DocumentId};

/// Numbers of a vector, as the local model has them.
const WIDTH: u32 = 384;
/// Chunks of a document.
const DOCUMENT_CHUNKS: usize = 100;
/// Words of a chunk: about what the default size gives.
const CHUNK_WORDS: usize = 70;
/// Different words there are; some are said all the time, most hardly ever, as in any language (Zipf).
const VOCABULARY: usize = 60_000;
/// Questions of a round.
const QUESTIONS: usize = 200;
/// Rounds, each with the same questions: their median is told. A machine that does other things beside disturbs single ones.
const ROUNDS: usize = 5;

/// Times of searches in an index of some size.
#[derive(Debug, Clone)]
pub struct Speed {
    /// Chunks in the index.
    pub chunks: usize,
    /// Making it, a chunk.
    pub add: Duration,
    /// Removing a document of it.
    pub remove: Duration,
    /// Of the searches of a round, without embedding the question.
    pub p50: Rounds,
    /// The same.
    pub p95: Rounds,
    /// The same, by words only.
    pub p95_words: Rounds,
    /// Processor time of a search, the mean: on a machine that does other things beside it says more than the clock.
    pub processor: Option<Duration>,
    /// The mean of each stage.
    pub stages: StageTimes,
    /// Bytes that 10,000 of the chunks occupy.
    pub bytes_per_10_000: usize,
    /// Of them, the vectors.
    pub dense_bytes_per_10_000: usize,
}

/// A figure of several rounds.
#[derive(Debug, Clone, Copy)]
pub struct Rounds {
    /// The round in the middle.
    pub median: Duration,
    /// The best.
    pub least: Duration,
    /// The worst.
    pub most: Duration,
}

impl Rounds {
    fn of(mut figures: Vec<Duration>) -> Self {
        Self {
            median: percentile(&mut figures, 50),
            least: figures.iter().copied().min().unwrap_or_default(),
            most: figures.iter().copied().max().unwrap_or_default(),
        }
    }
}

/// Measures an index of about this many chunks.
#[expect(clippy::expect_used, reason = "documents are made for this very index")]
pub fn measure(chunks: usize, seed: u64) -> Speed {
    let mut rng = Rng::with_seed(seed);
    let chatbot = ChatbotId::from_uuid(uuid::Uuid::from_u128(1));
    let space = VectorSpace {
        model: "made up".to_owned(),
        width: WIDTH,
    };
    let mut index = ChatbotIndex::new(chatbot, Some(space.clone()));
    let mut add = Duration::ZERO;
    let mut number = 0_u128;
    while index.chunks() < chunks {
        number += 1;
        let paragraphs = (chunks - index.chunks()).min(DOCUMENT_CHUNKS);
        let blocks = (0..paragraphs).map(|_| Block {
            kind: BlockKind::Paragraph,
            text: words(&mut rng, CHUNK_WORDS),
            page: None,
            heading_path: Vec::new(),
        });
        let text = ExtractedText::new(0, blocks);
        // One chunk a paragraph.
        let options = ChunkOptions {
            target: 150,
            ..ChunkOptions::default()
        };
        let chunked = cut(&text, "Made up", &options, &EstimateTokens);
        let vectors = chunked.chunks.iter().map(|_| vector(&mut rng)).collect();
        let document = IndexDocument {
            chatbot,
            id: DocumentId::from_uuid(uuid::Uuid::from_u128(number)),
            name: "Made up".to_owned(),
            chunked,
            vectors: Some(DocumentVectors {
                space: space.clone(),
                vectors,
            }),
        };
        let start = Instant::now();
        index.add(document).expect("the index takes its own documents");
        add += start.elapsed();
    }
    let memory = index.memory();
    let questions: Vec<(String, Vec<f32>)> = (0..QUESTIONS)
        .map(|_| (words(&mut rng, 10), vector(&mut rng)))
        .collect();
    let mut stages = StageTimes::default();
    let (mut p50, mut p95, mut p95_words) = (Vec::new(), Vec::new(), Vec::new());
    let mut processor = Some(Duration::ZERO);
    for _ in 0..ROUNDS {
        let before = processor_time();
        let (mut times, mut words_only) = (Vec::new(), Vec::new());
        for (question, vector) in &questions {
            let took = ask(&index, question, Some(vector)).times;
            times.push(took.total());
            stages.lexical += took.lexical;
            stages.dense += took.dense;
            stages.fuse += took.fuse;
            stages.select += took.select;
        }
        let used = processor_time().zip(before).map(|(after, before)| after - before);
        processor = processor.zip(used).map(|(sum, used)| sum + used);
        for (question, _) in &questions {
            words_only.push(ask(&index, question, None).times.total());
        }
        p50.push(percentile(&mut times, 50));
        p95.push(percentile(&mut times, 95));
        p95_words.push(percentile(&mut words_only, 95));
    }
    let count = u32::try_from(QUESTIONS * ROUNDS).unwrap_or(u32::MAX);
    let start = Instant::now();
    index.remove(DocumentId::from_uuid(uuid::Uuid::from_u128(1)));
    let remove = start.elapsed();
    Speed {
        chunks: memory.chunks,
        add: add / u32::try_from(memory.chunks.max(1)).unwrap_or(u32::MAX),
        remove,
        p50: Rounds::of(p50),
        p95: Rounds::of(p95),
        p95_words: Rounds::of(p95_words),
        processor: processor.map(|sum| sum / count),
        stages: StageTimes {
            lexical: stages.lexical / count,
            dense: stages.dense / count,
            fuse: stages.fuse / count,
            select: stages.select / count,
        },
        bytes_per_10_000: memory.per_10_000_chunks(),
        dense_bytes_per_10_000: memory.dense * 10_000 / memory.chunks.max(1),
    }
}

fn ask(index: &ChatbotIndex, question: &str, vector: Option<&[f32]>) -> Retrieval {
    let options = RetrieveOptions {
        ignore_floor: true,
        ..RetrieveOptions::default()
    };
    retrieve(index, &SearchQuery::alone(question), vector, &options)
}

/// The time that this many percent do not exceed.
pub fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times
        .get((times.len() * percent / 100).min(times.len().saturating_sub(1)))
        .copied()
        .unwrap_or_default()
}

/// What this process has used so far.
fn processor_time() -> Option<Duration> {
    let about = std::fs::read_to_string("/proc/self/stat").ok()?;
    // After the name, which may hold anything: utime and stime are the 12th and 13th, in hundredths of a second.
    let fields: Vec<&str> = about.rsplit_once(')')?.1.split_whitespace().collect();
    let hundredths = |place: usize| fields.get(place)?.parse::<u64>().ok();
    Some(Duration::from_millis((hundredths(11)? + hundredths(12)?) * 10))
}

/// Words by Zipf's law, in sentences.
fn words(rng: &mut Rng, count: usize) -> String {
    let mut text = String::new();
    for place in 0..count {
        // The inverse of the law's distribution: rank = n^u.
        let rank = f64::from(u32::try_from(VOCABULARY).unwrap_or(u32::MAX)).powf(rng.f64());
        if place > 0 {
            text.push_str(if place % 14 == 0 { ". " } else { " " });
        }
        text.push_str(&word(rank));
    }
    text
}

/// The word of a rank: the rarer the longer, of syllables.
fn word(rank: f64) -> String {
    const SYLLABLES: [&str; 16] = [
        "ka", "to", "ri", "ne", "so", "mu", "la", "pe", "vi", "do", "ga", "be", "fi", "zu", "cho", "ran",
    ];
    #[expect(clippy::as_conversions, reason = "a rank is small and not negative")]
    let mut rest = rank as usize;
    let mut word = String::from("w");
    loop {
        word.push_str(SYLLABLES.get(rest % SYLLABLES.len()).copied().unwrap_or_default());
        rest /= SYLLABLES.len();
        if rest == 0 {
            return word;
        }
    }
}

fn vector(rng: &mut Rng) -> Vec<f32> {
    let numbers: Vec<f32> = (0..WIDTH)
        .map(|_| rng.f32() + rng.f32() + rng.f32() - 1.5)
        .collect();
    let length = numbers.iter().map(|number| number * number).sum::<f32>().sqrt();
    numbers.iter().map(|number| number / length).collect()
}
