use super::*;
mod disorder;

use crate::state::transcript::Mark;
use uuid::Uuid;
use wire::{
    MessageId, SessionId, Timestamp,
    message::{Message, MessageRole, MessageStatus, Outcome},
    socket::CloseReason,
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
        prompts_left: Some(2),
    }
}

fn start() -> ServerEvent {
    ServerEvent::ResponseStart {
        message: "…".into(),
        generation_id: GenerationId::from_uuid(Uuid::from_u128(9)),
        message_id: message_id(90),
        parent_id: message_id(89),
        continues: false,
        offset: 0,
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
        drawn: Vec::new(),
        model: None,
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

fn prompt(number: u128) -> Prompt {
    Prompt {
        id: id(number),
        text: "Hi".into(),
        edits: None,
    }
}

fn open() -> Chat {
    let mut chat = Chat::default();
    chat.apply(&hello());
    chat
}

#[test]
fn a_prompt_written_without_a_socket_is_sent_once_when_there_is_one() {
    let mut chat = Chat::default();
    assert_eq!(chat.submit(prompt(1)), []);
    assert!(chat.needs_socket());
    assert_eq!(chat.apply(&hello()), [text(1)]);
    assert_eq!(chat.apply(&received(1)), []);
    assert!(!chat.is_sending());
}

#[test]
fn a_prompt_that_was_not_acknowledged_goes_out_again_with_the_same_id_after_a_reconnect() {
    let mut chat = open();
    assert_eq!(chat.submit(prompt(1)), [text(1)]);
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
    chat.submit(prompt(1));
    chat.apply(&received(1));
    assert!(chat.is_busy());
    chat.apply(&start());
    assert!(chat.is_busy());
    assert_eq!(chat.apply(&complete()), [Effect::Finished]);
    assert!(!chat.is_busy());
}

#[test]
fn what_was_on_its_way_when_the_page_was_loaded_again_goes_on_and_is_the_same_prompt() {
    let mut before = open();
    before.submit(prompt(1));
    before.apply(&received(1));
    before.submit(prompt(2));
    assert!(before.is_sending(), "it waits for the answer's end");

    let mut chat = Chat::default();
    chat.restore(&before.on_their_way());
    assert!(chat.needs_socket());
    let shown: Vec<_> = chat
        .transcript
        .entries()
        .iter()
        .map(|entry| &entry.text)
        .collect();
    assert_eq!(shown, ["Hi"]);
    assert_eq!(chat.apply(&hello()), [text(2)]);

    // Said, and not known to be stored: when it is acknowledged, its answer may be there already.
    let mut again = Chat::default();
    again.restore(&chat.on_their_way());
    assert_eq!(again.take_back(id(2)), None, "it may be stored");
    assert_eq!(again.apply(&hello()), [text(2)]);
    assert_eq!(again.apply(&received(2)), [Effect::Reread]);
    assert_eq!(again.on_their_way(), "");
}

#[test]
fn a_prompt_written_while_an_answer_runs_waits_for_its_end() {
    let mut chat = open();
    chat.submit(prompt(1));
    chat.apply(&received(1));
    chat.apply(&start());
    assert_eq!(chat.submit(prompt(2)), []);
    assert_eq!(chat.apply(&complete()), [Effect::Finished, text(2)]);
}

#[test]
fn stop_is_said_when_there_is_a_socket_to_say_it_on() {
    let mut chat = open();
    chat.submit(prompt(1));
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
    chat.submit(prompt(1));
    chat.apply(&received(1));
    chat.apply(&start());
    chat.disconnected();
    chat.stop();
    chat.reading();
    let messages = vec![Message {
        id: message_id(90),
        role: MessageRole::Assistant,
        message: "Hello".into(),
        created_at: Timestamp::from_millis(0),
        parent_id: None,
        status: MessageStatus::Complete,
        siblings: vec![],
        citations: Vec::new(),
        drawn: Vec::new(),
        model: None,
        feedback: None,
    }];
    chat.reread(messages, false);
    assert!(!chat.is_busy());
    chat.apply(&hello());
    chat.submit(prompt(2));
    assert_eq!(chat.apply(&received(2)), [], "no stop");
}

#[test]
fn a_stop_that_is_pressed_when_the_answer_has_just_ended_does_not_stop_the_next_one() {
    let mut chat = open();
    chat.submit(prompt(1));
    chat.apply(&received(1));
    chat.apply(&start());
    chat.submit(prompt(2));
    assert_eq!(chat.apply(&complete()), [Effect::Finished, text(2)]);
    // The button was not drawn anew yet.
    assert_eq!(chat.stop(), []);
    assert_eq!(chat.apply(&received(2)), [], "no stop");
    assert_eq!(
        chat.stop(),
        [Effect::Send(ClientEvent::Stop)],
        "before its first word"
    );
}

#[test]
fn a_chat_that_goes_elsewhere_takes_nothing_along_and_forgets_nothing() {
    let gone = ServerEvent::SessionClosed {
        reason: CloseReason::Replaced,
    };
    let mut chat = open();
    chat.submit(prompt(1));
    assert_eq!(chat.apply(&gone), []);
    assert_eq!(
        chat.apply(&hello()),
        [Effect::Reread, text(1)],
        "here again: nobody has said that it is stored"
    );
    chat.apply(&received(1));
    chat.apply(&start());
    chat.apply(&gone);
    assert_eq!(chat.stop(), [], "there is nobody to say it to");
    let again = chat.apply(&hello());
    assert!(again.contains(&Effect::Send(ClientEvent::Stop)), "{again:?}");
}

#[test]
fn a_session_that_is_gone_is_nothing_to_be_told_and_the_prompt_goes_to_the_next_one() {
    let mut chat = open();
    chat.submit(prompt(1));
    assert_eq!(chat.apply(&error(ProblemCode::SessionNotFound)), []);
    assert_eq!(chat.notice(), None);
    chat.disconnected();
    assert_eq!(chat.apply(&hello()), [Effect::Reread, text(1)]);
}

#[test]
fn a_refused_prompt_is_there_when_the_page_is_loaded_again_and_is_not_sent_by_itself() {
    let mut before = open();
    before.submit(prompt(1));
    before.apply(&error(ProblemCode::RateLimited));
    let edit = Prompt {
        edits: Some(message_id(4)),
        ..prompt(2)
    };
    before.submit(edit.clone());
    before.apply(&error(ProblemCode::ModelBusy));
    before.submit(prompt(3));

    let mut chat = Chat::default();
    chat.restore(&before.on_their_way());
    let marks = |chat: &Chat| -> Vec<_> {
        let entries = chat.transcript.entries().iter();
        entries
            .map(|entry| (entry.client_message_id, entry.mark.clone()))
            .collect()
    };
    let refused = |number, why: &str| (Some(id(number)), Mark::Unsent(why.into()));
    assert_eq!(
        marks(&chat),
        [
            (Some(id(3)), Mark::Sending),
            refused(1, "Too many requests"),
            refused(2, ProblemCode::ModelBusy.title()),
        ]
    );
    assert_eq!(chat.apply(&hello()), [text(3)]);
    chat.apply(&received(3));
    chat.apply(&start());
    assert_eq!(chat.apply(&complete()), [Effect::Finished]);

    // As often as one likes.
    let mut again = Chat::default();
    again.restore(&chat.on_their_way());
    assert!(!again.needs_socket() && !again.is_sending());
    assert_eq!(again.apply(&hello()), []);
    assert_eq!(again.take_back(id(2)), Some(edit), "with what it edits");
    assert_eq!(again.send_again(id(1)), [text(1)]);
    again.apply(&received(1));
    assert_eq!(again.on_their_way(), "");
}

#[test]
fn a_refused_prompt_stays_on_the_page_and_can_be_sent_again() {
    let mut chat = open();
    chat.submit(prompt(1));
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
    chat.submit(prompt(1));
    chat.apply(&received(1));
    chat.apply(&error(ProblemCode::ModelUnavailable));
    assert_eq!(
        chat.notice().map(|notice| notice.code),
        Some(ProblemCode::ModelUnavailable)
    );
    assert!(!chat.is_busy());
    assert_eq!(chat.submit(prompt(2)), [text(2)]);
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

fn stored(number: u128, role: MessageRole, status: MessageStatus) -> Message {
    Message {
        id: message_id(number),
        role,
        message: "Hi".into(),
        created_at: Timestamp::from_millis(0),
        parent_id: (number > 1).then(|| message_id(number - 1)),
        status,
        siblings: vec![],
        citations: vec![],
        drawn: Vec::new(),
        model: None,
        feedback: None,
    }
}

/// A chat in which one prompt was answered, as far as the answer got.
fn answered(status: MessageStatus) -> Chat {
    let history = vec![
        stored(1, MessageRole::User, MessageStatus::Complete),
        stored(2, MessageRole::Assistant, status),
    ];
    let mut chat = Chat::new(Transcript::from_history(history, false));
    chat.apply(&hello());
    chat
}

fn another_answer() -> ClientEvent {
    ClientEvent::Regenerate {
        message_id: message_id(2),
    }
}

#[test]
fn another_answer_is_asked_for_once_however_often_the_button_is_pressed() {
    let mut chat = answered(MessageStatus::Complete);
    assert_eq!(chat.wish(another_answer()), [Effect::Send(another_answer())]);
    assert!(chat.is_busy(), "Stop is offered at once");
    assert_eq!(chat.wish(another_answer()), []);
    chat.apply(&start());
    assert_eq!(chat.apply(&complete()), [Effect::Finished]);
    assert!(!chat.is_busy());
}

#[test]
fn a_wish_without_a_socket_waits_for_one_and_can_be_dropped() {
    let history = vec![stored(1, MessageRole::User, MessageStatus::Complete)];
    let mut chat = Chat::new(Transcript::from_history(history, false));
    assert_eq!(chat.wish(another_answer()), []);
    assert!(chat.needs_socket());
    assert_eq!(chat.stop(), []);
    assert!(!chat.needs_socket());
    chat.wish(another_answer());
    assert_eq!(chat.apply(&hello()).last(), Some(&Effect::Send(another_answer())));
}

#[test]
fn a_wish_that_was_said_is_never_said_again_by_itself() {
    let mut chat = answered(MessageStatus::Complete);
    chat.wish(another_answer());
    chat.disconnected();
    assert!(!chat.is_busy());
    assert_eq!(
        chat.apply(&hello()),
        [Effect::Reread],
        "whether it was heard is seen there"
    );
}

#[test]
fn a_refused_wish_is_told_and_the_page_looks_at_what_is_stored() {
    let mut chat = answered(MessageStatus::Complete);
    chat.wish(another_answer());
    assert_eq!(
        chat.apply(&error(ProblemCode::GenerationRunning)),
        [Effect::Reread]
    );
    assert!(!chat.is_busy());
    assert_eq!(
        chat.notice().map(|notice| notice.code),
        Some(ProblemCode::GenerationRunning)
    );
}

#[test]
fn an_edit_goes_out_as_one_and_again_with_the_same_id_after_a_reconnect() {
    let mut chat = answered(MessageStatus::Complete);
    let edit = Prompt {
        edits: Some(message_id(1)),
        ..prompt(7)
    };
    let said = Effect::Send(ClientEvent::Edit {
        message_id: message_id(1),
        message: "Hi".into(),
        client_message_id: Some(id(7)),
    });
    assert_eq!(chat.submit(edit.clone()), std::slice::from_ref(&said));
    chat.disconnected();
    assert_eq!(chat.apply(&hello()), [Effect::Reread, said.clone()]);
    chat.apply(&error(ProblemCode::MessageTooLong));
    assert_eq!(chat.send_again(id(7)), [said]);
    chat.apply(&error(ProblemCode::MessageTooLong));
    assert_eq!(chat.take_back(id(7)), Some(edit), "to be written on");
}

#[test]
fn a_prompt_that_waits_for_an_answer_to_end_can_be_taken_back() {
    let mut chat = open();
    chat.submit(prompt(1));
    chat.apply(&received(1));
    chat.submit(prompt(2));
    assert_eq!(chat.transcript.entries()[1].mark, Mark::Queued);
    assert_eq!(chat.take_back(id(2)), Some(prompt(2)));
    chat.submit(prompt(3));
    chat.apply(&start());
    assert_eq!(chat.apply(&complete()), [Effect::Finished, text(3)]);
    assert_eq!(chat.take_back(id(3)), None, "it is said");
    assert_eq!(chat.transcript.entries().last().unwrap().mark, Mark::Sending);
}

#[test]
fn another_branch_chosen_elsewhere_is_read_and_ones_own_is_not_read_twice() {
    let mut chat = answered(MessageStatus::Complete);
    let changed = |leaf| ServerEvent::ConversationChanged {
        title: None,
        active_leaf: Some(message_id(leaf)),
    };
    assert_eq!(chat.apply(&changed(2)), []);
    assert_eq!(chat.apply(&changed(8)), [Effect::Reread]);
}

#[test]
fn what_was_read_before_something_else_was_heard_is_read_again() {
    let mut chat = answered(MessageStatus::Complete);
    chat.reading();
    chat.apply(&start());
    let old = vec![
        stored(1, MessageRole::User, MessageStatus::Complete),
        stored(2, MessageRole::Assistant, MessageStatus::Complete),
    ];
    assert_eq!(chat.reread(old, false), [Effect::Reread]);
    assert!(chat.is_busy());
}

#[test]
fn how_many_prompts_are_left_is_news_until_the_next_one_or_for_a_while() {
    let mut chat = open();
    chat.submit(prompt(1));
    chat.apply(&received(1));
    assert_eq!(chat.prompts_left(), Some(2));
    chat.forget_prompts_left();
    assert_eq!(chat.prompts_left(), None);
}
