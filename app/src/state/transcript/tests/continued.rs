//! An answer that goes on: a second run of the model behind the text of the first.

use super::*;

fn goes_on(run: u128) -> ServerEvent {
    ServerEvent::ResponseStart {
        message: "…".into(),
        generation_id: generation(run),
        message_id: message_id(2),
        parent_id: message_id(1),
        continues: true,
    }
}

fn coming_back(run: u128, continues: bool) -> ServerEvent {
    ServerEvent::SessionInfo {
        session_id: wire::SessionId::from_uuid(Uuid::nil()),
        chatbot_name: "Bot".into(),
        message: "Connected".into(),
        running: Some(Running {
            generation_id: generation(run),
            message_id: message_id(2),
            seq: 1,
            parent_id: message_id(1),
            continues,
        }),
    }
}

/// An answer that was stopped at `Once upon`.
fn stopped() -> Transcript {
    let mut transcript = answering();
    play(&mut transcript, &[complete(9, 2, "Once upon", Outcome::Stopped)]);
    transcript
}

fn said(transcript: &Transcript) -> String {
    shown(transcript).last().cloned().unwrap()
}

#[test]
fn a_stopped_answer_goes_on_behind_its_text() {
    let mut transcript = stopped();
    play(&mut transcript, &[goes_on(10)]);
    assert_eq!(said(&transcript), "assistant: Once upon [generating]");
    play(
        &mut transcript,
        &[chunk(10, 1..=1, " a"), chunk(10, 2..=2, " time")],
    );
    assert_eq!(said(&transcript), "assistant: Once upon a time [generating]");
    assert_eq!(transcript.cursor(), Some((generation(10), 2)));
    play(
        &mut transcript,
        &[complete(10, 2, " a time.", Outcome::Complete)],
    );
    assert_eq!(said(&transcript), "assistant: Once upon a time. [complete]");
    play(
        &mut transcript,
        &[complete(10, 2, " a time.", Outcome::Complete)],
    );
    assert_eq!(
        said(&transcript),
        "assistant: Once upon a time. [complete]",
        "told twice"
    );
}

#[test]
fn it_can_be_stopped_and_go_on_again_and_again() {
    let mut transcript = stopped();
    for (run, outcome) in [(10, Outcome::Stopped), (11, Outcome::Failed), (12, Outcome::Complete)] {
        play(
            &mut transcript,
            &[
                goes_on(run),
                chunk(run, 1..=1, " and"),
                complete(run, 2, " and on", outcome),
            ],
        );
    }
    assert_eq!(
        said(&transcript),
        "assistant: Once upon and on and on and on [complete]"
    );
}

#[test]
fn a_replay_from_the_first_chunk_begins_behind_what_was_there_before() {
    let mut transcript = stopped();
    play(
        &mut transcript,
        &[
            goes_on(10),
            chunk(10, 1..=1, " a"),
            chunk(10, 1..=2, " a time"),
            chunk(10, 2..=2, " time"),
        ],
    );
    assert_eq!(said(&transcript), "assistant: Once upon a time [generating]");
}

fn history(text: &str, status: MessageStatus) -> Vec<Message> {
    vec![prompt(1, "Tell me a story"), answer(2, text, status)]
}

const FROM_THE_FIRST: fn(u128) -> Option<Need> = |run| {
    Some(Need::Resume {
        generation_id: generation(run),
        after_seq: 0,
    })
};

#[test]
fn a_page_loaded_while_it_goes_on_puts_nothing_behind_a_text_that_may_be_old() {
    // Drawn while run 10 went on behind `Once upon`. By now it has said ` a`, was stopped, and run 11 goes on.
    let mut transcript =
        Transcript::from_history(history("Once upon", MessageStatus::Generating), false);
    assert_eq!(transcript.apply(&coming_back(11, true)), Some(Need::Reread));
    play(&mut transcript, &[goes_on(11), chunk(11, 1..=1, " time")]);
    assert_eq!(said(&transcript), "assistant: Once upon [generating]");
    let need = transcript.merge(history("Once upon a", MessageStatus::Generating), false);
    assert_eq!(need, FROM_THE_FIRST(11));
    play(
        &mut transcript,
        &[
            chunk(11, 1..=2, " time"),
            chunk(11, 3..=3, "."),
            complete(11, 2, " time.", Outcome::Complete),
        ],
    );
    assert_eq!(said(&transcript), "assistant: Once upon a time. [complete]");
}

#[test]
fn one_that_ends_before_its_beginning_was_read_is_read_whole() {
    let mut transcript = stopped();
    assert_eq!(transcript.apply(&coming_back(11, true)), Some(Need::Reread));
    assert_eq!(
        transcript.apply(&complete(11, 2, " time.", Outcome::Complete)),
        Some(Need::Reread)
    );
    assert_eq!(
        transcript.merge(history("Once upon a time.", MessageStatus::Complete), false),
        None
    );
    assert_eq!(said(&transcript), "assistant: Once upon a time. [complete]");
}

#[test]
fn the_late_end_of_the_run_before_changes_nothing_in_one_that_goes_on() {
    // The socket was lost in run 9; it was stopped and run 10 goes on when this page comes back.
    let mut transcript = answering();
    assert_eq!(transcript.apply(&coming_back(10, true)), Some(Need::Reread));
    assert_eq!(
        transcript.apply(&complete(9, 2, "Once upon a", Outcome::Stopped)),
        Some(Need::Reread)
    );
    assert!(transcript.is_generating());
    let need = transcript.merge(history("Once upon a", MessageStatus::Generating), false);
    assert_eq!(need, FROM_THE_FIRST(10));
    play(&mut transcript, &[chunk(10, 1..=1, " time")]);
    assert_eq!(said(&transcript), "assistant: Once upon a time [generating]");
}

#[test]
fn the_late_end_of_the_run_before_takes_nothing_back_that_was_read_since() {
    let mut transcript = answering();
    transcript.merge(history("Once upon a time.", MessageStatus::Complete), false);
    assert_eq!(
        transcript.apply(&complete(9, 2, "Once upon a", Outcome::Stopped)),
        Some(Need::Reread)
    );
    assert_eq!(said(&transcript), "assistant: Once upon a time. [complete]");
}

#[test]
fn an_answer_that_goes_on_elsewhere_is_busy_here_and_its_end_is_read() {
    let mut transcript = stopped();
    transcript.merge(history("Once upon", MessageStatus::Generating), false);
    assert!(transcript.is_generating());
    transcript.merge(history("Once upon a time.", MessageStatus::Complete), false);
    assert_eq!(said(&transcript), "assistant: Once upon a time. [complete]");
}

#[test]
fn a_continuation_of_a_message_that_is_not_here_is_read_for_its_beginning() {
    let mut transcript = Transcript::default();
    write(&mut transcript, 1, "Tell me");
    play(&mut transcript, &[received(1, Some(1), "Tell me")]);
    assert_eq!(transcript.apply(&goes_on(10)), Some(Need::Reread));
    let need = transcript.merge(history("Once upon", MessageStatus::Generating), false);
    assert_eq!(need, FROM_THE_FIRST(10));
    play(&mut transcript, &[chunk(10, 1..=1, " a time")]);
    assert_eq!(said(&transcript), "assistant: Once upon a time [generating]");
}
