//! The order of frames, and what bad input is answered with.

use super::*;
use std::sync::Arc;
use uuid::Uuid;
use wire::{Timestamp, message::Outcome};

fn socket() -> SocketState {
    SocketState::new(SessionId::from_uuid(Uuid::now_v7()), "Ada".into())
}

fn answer() -> Answer {
    let id = Uuid::now_v7();
    Answer {
        generation_id: GenerationId::from_uuid(id),
        message_id: MessageId::from_uuid(id),
        prompt_id: MessageId::from_uuid(id),
        continues: false,
        offset: 0,
        seen: 0,
        started: false,
        sourced: false,
    }
}

fn text(first_seq: u64, seq: u64) -> Input {
    Input::Progress(Progress::Text(Chunk {
        text: format!("{first_seq}-{seq} "),
        first_seq,
        seq,
        more: false,
    }))
}

fn ended() -> Input {
    let text: Arc<str> = Arc::from("all");
    let at = Timestamp::from_millis(1);
    Input::Progress(Progress::Ended(End {
        outcome: Outcome::Complete,
        at,
        usage: None,
        fault: None,
        text,
        citations: Arc::from([]),
        model: None,
    }))
}

fn kinds(effects: &[Effect]) -> Vec<String> {
    effects
        .iter()
        .map(|effect| match effect {
            Effect::Send(event) => serde_json::to_value(event).unwrap()["type"]
                .as_str()
                .unwrap()
                .to_owned(),
            Effect::Close(code) => format!("close {code}"),
            other => format!("{other:?}"),
        })
        .collect()
}

fn error_code(effects: &[Effect]) -> ProblemCode {
    match effects {
        [Effect::Send(ServerEvent::Error { code, .. })] => *code,
        other => panic!("expected one error, got {other:?}"),
    }
}

#[test]
fn an_answer_is_started_sent_and_completed_in_this_order() {
    let mut socket = socket();
    let mut effects = socket.step(Input::Follow(answer()));
    effects.extend(socket.step(text(1, 1)));
    effects.extend(socket.step(text(2, 5)));
    effects.extend(socket.step(ended()));
    assert_eq!(
        kinds(&effects),
        [
            "response_start",
            "response_chunk",
            "response_chunk",
            "response_complete"
        ]
    );
}

#[test]
fn the_next_answer_waits_until_the_last_one_is_complete_on_this_socket() {
    let mut socket = socket();
    socket.step(Input::Follow(answer()));
    assert_eq!(socket.step(Input::Follow(answer())), []);
    assert_eq!(kinds(&socket.step(text(1, 1))), ["response_chunk"]);
    assert_eq!(
        kinds(&socket.step(ended())),
        ["response_complete", "response_start"]
    );
}

#[test]
fn chunks_that_leave_a_gap_or_overlap_are_never_sent() {
    let mut socket = socket();
    socket.step(Input::Follow(answer()));
    socket.step(text(1, 3));
    assert_eq!(socket.step(text(3, 4)), []);
    assert_eq!(socket.step(text(5, 6)), []);
    assert_eq!(kinds(&socket.step(text(4, 4))), ["response_chunk"]);
}

#[test]
fn nothing_follows_a_completed_answer() {
    let mut socket = socket();
    socket.step(Input::Follow(answer()));
    socket.step(ended());
    assert_eq!(socket.step(text(1, 1)), []);
    assert_eq!(socket.step(ended()), []);
}

#[test]
fn who_resumes_gets_the_rest_without_a_second_start() {
    let mut socket = socket();
    let resumed = Answer {
        seen: 7,
        started: true,
        ..answer()
    };
    let effects = socket.step(Input::Opened {
        running: None,
        answers: vec![resumed],
    });
    assert_eq!(kinds(&effects), ["session_info"]);
    assert_eq!(kinds(&socket.step(text(8, 9))), ["response_chunk"]);
}

#[test]
fn bad_frames_are_answered_by_name_and_the_socket_lives_on() {
    let mut socket = socket();
    let mut say = |frame: &str| error_code(&socket.step(Input::Frame(Frame::Text(frame.into()))));
    assert_eq!(say("{"), ProblemCode::InvalidRequest);
    assert_eq!(say("[]"), ProblemCode::InvalidRequest);
    assert_eq!(say(r#"{"message":"hello"}"#), ProblemCode::InvalidRequest);
    assert_eq!(say(r#"{"message_type":"text"}"#), ProblemCode::InvalidRequest);
    assert_eq!(
        say(r#"{"message_type":"text","message":7}"#),
        ProblemCode::InvalidRequest
    );
    assert_eq!(
        say(r#"{"message_type":"sing","message":"la"}"#),
        ProblemCode::UnknownMessageType
    );
    assert_eq!(
        say(r#"{"message_type":"text","message":" "}"#),
        ProblemCode::EmptyMessage
    );
    assert_eq!(
        say(r#"{"message_type":"text","message":"a\u0000b"}"#),
        ProblemCode::InvalidText
    );
    assert_eq!(say(&"x".repeat(65 * 1024)), ProblemCode::TooLarge);
    assert_eq!(
        error_code(&socket.step(Input::Frame(Frame::Binary))),
        ProblemCode::BinaryFrame
    );
}

#[test]
fn persistent_abuse_ends_the_socket_after_warnings() {
    let mut socket = socket();
    let refused = || Input::Refused(ApiError::of(ProblemCode::RateLimited).retry_after(3));
    for _ in 1..PATIENCE {
        assert_eq!(kinds(&socket.step(refused())), ["error"]);
    }
    assert_eq!(kinds(&socket.step(refused())), ["error", "close 4429"]);
}
