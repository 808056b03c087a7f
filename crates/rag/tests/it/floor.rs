//! When nothing relevant is there, nothing is given; and a small library is no reason to give nothing.

use rag::index::ChatbotIndex;
use rag::retrieve::{Retrieval, RetrieveOptions, SearchQuery, retrieve};

use crate::random;
use crate::retrieval::document;

const WARRANTY: &str = "The warranty of the Zephyr kettle lasts 27 months";

fn library(documents: &[(&str, &[&str])]) -> ChatbotIndex {
    let mut index = ChatbotIndex::new(random::chatbot(1), None);
    for (number, (name, paragraphs)) in (1..).zip(documents) {
        index.add(document(number, name, paragraphs)).unwrap();
    }
    index
}

fn ask(index: &ChatbotIndex, question: &str) -> Retrieval {
    retrieve(
        index,
        &SearchQuery::alone(question),
        None,
        &RetrieveOptions::default(),
    )
}

#[test]
fn a_library_of_one_sentence_answers_what_it_says_and_nothing_else() {
    let index = library(&[("kettle", &[WARRANTY])]);
    for question in [
        "How long does the warranty of the kettle last?",
        "What is the warranty on my Zephyr?",
        "warranty?",
    ] {
        let found = ask(&index, question);
        assert_eq!(
            found.passages.first().map(|passage| passage.text.as_str()),
            Some(WARRANTY),
            "{question} {:?}",
            found.relevance
        );
    }
    for question in [
        "What is the capital of France?",
        "Who won the football match in Lisbon yesterday?",
        "How do I bake bread?",
        "How long does the flight from Lisbon to Porto last?",
        "Thank you, and good night!",
    ] {
        let found = ask(&index, question);
        assert_eq!(found.passages, [], "{question} {:?}", found.relevance);
    }
}

#[test]
fn a_few_documents_about_one_matter_still_answer_plain_questions() {
    // Every word of the question stands in most of the chunks: none is rare, and none is worthless for it.
    let index = library(&[
        ("zephyr", &[WARRANTY, "The Zephyr kettle holds 1.7 litres."]),
        ("boreas", &["The warranty of the Boreas kettle lasts 12 months"]),
        ("notus", &["The warranty of the Notus kettle lasts 6 months"]),
    ]);
    for (question, answer) in [
        (
            "How long does the warranty of the Boreas kettle last?",
            "12 months",
        ),
        ("How long does the warranty of the kettle last?", "months"),
        ("How much does the Zephyr hold?", "1.7 litres"),
    ] {
        let found = ask(&index, question);
        assert!(
            found
                .passages
                .first()
                .is_some_and(|passage| passage.text.contains(answer)),
            "{question} {found:#?}"
        );
    }
}
