//! All corpora in one index, every question asked, found characters compared with those that answer.

use std::collections::{BTreeMap, HashSet};

use rag::chunk::{ChunkOptions, ChunkedDocument, CountTokens, cut};
use rag::document::Span;
use rag::index::{ChatbotIndex, DocumentVectors, IndexDocument, VectorSpace};
use rag::retrieve::{Relevance, RetrieveOptions, SearchQuery, retrieve};
use wire::ChatbotId;

use crate::corpus::{Corpus, Data, Question};

/// The corpora, cut.
#[derive(Debug)]
pub struct Cut {
    /// In the order of the corpora.
    pub documents: Vec<ChunkedDocument>,
}

/// How the budget of an answer is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    /// As the product does.
    Tokens(u32),
    /// As the baselines were: this many characters.
    Characters(u32),
}

/// What was found for one question.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Of the characters that answer, how many were found, from 0 to 1.
    pub recall: f64,
    /// The same, when what answers counts as found wherever the very words were found: some corpora say things twice, and
    /// name one place.
    pub words: f64,
    /// Of the characters found, how many answer.
    pub precision: f64,
    /// Characters found.
    pub characters: usize,
    /// What was thought of the best.
    pub relevance: Relevance,
}

/// The mean of some answers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mean {
    /// How many.
    pub questions: usize,
    /// Their mean recall.
    pub recall: f64,
    /// Their mean recall, wherever the words were found.
    pub words: f64,
    /// Their mean precision.
    pub precision: f64,
    /// Their mean number of characters.
    pub characters: f64,
}

/// The space of some vectors, and how a text gets its own.
pub type Embedded<'a> = (&'a VectorSpace, &'a dyn Fn(&str) -> Vec<f32>);

impl Cut {
    /// Cuts all corpora.
    pub fn new(data: &Data, options: &ChunkOptions, budget: Budget, counter: &dyn CountTokens) -> Self {
        let documents = data
            .corpora
            .iter()
            .map(|corpus| {
                let mut document = cut(&corpus.text, &corpus.name, options, counter);
                if let Budget::Characters(_) = budget {
                    document
                        .chunks
                        .iter_mut()
                        .for_each(|chunk| chunk.tokens = chunk.span.chars());
                }
                document
            })
            .collect();
        Self { documents }
    }

    /// What an embedding model is given, chunk by chunk.
    pub fn texts(&self) -> Vec<String> {
        self.documents
            .iter()
            .flat_map(ChunkedDocument::embedding_texts)
            .collect()
    }

    /// One index over all, with vectors where they are given; `without` leaves a corpus out.
    pub fn index(&self, data: &Data, vectors: Option<Embedded<'_>>, without: Option<&str>) -> ChatbotIndex {
        let chatbot = ChatbotId::from_uuid(uuid::Uuid::from_u128(1));
        let mut index = ChatbotIndex::new(chatbot, vectors.map(|(space, _)| space.clone()));
        for (corpus, document) in data.corpora.iter().zip(&self.documents) {
            if without == Some(corpus.name.as_str()) {
                continue;
            }
            let vectors = vectors.map(|(space, vector)| DocumentVectors {
                space: space.clone(),
                vectors: document
                    .embedding_texts()
                    .iter()
                    .map(|text| vector(text))
                    .collect(),
            });
            let document = IndexDocument {
                chatbot,
                id: corpus.id,
                name: corpus.name.clone(),
                chunked: document.clone(),
                vectors,
            };
            // It refuses nothing that is its own: a defect would show as nothing found.
            if let Err(error) = index.add(document) {
                eprintln!("{} is not searched: {error}", corpus.name);
            }
        }
        index
    }
}

/// Asks one question.
pub fn ask(
    data: &Data,
    index: &ChatbotIndex,
    question: &Question,
    vector: Option<&[f32]>,
    options: &RetrieveOptions,
) -> Answer {
    let found = retrieve(index, &SearchQuery::alone(&question.text), vector, options);
    let mut characters: HashSet<(&str, u32)> = HashSet::new();
    for passage in &found.passages {
        let corpus: Option<&Corpus> = data.corpora.iter().find(|corpus| corpus.id == passage.document);
        for span in corpus
            .map(|corpus| corpus.in_file(passage.span))
            .unwrap_or_default()
        {
            let name = corpus.map_or("", |corpus| corpus.name.as_str());
            characters.extend((span.start..span.end).map(|place| (name, place)));
        }
    }
    let gold: HashSet<(&str, u32)> = question
        .gold
        .iter()
        .flat_map(|span: &Span| (span.start..span.end).map(|place| (question.corpus.as_str(), place)))
        .collect();
    let hit = gold.intersection(&characters).count();
    let file = data
        .corpora
        .iter()
        .find(|corpus| corpus.name == question.corpus)
        .map_or("", |corpus| corpus.file.as_str());
    let in_words: usize = question
        .gold
        .iter()
        .map(|span| {
            let said = span.of(file).unwrap_or_default();
            if found.passages.iter().any(|passage| passage.text.contains(said)) {
                return (span.start..span.end).len();
            }
            let name = question.corpus.as_str();
            (span.start..span.end)
                .filter(|place| characters.contains(&(name, *place)))
                .count()
        })
        .sum();
    let all: usize = question
        .gold
        .iter()
        .map(|span| (span.start..span.end).len())
        .sum();
    Answer {
        recall: share(hit, gold.len()),
        words: share(in_words, all),
        precision: share(hit, characters.len()),
        characters: characters.len(),
        relevance: found.relevance,
    }
}

/// The mean of some answers.
pub fn mean<'a>(answers: impl IntoIterator<Item = &'a Answer>) -> Mean {
    let mut mean = Mean::default();
    for answer in answers {
        mean.questions += 1;
        mean.recall += answer.recall;
        mean.words += answer.words;
        mean.precision += answer.precision;
        mean.characters += count(answer.characters);
    }
    let all = count(mean.questions.max(1));
    Mean {
        recall: mean.recall / all,
        words: mean.words / all,
        precision: mean.precision / all,
        characters: mean.characters / all,
        ..mean
    }
}

/// The means by corpus.
pub fn by_corpus<'a>(
    answers: impl IntoIterator<Item = (&'a Question, &'a Answer)>,
) -> BTreeMap<&'a str, Mean> {
    let mut groups: BTreeMap<&str, Vec<&Answer>> = BTreeMap::new();
    for (question, answer) in answers {
        groups.entry(question.corpus.as_str()).or_default().push(answer);
    }
    groups
        .into_iter()
        .map(|(corpus, answers)| (corpus, mean(answers)))
        .collect()
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        count(part) / count(whole)
    }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
