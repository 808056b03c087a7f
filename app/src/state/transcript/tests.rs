//! Stories of one page. Messages of a story follow one another by their numbers, unless it says otherwise.

use super::*;
use uuid::Uuid;
use wire::Timestamp;

mod branches;
mod continued;
mod sources;

const NOW: Timestamp = Timestamp::from_millis(0);

fn message_id(number: u128) -> MessageId {
    MessageId::from_uuid(Uuid::from_u128(number))
}

fn generation(number: u128) -> GenerationId {
    GenerationId::from_uuid(Uuid::from_u128(number))
}

fn client_id(number: u128) -> ClientMessageId {
    ClientMessageId::from_uuid(Uuid::from_u128(number))
}

/// What the message with this number follows.
fn before(number: u128) -> Option<MessageId> {
    (number > 1).then(|| message_id(number - 1))
}

fn stored(number: u128, role: MessageRole, text: &str, status: MessageStatus) -> Message {
    Message {
        id: message_id(number),
        role,
        message: text.into(),
        created_at: NOW,
        parent_id: before(number),
        status,
        siblings: vec![],
        citations: Vec::new(),
        drawn: Vec::new(),
        model: None,
        feedback: None,
    }
}

fn prompt(number: u128, text: &str) -> Message {
    stored(number, MessageRole::User, text, MessageStatus::Complete)
}

fn answer(number: u128, text: &str, status: MessageStatus) -> Message {
    stored(number, MessageRole::Assistant, text, status)
}

fn received(number: u128, client: Option<u128>, text: &str) -> ServerEvent {
    ServerEvent::MessageReceived {
        message_id: message_id(number),
        timestamp: NOW,
        client_message_id: client.map(client_id),
        role: MessageRole::User,
        message: text.into(),
        parent_id: before(number),
        prompts_left: None,
    }
}

fn start(run: u128, message: u128) -> ServerEvent {
    ServerEvent::ResponseStart {
        message: "…".into(),
        generation_id: generation(run),
        message_id: message_id(message),
        parent_id: message_id(message - 1),
        continues: false,
        offset: 0,
    }
}

fn chunk(run: u128, seqs: std::ops::RangeInclusive<u64>, text: &str) -> ServerEvent {
    let (first_seq, seq) = seqs.into_inner();
    ServerEvent::ResponseChunk {
        chunk: text.into(),
        generation_id: generation(run),
        first_seq,
        seq,
    }
}

fn complete(run: u128, message: u128, text: &str, outcome: Outcome) -> ServerEvent {
    ServerEvent::ResponseComplete {
        message_id: message_id(message),
        timestamp: NOW,
        full_response: text.into(),
        generation_id: generation(run),
        outcome,
        usage: None,
        citations: vec![],
        drawn: Vec::new(),
        model: None,
    }
}

/// A prompt is written on the page.
fn write(transcript: &mut Transcript, number: u128, text: &str) {
    let prompt = Prompt {
        id: client_id(number),
        text: text.into(),
        edits: None,
    };
    transcript.prompt(prompt, Mark::Sending);
}

/// Applies events of which none should need anything.
fn play(transcript: &mut Transcript, events: &[ServerEvent]) {
    for event in events {
        assert_eq!(transcript.apply(event), None, "{event:?}");
    }
}

/// `role: text [mark]`, a line an entry.
fn shown(transcript: &Transcript) -> Vec<String> {
    let line = |entry: &Entry| {
        let who = if entry.role == MessageRole::User {
            "user"
        } else {
            "assistant"
        };
        format!("{who}: {} [{}]", entry.text, entry.mark.word())
    };
    transcript.shown().map(line).collect()
}

/// A prompt whose answer has come as far as `Once upon`, chunk 2.
fn answering() -> Transcript {
    let mut transcript = Transcript::default();
    write(&mut transcript, 1, "Tell me a story");
    play(
        &mut transcript,
        &[
            received(1, Some(1), "Tell me a story"),
            start(9, 2),
            chunk(9, 1..=1, "Once"),
            chunk(9, 2..=2, " upon"),
        ],
    );
    transcript
}

#[test]
fn a_prompt_and_its_answer_appear_as_they_come() {
    let mut transcript = answering();
    assert_eq!(
        shown(&transcript),
        [
            "user: Tell me a story [complete]",
            "assistant: Once upon [generating]"
        ]
    );
    assert!(transcript.is_generating());
    play(
        &mut transcript,
        &[complete(9, 2, "Once upon a time.", Outcome::Complete)],
    );
    assert_eq!(
        shown(&transcript).last().unwrap(),
        "assistant: Once upon a time. [complete]"
    );
    assert!(!transcript.is_generating());
    assert_eq!(transcript.cursor(), None);
}

