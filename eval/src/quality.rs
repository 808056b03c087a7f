//! Asks all questions, in several ways, and prints how well they were answered.

use std::{collections::BTreeMap, error::Error, time::Instant};

use eval::corpus::{Data, Question};
use eval::measure::{Answer, Budget, Cut, Embedded, ask, by_corpus, mean};
use eval::vectors::Vectors;
use rag::chunk::{ChunkOptions, EstimateTokens};
use rag::index::VectorSpace;
use rag::retrieve::{FuseOptions, RetrieveOptions, Scale};

use crate::{RagOptions, table};

/// What is known of the model when it is not here: that of the local one.
const WIDTH: u32 = 384;
/// Questions that are told when they are answered badly.
const WORST: usize = 40;

/// One way to answer.
struct Way {
    name: &'static str,
    options: RetrieveOptions,
    with_vectors: bool,
}

pub(crate) fn quality(options: &RagOptions) -> Result<(), Box<dyn Error>> {
    let data = Data::read(&options.data)?;
    let chunks = ChunkOptions {
        target: options.target,
        overlap: options.overlap,
        ..ChunkOptions::default()
    };
    let budget = match options.characters {
        0 => Budget::Tokens(RetrieveOptions::default().budget),
        characters => Budget::Characters(characters),
    };
    let (cut, vectors) = cut_and_embed(options, &data, &chunks, budget)?;
    let lookup = |text: &str| {
        let vectors = vectors.as_ref().map(|(_, vectors)| vectors);
        vectors
            .and_then(|vectors| vectors.of(text))
            .map(<[f32]>::to_vec)
            .unwrap_or_default()
    };
    let given: Option<Embedded<'_>> = vectors
        .as_ref()
        .map(|(space, _)| -> Embedded<'_> { (space, &lookup) });
    let index = cut.index(&data, given, None);
    let ways = ways(options, budget, given.is_some());
    println!();
    table::head();
    let questions: Vec<&Question> = data
        .questions
        .iter()
        .filter(|question| !(options.tuning && question.is_held_out()))
        .collect();
    for way in &ways {
        let start = Instant::now();
        let answers: Vec<(&Question, Answer)> = questions
            .iter()
            .map(|question| {
                let vector = way.with_vectors.then(|| lookup(&question.text));
                (
                    *question,
                    ask(&data, &index, question, vector.as_deref(), &way.options),
                )
            })
            .collect();
        let took = start.elapsed() / u32::try_from(questions.len().max(1))?;
        let part = |held_out: bool| {
            let part = answers
                .iter()
                .filter(|(question, _)| question.is_held_out() == held_out);
            mean(part.map(|(_, answer)| answer))
        };
        table::row(way.name, "tuning", part(false));
        if !options.tuning {
            table::row(way.name, "held out", part(true));
            table::row(way.name, "all", mean(answers.iter().map(|(_, answer)| answer)));
        }
        let is_last = Some(way.name) == ways.last().map(|way| way.name);
        if is_last {
            for (corpus, mean) in by_corpus(answers.iter().map(|(question, answer)| (*question, answer))) {
                table::row(way.name, corpus, mean);
            }
            println!("\n{took:?} a question, its embedding not counted");
            if options.worst {
                worst(&answers);
            }
        }
    }
    if options.floor
        && let Some(way) = ways.last()
    {
        floor(&data, &cut, given, &way.options);
    }
    let memory = index.memory();
    println!(
        "{} bytes for 10,000 chunks, {} of them vectors",
        memory.per_10_000_chunks(),
        memory.dense * 10_000 / memory.chunks.max(1)
    );
    Ok(())
}

/// The corpora, cut, and the vectors of chunks and questions, where there are any.
type Prepared = (Cut, Option<(VectorSpace, Vectors)>);

/// Cuts the corpora as the product cuts them, and embeds chunks and questions.
fn cut_and_embed(
    options: &RagOptions,
    data: &Data,
    chunks: &ChunkOptions,
    budget: Budget,
) -> Result<Prepared, Box<dyn Error>> {
    #[cfg(feature = "local")]
    if let Some(path) = options.model.as_deref().filter(|_| !options.words_only) {
        let model = eval::embed::Model::load(path, options.threads)?;
        let cut = Cut::new(data, chunks, budget, &model);
        let space = model.space()?;
        // Texts are kept under the model that they were embedded by.
        let mut vectors = Vectors::read(&options.vectors, &space.model, usize::try_from(space.width)?)?;
        model.fill(
            &mut vectors,
            &options.vectors,
            &cut.texts(),
            llm::EmbedKind::Passage,
        )?;
        let asked: Vec<String> = data
            .questions
            .iter()
            .map(|question| question.text.clone())
            .collect();
        model.fill(&mut vectors, &options.vectors, &asked, llm::EmbedKind::Query)?;
        return Ok((cut, Some((space, vectors))));
    }
    let cut = Cut::new(data, chunks, budget, &EstimateTokens);
    if options.words_only {
        return Ok((cut, None));
    }
    // Vectors that were computed before.
    let space = VectorSpace {
        model: String::new(),
        width: WIDTH,
    };
    let vectors = Vectors::read(&options.vectors, &space.model, usize::try_from(WIDTH)?)?;
    let asked = data.questions.iter().map(|question| question.text.clone());
    let missing = vectors.missing(cut.texts().into_iter().chain(asked));
    if missing.is_empty() {
        return Ok((cut, Some((space, vectors))));
    }
    Err("there is no embedding model: `cargo xtask eval rag` brings it, --words-only does without".into())
}

fn ways(options: &RagOptions, budget: Budget, with_vectors: bool) -> Vec<Way> {
    let fuse = FuseOptions {
        lexical: options.lexical,
        neighbours: options.neighbours,
        scale: options.scale.into(),
    };
    let budget = match budget {
        Budget::Tokens(number) | Budget::Characters(number) => number,
    };
    let product = RetrieveOptions {
        budget,
        fuse,
        ..RetrieveOptions::default()
    };
    let mut ways = vec![Way {
        name: "words",
        options: product.clone(),
        with_vectors: false,
    }];
    if with_vectors {
        let with = |fuse| RetrieveOptions {
            fuse,
            ..product.clone()
        };
        ways.extend([
            Way {
                name: "meaning",
                options: with(FuseOptions { lexical: 0.0, ..fuse }),
                with_vectors,
            },
            Way {
                name: "ranks",
                options: with(FuseOptions {
                    scale: Scale::Rank,
                    ..fuse
                }),
                with_vectors,
            },
            Way {
                name: "fused",
                options: product,
                with_vectors,
            },
        ]);
    }
    ways
}

fn worst(answers: &[(&Question, Answer)]) {
    let mut worst: Vec<_> = answers
        .iter()
        .filter(|(question, _)| !question.is_held_out())
        .collect();
    worst.sort_by(|one, other| one.1.recall.total_cmp(&other.1.recall));
    for (question, answer) in worst.into_iter().take(WORST) {
        println!(
            "{:.2} {} {} {:?}",
            answer.recall, question.corpus, question.text, question.gold
        );
    }
}

/// How often something is thought relevant: with the corpus that answers, and without it.
fn floor(data: &Data, cut: &Cut, vectors: Option<Embedded<'_>>, options: &RetrieveOptions) {
    let whole = cut.index(data, vectors, None);
    let parts: BTreeMap<&str, _> = data
        .corpora
        .iter()
        .map(|corpus| (corpus.name.as_str(), cut.index(data, vectors, Some(&corpus.name))))
        .collect();
    let percent = |part: usize, whole: usize| {
        let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
        100.0 * count(part) / count(whole.max(1))
    };
    for (title, with) in [("with the corpus that answers", true), ("without it", false)] {
        let seen: Vec<(f32, f32)> = data
            .questions
            .iter()
            .filter(|question| !question.is_held_out())
            .filter_map(|question| {
                let index = if with {
                    &whole
                } else {
                    parts.get(question.corpus.as_str())?
                };
                let vector = vectors.map(|(_, lookup)| lookup(&question.text));
                let relevance = ask(data, index, question, vector.as_deref(), options).relevance;
                Some((relevance.coverage, relevance.dense.unwrap_or(0.0)))
            })
            .collect();
        println!("\n{title}, % thought relevant; columns: cosine ≥ .25 .30 .35 .40 .45 .50, or no vectors");
        for coverage in [0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6] {
            let columns = [0.25, 0.3, 0.35, 0.4, 0.45, 0.5, f32::INFINITY].map(|cosine| {
                let enough = seen
                    .iter()
                    .filter(|seen| seen.0 >= coverage || seen.1 >= cosine)
                    .count();
                format!("{:>6.1}", percent(enough, seen.len()))
            });
            println!("coverage ≥ {coverage:.2}: {}", columns.concat());
        }
    }
}
