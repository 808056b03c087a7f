//! What is asked for is found, in one order, however the index came about.

use fastrand::Rng;
use rag::chunk::{ChunkOptions, EstimateTokens, cut};
use rag::document::{Block, BlockKind, ExtractedText, Span};
use rag::index::{ChatbotIndex, DocumentVectors, IndexDocument, IndexError, VectorSpace};
use rag::retrieve::{Retrieval, RetrieveOptions, SearchQuery, retrieve};

use crate::random;

pub(crate) fn document(number: u128, name: &str, paragraphs: &[&str]) -> IndexDocument {
    let blocks = paragraphs.iter().zip(1..).map(|(text, page)| Block {
        kind: BlockKind::Paragraph,
        text: (*text).to_owned(),
        page: Some(page),
        heading_path: Vec::new(),
    });
    let text = ExtractedText::new(0, blocks);
    let options = ChunkOptions {
        target: 12,
        ..ChunkOptions::default()
    };
    IndexDocument {
        chatbot: random::chatbot(1),
        id: random::document_id(number),
        name: name.to_owned(),
        chunked: cut(&text, name, &options, &EstimateTokens),
        vectors: None,
    }
}

fn kettles() -> ChatbotIndex {
    let mut index = ChatbotIndex::new(random::chatbot(1), None);
    let documents = [
        document(
            1,
            "Zephyr manual",
            &[
                "The Zephyr kettle boils one litre of water in ninety seconds.",
                "The warranty of the Zephyr kettle lasts 27 months.",
                "Descale the kettle with vinegar every six weeks.",
            ],
        ),
        document(
            2,
            "Handbuch",
            &[
                "Der Toaster Boreas röstet vier Scheiben auf einmal.",
                "Die Garantien des Toasters Boreas gelten neunzehn Monate ab Kauf und werden in jeder Filiale anerkannt.",
            ],
        ),
        document(
            3,
            "説明書",
            &["この加湿器の保証期間は三年です。", "水は毎日交換してください。"],
        ),
    ];
    for document in documents {
        index.add(document).unwrap();
    }
    index
}

fn ask(index: &ChatbotIndex, question: &str) -> Retrieval {
    retrieve(
        index,
        &SearchQuery::alone(question),
        None,
        &RetrieveOptions {
            budget: 20,
            ..RetrieveOptions::default()
        },
    )
}

#[test]
fn words_alone_find_the_answer_in_the_documents_language() {
    let index = kettles();
    for (question, answer, page) in [
        (
            "How long is the Zephyr's warranty?",
            "The warranty of the Zephyr kettle lasts 27 months.",
            2,
        ),
        (
            "Wie lange gilt die Garantie des Boreas?",
            "Die Garantien des Toasters",
            2,
        ),
        ("加湿器の保証期間", "この加湿器の保証期間は三年です。", 1),
        (
            "zephyr WARRANTIES",
            "The warranty of the Zephyr kettle lasts 27 months.",
            2,
        ),
    ] {
        let found = ask(&index, question);
        let best = found
            .passages
            .first()
            .unwrap_or_else(|| panic!("nothing for {question}: {found:#?}"));
        assert!(best.text.contains(answer), "{question}: {}", best.text);
        assert_eq!(best.page_of(best.best.start), Some(page), "{question}");
    }
}

#[test]
fn a_question_about_something_else_finds_nothing() {
    let index = kettles();
    for question in [
        "Who won the football match in Lisbon yesterday?",
        "Hello!",
        "",
        "???",
    ] {
        let found = ask(&index, question);
        assert_eq!(found.passages, [], "{question}");
    }
    assert_eq!(
        ask(&ChatbotIndex::new(random::chatbot(1), None), "kettle").passages,
        []
    );
}

#[test]
fn a_follow_up_finds_what_the_conversation_is_about() {
    let index = kettles();
    let options = RetrieveOptions {
        budget: 20,
        ..RetrieveOptions::default()
    };
    let query = SearchQuery::in_conversation(
        "And how often must I descale it?",
        ["Tell me about the Zephyr kettle"],
    );
    let found = retrieve(&index, &query, None, &options);
    assert!(found.passages[0].text.contains("every six weeks"), "{found:#?}");
}

#[test]
fn neighbours_come_as_one_passage_whose_text_is_the_text_at_its_span() {
    for seed in 0..40 {
        let mut rng = Rng::with_seed(seed);
        let mut index = ChatbotIndex::new(random::chatbot(1), Some(random::space()));
        let texts: Vec<ExtractedText> = (0..4).map(|_| random::document(&mut rng)).collect();
        for (text, number) in texts.iter().zip(0..) {
            index
                .add(random::indexed(
                    &mut rng,
                    random::chatbot(1),
                    random::document_id(number),
                    text,
                ))
                .unwrap();
        }
        let options = RetrieveOptions {
            ignore_floor: true,
            budget: 600,
            ..RetrieveOptions::default()
        };
        let query = SearchQuery::alone(&random::sentence(&mut rng));
        let vector = random::vector(&mut rng);
        let found = retrieve(&index, &query, Some(&vector), &options);
        let mut spans: Vec<(u128, Span)> = Vec::new();
        for passage in &found.passages {
            let number = passage.document.as_uuid().as_u128();
            let plain = texts[usize::try_from(number).unwrap()].plain_text();
            assert_eq!(
                passage.span.of(&plain),
                Some(passage.text.as_str()),
                "seed {seed}"
            );
            assert!(
                passage.span.start <= passage.best.start && passage.best.end <= passage.span.end,
                "seed {seed}"
            );
            assert!(
                spans
                    .iter()
                    .all(|(other, span)| *other != number || !span.overlaps(passage.span)),
                "seed {seed}"
            );
            spans.push((number, passage.span));
        }
        let tokens: u32 = found.passages.iter().map(|passage| passage.tokens).sum();
        assert!(
            found.passages.len() <= 1 || tokens <= 600,
            "seed {seed}: {tokens}"
        );
        let scores: Vec<f32> = found
            .passages
            .iter()
            .map(|passage| passage.scores.fused)
            .collect();
        assert!(
            scores.is_sorted_by(|one, other| one >= other),
            "seed {seed}: {scores:?}"
        );
    }
}