#[test]
fn an_acknowledgement_settles_the_bubble_that_is_there() {
    let mut transcript = Transcript::default();
    write(&mut transcript, 1, "Hello");
    let key = transcript.entries()[0].key;
    assert_eq!(shown(&transcript), ["user: Hello [sending]"]);
    play(
        &mut transcript,
        &[received(1, Some(1), "Hello"), received(1, Some(1), "Hello")],
    );
    assert_eq!(shown(&transcript), ["user: Hello [complete]"]);
    assert_eq!(transcript.entries()[0].key, key);
}

#[test]
fn a_prompt_from_another_tab_appears_before_one_that_is_not_stored_yet() {
    let mut transcript = Transcript::default();
    write(&mut transcript, 1, "Mine");
    play(&mut transcript, &[received(1, Some(5), "Theirs"), start(9, 2)]);
    assert_eq!(
        shown(&transcript),
        [
            "user: Theirs [complete]",
            "assistant:  [generating]",
            "user: Mine [sending]"
        ]
    );
    play(&mut transcript, &[received(3, Some(1), "Mine")]);
    assert_eq!(shown(&transcript)[2], "user: Mine [complete]");
}

#[test]
fn a_chunk_seen_before_is_not_shown_twice() {
    let mut transcript = answering();
    play(
        &mut transcript,
        &[
            chunk(9, 2..=2, " upon"),
            chunk(9, 1..=2, "Once upon"),
            chunk(9, 3..=3, " a"),
        ],
    );
    assert_eq!(transcript.entries()[1].text, "Once upon a");
}

#[test]
fn a_replay_from_the_first_chunk_takes_the_place_of_what_is_shown() {
    let mut transcript = answering();
    play(
        &mut transcript,
        &[
            start(9, 2),
            chunk(9, 1..=4, "Once upon a time"),
            chunk(9, 5..=5, "."),
        ],
    );
    assert_eq!(transcript.entries()[1].text, "Once upon a time.");
}

#[test]
fn a_hole_is_asked_for_once_and_never_skipped() {
    let mut transcript = answering();
    let need = Need::Resume {
        generation_id: generation(9),
        after_seq: 2,
    };
    assert_eq!(transcript.apply(&chunk(9, 4..=4, " time")), Some(need));
    assert_eq!(transcript.apply(&chunk(9, 5..=5, "!")), None, "asked already");
    assert_eq!(transcript.entries()[1].text, "Once upon");
    play(&mut transcript, &[chunk(9, 3..=5, " a time!")]);
    assert_eq!(transcript.entries()[1].text, "Once upon a time!");
    assert_eq!(
        transcript.apply(&chunk(9, 7..=7, "x")),
        Some(Need::Resume {
            generation_id: generation(9),
            after_seq: 5
        })
    );
}

#[test]
fn a_piece_that_overlaps_is_asked_for_anew_rather_than_cut_by_guess() {
    let mut transcript = answering();
    let need = Need::Resume {
        generation_id: generation(9),
        after_seq: 2,
    };
    assert_eq!(transcript.apply(&chunk(9, 2..=3, " upon a")), Some(need));
    assert_eq!(transcript.entries()[1].text, "Once upon");
}

#[test]
fn a_reconnect_goes_on_after_the_last_chunk_seen() {
    let mut transcript = answering();
    assert_eq!(transcript.cursor(), Some((generation(9), 2)));
    let info = ServerEvent::SessionInfo {
        session_id: wire::SessionId::from_uuid(Uuid::nil()),
        chatbot_name: "Bot".into(),
        message: "Connected".into(),
        running: Some(Running {
            generation_id: generation(9),
            message_id: message_id(2),
            seq: 4,
            parent_id: message_id(1),
            continues: false,
            offset: 0,
        }),
    };
    play(&mut transcript, &[info, chunk(9, 3..=4, " a time")]);
    assert_eq!(transcript.entries()[1].text, "Once upon a time");
}

#[test]
fn a_new_answer_is_never_taken_for_the_old_one_because_its_numbers_start_again() {
    let mut transcript = answering();
    play(&mut transcript, &[complete(9, 2, "Once upon", Outcome::Stopped)]);
    play(
        &mut transcript,
        &[
            received(3, None, "Again"),
            start(10, 4),
            chunk(10, 1..=1, "There"),
        ],
    );
    assert_eq!(
        shown(&transcript).last().unwrap(),
        "assistant: There [generating]"
    );
    play(&mut transcript, &[chunk(9, 3..=3, " stale")]);
    assert_eq!(
        shown(&transcript).last().unwrap(),
        "assistant: There [generating]"
    );
}

