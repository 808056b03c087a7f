//! An answer that goes on: a second run of the model behind the text of the first.

use super::*;

/// A run that goes on behind these words.
fn goes_on(run: u128, behind: &str) -> ServerEvent {
    ServerEvent::ResponseStart {
        message: "…".into(),
        generation_id: generation(run),
        message_id: message_id(2),
        parent_id: message_id(1),
        continues: true,
        offset: u64::try_from(behind.len()).unwrap(),
    }
}

fn coming_back(run: u128, behind: &str) -> ServerEvent {
    ServerEvent::SessionInfo {
        session_id: wire::SessionId::from_uuid(Uuid::nil()),
        chatbot_name: "Bot".into(),
        message: "Connected".into(),
        running: Some(Running {
            generation_id: generation(run),
            message_id: message_id(2),
            seq: 1,
            parent_id: message_id(1),
            continues: true,
            offset: u64::try_from(behind.len()).unwrap(),
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

fn history(text: &str, status: MessageStatus) -> Vec<Message> {
    vec![prompt(1, "Tell me a story"), answer(2, text, status)]
}

fn from_the_first(run: u128) -> Option<Need> {
    Some(Need::Resume {
        generation_id: generation(run),
        after_seq: 0,
    })
}

#[test]
fn a_stopped_answer_goes_on_behind_its_text() {
    let mut transcript = stopped();
    play(&mut transcript, &[goes_on(10, "Once upon")]);
    assert_eq!(said(&transcript), "assistant: Once upon [generating]");
    play(
        &mut transcript,
        &[chunk(10, 1..=1, " a"), chunk(10, 2..=2, " time")],
    );
    assert_eq!(said(&transcript), "assistant: Once upon a time [generating]");
    assert_eq!(transcript.cursor(), Some((generation(10), 2)));
    let end = complete(10, 2, " a time.", Outcome::Complete);
    play(&mut transcript, std::slice::from_ref(&end));
    assert_eq!(said(&transcript), "assistant: Once upon a time. [complete]");
    play(&mut transcript, &[end]);
    assert_eq!(
        said(&transcript),
        "assistant: Once upon a time. [complete]",
        "told twice"
    );
}

#[test]
fn it_can_be_stopped_and_go_on_again_and_again() {
    let mut transcript = stopped();
    let mut text = "Once upon".to_owned();
    for (run, outcome) in [
        (10, Outcome::Stopped),
        (11, Outcome::Failed),
        (12, Outcome::Complete),
    ] {
        play(
            &mut transcript,
            &[
                goes_on(run, &text),
                chunk(run, 1..=1, " and"),
                complete(run, 2, " and on", outcome),
            ],
        );
        text.push_str(" and on");
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
            goes_on(10, "Once upon"),
            chunk(10, 1..=1, " a"),
            chunk(10, 1..=2, " a time"),
            chunk(10, 2..=2, " time"),
        ],
    );
    assert_eq!(said(&transcript), "assistant: Once upon a time [generating]");
}

#[test]
fn a_page_loaded_while_it_goes_on_shows_what_was_there_before_and_what_comes() {
    let mut transcript = Transcript::from_history(history("Once upon", MessageStatus::Generating), false);
    play(
        &mut transcript,
        &[
            coming_back(10, "Once upon"),
            goes_on(10, "Once upon"),
            chunk(10, 1..=2, " a time"),
        ],
    );
    assert_eq!(said(&transcript), "assistant: Once upon a time [generating]");
    play(&mut transcript, &[complete(10, 2, " a time.", Outcome::Complete)]);
    assert_eq!(said(&transcript), "assistant: Once upon a time. [complete]");
}

#[test]
fn nothing_is_put_behind_a_text_that_is_older_than_what_goes_on() {
    // Drawn when it had come as far as `Once upon`; by now it has said ` a`, was stopped, and goes on behind that.
    let mut transcript = Transcript::from_history(history("Once upon", MessageStatus::Generating), false);
    assert_eq!(
        transcript.apply(&coming_back(11, "Once upon a")),
        Some(Need::Reread)
    );
    play(
        &mut transcript,
        &[goes_on(11, "Once upon a"), chunk(11, 1..=1, " time")],
    );
    assert_eq!(said(&transcript), "assistant: Once upon [generating]");
    let need = transcript.merge(history("Once upon a", MessageStatus::Generating), false);
    assert_eq!(need, from_the_first(11));
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
    assert_eq!(
        transcript.apply(&coming_back(11, "Once upon a")),
        Some(Need::Reread)
    );
    assert_eq!(
        transcript.apply(&complete(11, 2, " time.", Outcome::Complete)),
        Some(Need::Reread)
    );
    let need = transcript.merge(history("Once upon a time.", MessageStatus::Complete), false);
    assert_eq!(need, None);
    assert_eq!(said(&transcript), "assistant: Once upon a time. [complete]");
}

#[test]
fn what_was_read_before_it_was_heard_is_not_said_twice() {
    // The read was quicker than the socket: it has what run 10 is about to say here.
    let mut transcript = stopped();
    transcript.merge(history("Once upon a time", MessageStatus::Stopped), false);
    play(
        &mut transcript,
        &[
            goes_on(10, "Once upon"),
            chunk(10, 1..=2, " a time"),
            complete(10, 2, " a time", Outcome::Stopped),
        ],
    );
    assert_eq!(said(&transcript), "assistant: Once upon a time [stopped]");
}

#[test]
fn the_late_end_of_the_run_before_changes_nothing_in_one_that_goes_on() {
    // The socket was lost in run 9; it was stopped and run 10 goes on when this page comes back.
    let mut transcript = answering();
    assert_eq!(
        transcript.apply(&coming_back(10, "Once upon a")),
        Some(Need::Reread)
    );
    assert_eq!(
        transcript.apply(&complete(9, 2, "Once upon a", Outcome::Stopped)),
        Some(Need::Reread)
    );
    assert!(transcript.is_generating());
    let need = transcript.merge(history("Once upon a", MessageStatus::Generating), false);
    assert_eq!(need, from_the_first(10));
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
    transcript.merge(history("Once upon a", MessageStatus::Generating), false);
    assert_eq!(said(&transcript), "assistant: Once upon a [generating]");
    transcript.merge(history("Once upon a time.", MessageStatus::Complete), false);
    assert_eq!(said(&transcript), "assistant: Once upon a time. [complete]");
}

#[test]
fn a_continuation_of_a_message_that_is_not_here_is_read_for_its_beginning() {
    let mut transcript = Transcript::default();
    write(&mut transcript, 1, "Tell me");
    play(&mut transcript, &[received(1, Some(1), "Tell me")]);
    assert_eq!(transcript.apply(&goes_on(10, "Once upon")), Some(Need::Reread));
    let need = transcript.merge(history("Once upon", MessageStatus::Generating), false);
    assert_eq!(need, from_the_first(10));
    play(&mut transcript, &[chunk(10, 1..=1, " a time")]);
    assert_eq!(said(&transcript), "assistant: Once upon a time [generating]");
}