#[test]
fn the_order_does_not_depend_on_how_the_index_came_about() {
    let mut rng = Rng::with_seed(9);
    let documents: Vec<IndexDocument> = (0..12)
        .map(|number| {
            let text = random::document(&mut rng);
            random::indexed(&mut rng, random::chatbot(1), random::document_id(number), &text)
        })
        .collect();
    let build = |order: &[usize], passing: &[usize]| {
        let mut index = ChatbotIndex::new(random::chatbot(1), Some(random::space()));
        for place in passing.iter().chain(order) {
            index.add(documents[*place].clone()).unwrap();
        }
        passing
            .iter()
            .filter(|place| !order.contains(place))
            .for_each(|place| assert!(index.remove(documents[*place].id)));
        index
    };
    let plain = build(&[0, 1, 2, 3, 4], &[]);
    let other = build(&[4, 2, 0, 3, 1], &[5, 6, 0, 7, 8, 9, 10, 11]);
    assert_eq!(plain.chunks(), other.chunks());
    let options = RetrieveOptions {
        ignore_floor: true,
        ..RetrieveOptions::default()
    };
    for _ in 0..200 {
        let query = SearchQuery::alone(&random::sentence(&mut rng));
        let vector = random::vector(&mut rng);
        let (one, two) = (
            retrieve(&plain, &query, Some(&vector), &options),
            retrieve(&other, &query, Some(&vector), &options),
        );
        assert_eq!(
            (&one.passages, &one.candidates, one.relevance),
            (&two.passages, &two.candidates, two.relevance)
        );
    }
}

#[test]
fn what_is_said_twice_is_given_once() {
    let same = "The warranty of the Zephyr kettle lasts 27 months from the day it was bought.";
    let mut index = ChatbotIndex::new(random::chatbot(1), None);
    index.add(document(1, "Manual", &[same])).unwrap();
    index.add(document(2, "Manual, copied", &[same])).unwrap();
    index
        .add(document(3, "Shop", &["The Zephyr kettle costs 39 euros."]))
        .unwrap();
    let options = RetrieveOptions {
        budget: 200,
        ..RetrieveOptions::default()
    };
    let found = retrieve(
        &index,
        &SearchQuery::alone("warranty of the Zephyr kettle"),
        None,
        &options,
    );
    assert_eq!(
        found
            .passages
            .iter()
            .filter(|passage| passage.text == same)
            .count(),
        1
    );
}

#[test]
fn meaning_finds_what_words_do_not() {
    let space = VectorSpace {
        model: "m".to_owned(),
        width: 2,
    };
    let mut index = ChatbotIndex::new(random::chatbot(1), Some(space.clone()));
    let mut document = document(
        1,
        "Manual",
        &[
            "Bees make honey in wooden hives all summer.",
            "Guaranteed for 27 months, whatever happens.",
        ],
    );
    document.vectors = Some(DocumentVectors {
        space,
        vectors: vec![vec![1.0, 0.0], vec![0.0, 1.0]],
    });
    index.add(document).unwrap();
    let query = SearchQuery::alone("How long does protection against defects last?");
    let found = retrieve(
        &index,
        &query,
        Some(&[0.1, 0.9]),
        &RetrieveOptions {
            budget: 12,
            ..RetrieveOptions::default()
        },
    );
    assert!(found.passages[0].text.contains("27 months"));
    assert!(
        ask(&index, "How long does protection against defects last?")
            .passages
            .is_empty()
    );
}

#[test]
fn vectors_of_another_model_are_refused_and_change_nothing() {
    let space = VectorSpace {
        model: "m".to_owned(),
        width: 2,
    };
    let mut index = ChatbotIndex::new(random::chatbot(1), Some(space.clone()));
    index.add(document(1, "Manual", &["Bees make honey."])).unwrap();
    let with = |space: VectorSpace, vectors| {
        let vectors = Some(DocumentVectors { space, vectors });
        IndexDocument {
            vectors,
            ..document(1, "Manual", &["Other text."])
        }
    };
    let other = VectorSpace {
        model: "n".to_owned(),
        width: 2,
    };
    assert_eq!(
        index.add(with(other, vec![vec![1.0, 0.0]])),
        Err(IndexError::OtherVectorSpace)
    );
    for vectors in [
        vec![vec![1.0]],
        vec![],
        vec![vec![f32::NAN, 0.0]],
        vec![vec![1.0, 0.0]; 2],
    ] {
        assert_eq!(
            index.add(with(space.clone(), vectors)),
            Err(IndexError::VectorsDoNotFit)
        );
    }
    assert!(!ask(&index, "honey bees").passages.is_empty());
}
