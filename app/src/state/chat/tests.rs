use super::*;
use crate::state::transcript::Mark;
use uuid::Uuid;
use wire::{
    MessageId, SessionId, Timestamp,
    message::{Message, MessageRole, MessageStatus, Outcome},
};

fn id(number: u128) -> ClientMessageId {
    ClientMessageId::from_uuid(Uuid::from_u128(number))
}

fn message_id(number: u128) -> MessageId {
    MessageId::from_uuid(Uuid::from_u128(number))
}

fn hello() -> ServerEvent {
    ServerEvent::SessionInfo {
        session_id: SessionId::from_uuid(Uuid::nil()),
        chatbot_name: "Bot".into(),
        message: "Connected".into(),
        running: None,
    }
}

fn received(number: u128) -> ServerEvent {
    ServerEvent::MessageReceived {
        message_id: message_id(number),
        timestamp: Timestamp::from_millis(0),
        client_message_id: Some(id(number)),
        role: MessageRole::User,
        message: "Hi".into(),
        parent_id: None,
        prompts_left: None,
    }
}

fn start() -> ServerEvent {
    ServerEvent::ResponseStart {
        message: "…".into(),
        generation_id: GenerationId::from_uuid(Uuid::from_u128(9)),
        message_id: message_id(90),
        parent_id: message_id(89),
        continues: false,
    }
}

fn complete() -> ServerEvent {
    ServerEvent::ResponseComplete {
        message_id: message_id(90),
        timestamp: Timestamp::from_millis(0),
        full_response: "Hello".into(),
        generation_id: GenerationId::from_uuid(Uuid::from_u128(9)),
        outcome: Outcome::Complete,
        usage: None,
        citations: vec![],
    }
}

fn error(code: ProblemCode) -> ServerEvent {
    ServerEvent::Error {
        message: code.title().into(),
        code,
        retry_after: None,
        fatal: false,
    }
}

fn text(number: u128) -> Effect {
    Effect::Send(ClientEvent::Text {
        message: "Hi".into(),
        client_message_id: Some(id(number)),
    })
}

fn open() -> Chat {
    let mut chat = Chat::default();
    chat.apply(&hello());
    chat
}

#[test]
fn a_prompt_written_without_a_socket_is_sent_once_when_there_is_one() {
    let mut chat = Chat::default();
    assert_eq!(chat.submit(id(1), "Hi".into()), []);
    assert!(chat.needs_socket());
    assert_eq!(chat.apply(&hello()), [text(1)]);
    assert_eq!(chat.apply(&received(1)), []);
    assert!(!chat.is_sending());
}

#[test]
fn a_prompt_that_was_not_acknowledged_goes_out_again_with_the_same_id_after_a_reconnect() {
    let mut chat = open();
    assert_eq!(chat.submit(id(1), "Hi".into()), [text(1)]);
    chat.disconnected();
    assert_eq!(chat.apply(&hello()), [Effect::Reread, text(1)]);
    assert_eq!(
        chat.apply(&received(1)),
        [Effect::Reread],
        "its answer may have come and gone"
    );
    chat.disconnected();
    assert_eq!(
        chat.apply(&hello()),
        [Effect::Reread],
        "stored: not sent a third time"
    );
}

#[test]
fn the_page_is_busy_from_the_acknowledgement_to_the_end_of_the_answer() {
    let mut chat = open();
    chat.submit(id(1), "Hi".into());
    chat.apply(&received(1));
    assert!(chat.is_busy());
    chat.apply(&start());
    assert!(chat.is_busy());
    assert_eq!(chat.apply(&complete()), [Effect::Finished]);
    assert!(!chat.is_busy());
}

#[test]
fn a_prompt_written_while_an_answer_runs_waits_for_its_end() {
    let mut chat = open();
    chat.submit(id(1), "Hi".into());
    chat.apply(&received(1));
    chat.apply(&start());
    assert_eq!(chat.submit(id(2), "Hi".into()), []);
    assert_eq!(chat.apply(&complete()), [Effect::Finished, text(2)]);
}

#[test]
fn stop_is_said_when_there_is_a_socket_to_say_it_on() {
    let mut chat = open();
    chat.submit(id(1), "Hi".into());
    chat.apply(&received(1));
    chat.apply(&start());
    chat.disconnected();
    assert_eq!(chat.stop(), []);
    let info = chat.apply(&hello());
    assert!(info.contains(&Effect::Send(ClientEvent::Stop)), "{info:?}");
    assert_eq!(chat.apply(&error(ProblemCode::ModelFailed)), [], "said once");
}

#[test]
fn a_stop_that_came_too_late_does_not_stop_the_next_answer() {
    let mut chat = open();
    chat.submit(id(1), "Hi".into());
    chat.apply(&received(1));
    chat.apply(&start());
    chat.disconnected();
    chat.stop();
    chat.reread(vec![Message {
        id: message_id(90),
        role: MessageRole::Assistant,
        message: "Hello".into(),
        created_at: Timestamp::from_millis(0),
        parent_id: None,
        status: MessageStatus::Complete,
        siblings: vec![],
        citations: Vec::new(),
    }]);
    assert!(!chat.is_busy());
    chat.apply(&hello());
    chat.submit(id(2), "Hi".into());
    assert_eq!(chat.apply(&received(2)), [], "no stop");
}

#[test]
fn a_refused_prompt_stays_on_the_page_and_can_be_sent_again() {
    let mut chat = open();
    chat.submit(id(1), "Hi".into());
    chat.apply(&error(ProblemCode::RateLimited));
    assert_eq!(
        chat.transcript.entries()[0].mark,
        Mark::Unsent("Too many requests".into())
    );
    assert_eq!(chat.notice(), None, "it is said at the prompt");
    assert!(!chat.is_sending());
    assert_eq!(chat.send_again(id(1)), [text(1)]);
}

#[test]
fn a_failure_of_the_model_is_said_and_the_chat_goes_on() {
    let mut chat = open();
    chat.submit(id(1), "Hi".into());
    chat.apply(&received(1));
    chat.apply(&error(ProblemCode::ModelUnavailable));
    assert_eq!(
        chat.notice().map(|notice| notice.code),
        Some(ProblemCode::ModelUnavailable)
    );
    assert!(!chat.is_busy());
    assert_eq!(chat.submit(id(2), "Hi".into()), [text(2)]);
    assert_eq!(chat.notice(), None);
}

#[test]
fn the_place_in_the_queue_is_shown_until_the_answer_comes() {
    let mut chat = open();
    chat.apply(&ServerEvent::Queued { position: 2 });
    assert_eq!(chat.queued(), Some(2));
    chat.apply(&complete());
    assert_eq!(chat.queued(), None);
}
