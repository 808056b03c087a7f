//! What an answer rests on, from its first moment on.

use super::*;
use wire::{DocumentId, document::Citation};

fn citation(number: u32, name: &str) -> Citation {
    Citation {
        number,
        document_id: DocumentId::from_uuid(Uuid::from_u128(u128::from(number))),
        document_name: name.into(),
        page: Some(3),
        start: 10,
        end: 20,
        snippet: "27 months".into(),
        score: 900,
    }
}

fn retrieval(run: u128, names: &[&str]) -> ServerEvent {
    let sources = (1..).zip(names).map(|(number, name)| citation(number, name));
    ServerEvent::Retrieval {
        generation_id: generation(run),
        sources: sources.collect(),
    }
}

/// The names of what the last message rests on.
fn sources(transcript: &Transcript) -> Vec<String> {
    let last = transcript.entries().last().unwrap();
    last.sources
        .iter()
        .map(|source| source.document_name.clone())
        .collect()
}

#[test]
fn what_is_being_read_is_known_before_the_first_word_and_stays() {
    let mut transcript = Transcript::from_history(vec![prompt(1, "How long?")], false);
    play(
        &mut transcript,
        &[start(1, 2), retrieval(1, &["Zephyr.pdf", "Notes.md"])],
    );
    assert_eq!(sources(&transcript), ["Zephyr.pdf", "Notes.md"]);
    play(
        &mut transcript,
        &[
            chunk(1, 1..=1, "27 months [1]"),
            complete(1, 2, "27 months [1]", Outcome::Complete),
        ],
    );
    assert_eq!(sources(&transcript), ["Zephyr.pdf", "Notes.md"]);
}

#[test]
fn the_end_of_an_answer_says_what_it_rests_on_to_who_did_not_hear_it_before() {
    let mut transcript = Transcript::from_history(vec![prompt(1, "How long?")], false);
    let mut end = complete(1, 2, "27 months", Outcome::Complete);
    if let ServerEvent::ResponseComplete { citations, .. } = &mut end {
        citations.push(citation(1, "Zephyr.pdf"));
    }
    play(&mut transcript, &[start(1, 2), chunk(1, 1..=1, "27 months"), end]);
    assert_eq!(sources(&transcript), ["Zephyr.pdf"]);
}

#[test]
fn an_answer_that_goes_on_keeps_the_sources_whose_numbers_are_in_its_text() {
    let mut before = answer(2, "It lasts [1]", MessageStatus::Stopped);
    before.citations = vec![citation(1, "Zephyr.pdf")];
    let mut transcript = Transcript::from_history(vec![prompt(1, "How long?"), before], false);
    let mut goes_on = start(2, 2);
    if let ServerEvent::ResponseStart {
        continues, offset, ..
    } = &mut goes_on
    {
        (*continues, *offset) = (true, 12);
    }
    play(&mut transcript, &[goes_on, retrieval(2, &["Other.md"])]);
    assert_eq!(sources(&transcript), ["Zephyr.pdf"]);
}

#[test]
fn what_another_answer_rests_on_is_not_taken_for_this_one() {
    let mut transcript = Transcript::from_history(vec![prompt(1, "How long?")], false);
    play(&mut transcript, &[start(1, 2), retrieval(7, &["Other.md"])]);
    assert!(sources(&transcript).is_empty());
}

#[test]
fn stored_sources_are_read_with_their_message() {
    let mut stored = answer(2, "27 months [1]", MessageStatus::Complete);
    stored.citations = vec![citation(1, "Zephyr.pdf")];
    let mut transcript = Transcript::from_history(
        vec![prompt(1, "How long?"), answer(2, "", MessageStatus::Generating)],
        false,
    );
    transcript.merge(vec![prompt(1, "How long?"), stored], false);
    assert_eq!(sources(&transcript), ["Zephyr.pdf"]);
}