#[test]
fn the_outcome_is_kept_with_exactly_the_text_the_server_has() {
    for (outcome, word) in [
        (Outcome::Stopped, "stopped"),
        (Outcome::Interrupted, "interrupted"),
        (Outcome::Failed, "failed"),
        (Outcome::Cut, "cut"),
    ] {
        let mut transcript = answering();
        play(&mut transcript, &[complete(9, 2, "Once", outcome)]);
        assert_eq!(shown(&transcript)[1], format!("assistant: Once [{word}]"));
    }
}

#[test]
fn an_answer_whose_beginning_was_missed_is_read() {
    let mut transcript = Transcript::default();
    let event = complete(9, 2, "All of it, or the end of it", Outcome::Complete);
    assert_eq!(transcript.apply(&event), Some(Need::Reread));
    assert!(transcript.entries().is_empty());
}

#[test]
fn an_answer_that_was_being_written_when_the_page_was_loaded_goes_on_in_its_place() {
    let history = vec![prompt(1, "Hi"), answer(2, "", MessageStatus::Generating)];
    let mut transcript = Transcript::from_history(history, false);
    assert!(transcript.is_generating());
    play(&mut transcript, &[start(9, 2), chunk(9, 1..=3, "Hello there")]);
    assert_eq!(
        shown(&transcript),
        ["user: Hi [complete]", "assistant: Hello there [generating]"]
    );
}

#[test]
fn reading_again_finds_the_answer_that_ended_while_nobody_listened() {
    let mut transcript = answering();
    let key = transcript.entries()[1].key;
    transcript.merge(
        vec![
            prompt(1, "Tell me a story"),
            answer(2, "Once upon a time.", MessageStatus::Interrupted),
            prompt(3, "From the phone"),
        ],
        false,
    );
    assert_eq!(
        shown(&transcript),
        [
            "user: Tell me a story [complete]",
            "assistant: Once upon a time. [interrupted]",
            "user: From the phone [complete]"
        ]
    );
    assert_eq!(transcript.entries()[1].key, key);
    assert_eq!(transcript.cursor(), None);
}

#[test]
fn reading_again_never_takes_back_what_the_socket_said_since() {
    let mut transcript = answering();
    play(
        &mut transcript,
        &[
            complete(9, 2, "Once upon a time.", Outcome::Complete),
            received(3, None, "More"),
        ],
    );
    write(&mut transcript, 4, "On its way");
    let before = shown(&transcript);
    transcript.merge(
        vec![
            prompt(1, "Tell me a story"),
            answer(2, "", MessageStatus::Generating),
        ],
        false,
    );
    assert_eq!(shown(&transcript), before);
    transcript.merge(Vec::new(), false);
    assert_eq!(shown(&transcript), before);
}

#[test]
fn older_messages_come_in_front_and_none_of_them_twice() {
    let mut transcript = Transcript::from_history(vec![prompt(3, "three")], true);
    assert_eq!(transcript.oldest(), Some(message_id(3)));
    let older = vec![prompt(1, "one"), prompt(2, "two"), prompt(3, "three")];
    transcript.prepend(message_id(2), older.clone(), false);
    assert_eq!(
        shown(&transcript),
        ["user: three [complete]"],
        "asked for by another page"
    );
    transcript.prepend(message_id(3), older, false);
    assert_eq!(
        shown(&transcript),
        [
            "user: one [complete]",
            "user: two [complete]",
            "user: three [complete]"
        ]
    );
    assert!(!transcript.has_more());
}

#[test]
fn a_prompt_read_back_before_its_acknowledgement_is_shown_once() {
    let mut transcript = Transcript::default();
    write(&mut transcript, 1, "Hi");
    transcript.merge(vec![prompt(1, "Hi")], false);
    play(&mut transcript, &[received(1, Some(1), "Hi")]);
    assert_eq!(shown(&transcript), ["user: Hi [complete]"]);
}

#[test]
fn a_refused_prompt_keeps_its_text_and_can_be_taken_back() {
    let mut transcript = Transcript::default();
    write(&mut transcript, 1, "Hi");
    transcript.mark_prompt(client_id(1), Mark::Unsent("Too many messages".into()));
    assert_eq!(shown(&transcript), ["user: Hi [unsent]"]);
    let taken = transcript.withdraw(client_id(1));
    assert_eq!(taken.map(|prompt| prompt.text), Some("Hi".into()));
    assert!(transcript.entries().is_empty());
}

#[test]
fn only_what_changed_is_drawn_again() {
    let mut transcript = answering();
    transcript.take_changes();
    let key = transcript.entries()[1].key;
    play(&mut transcript, &[chunk(9, 3..=3, " a")]);
    assert_eq!(
        transcript.take_changes(),
        Changes {
            list: false,
            entries: vec![key]
        }
    );
    assert_eq!(transcript.take_changes(), Changes::default());
}
