//! A conversation is a tree: answers anew, prompts said otherwise, answers that go on, and which branch is shown.

mod continued;
mod shared;

use crate::world::{Chat, Person, TestServer};
use llm::scripted::Script;
use uuid::Uuid;
use wire::{
    ClientMessageId, MessageId, ProblemCode,
    conversation::ConversationDetail,
    message::{Message, MessageStatus, Outcome},
    socket::{ClientEvent, ServerEvent},
};

/// A prompt and its answer, in full: their ids.
async fn talk(chat: &mut Chat, script: &mut Script, prompt: &str, answer: &str) -> (MessageId, MessageId) {
    chat.say(prompt).await;
    let (prompt_id, _) = chat.prompt_told().await;
    let mut call = script.next_call().await;
    call.say(answer);
    call.finish();
    (prompt_id, chat.reply().await.message_id)
}

fn edit(message_id: MessageId, message: &str) -> ClientEvent {
    ClientEvent::Edit {
        message_id,
        message: message.into(),
        client_message_id: None,
    }
}

async fn detail(person: &Person, chat: &Chat) -> ConversationDetail {
    let id = chat.session.as_ref().unwrap().conversation_id;
    person.get(&format!("/conversation/{id}")).await.json()
}

/// What the branch that is shown says.
async fn shown(person: &Person, chat: &Chat) -> Vec<String> {
    let messages = detail(person, chat).await.messages;
    messages.into_iter().map(|message| message.message).collect()
}

async fn last(person: &Person, chat: &Chat) -> Message {
    detail(person, chat).await.messages.pop().unwrap()
}

async fn show(person: &Person, chat: &Chat, message: MessageId) -> crate::world::Answer {
    let id = chat.session.as_ref().unwrap().conversation_id;
    let patch = format!(r#"{{"active_message_id":"{message}"}}"#);
    person.patch(&format!("/conversation/{id}"), &patch).await
}

/// The refusal that must come next, whole.
async fn refused(chat: &mut Chat) -> (ProblemCode, String) {
    chat.until(|event| match event {
        ServerEvent::Error { code, message, .. } => Some((*code, message.clone())),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn another_answer_takes_the_place_of_the_old_one_which_stays() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let (prompt, old) = talk(&mut chat, &mut script, "Why?", "Because.").await;
    let mut tab = alice.connect(&chat.session.clone().unwrap()).await;

    chat.tell(&ClientEvent::Regenerate { message_id: old }).await;
    let mut call = script.next_call().await;
    assert_eq!(call.prompt(), "Why?");
    assert_eq!(
        call.request().turns.len(),
        2,
        "the old answer is not shown to the model"
    );
    call.say("For a reason.");
    call.finish();
    for chat in [&mut chat, &mut tab] {
        let (new, parent, continues) = chat.answer_told().await;
        assert_eq!((parent, continues, new == old), (prompt, false, false));
        assert_eq!(chat.rest_of_reply(0).await.text, "For a reason.");
    }
    let new = last(&alice, &chat).await;
    assert_eq!(shown(&alice, &chat).await, ["Why?", "For a reason."]);
    assert_eq!(new.siblings, [old, new.id]);
    assert_eq!(detail(&alice, &chat).await.messages[0].siblings, []);

    // And back, for every tab.
    assert!(show(&alice, &chat, old).await.status.is_success());
    assert_eq!((chat.branch_told().await, tab.branch_told().await), (old, old));
    let back = last(&alice, &chat).await;
    assert_eq!((back.id, back.message.as_str()), (old, "Because."));
    assert_eq!(back.siblings, [old, new.id]);
    let session = alice
        .open_session(chat.session.as_ref().unwrap().chatbot_id)
        .await;
    assert_eq!(session.previous_messages[1].siblings, [old, new.id]);
}

#[tokio::test]
async fn an_answer_in_the_middle_is_given_anew_and_what_followed_it_is_another_branch() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let (prompt, first) = talk(&mut chat, &mut script, "one", "1").await;
    let (_, second) = talk(&mut chat, &mut script, "two", "2").await;
    // A prompt may be named as well: the one whose answer it is.
    chat.tell(&ClientEvent::Regenerate { message_id: prompt }).await;
    let mut call = script.next_call().await;
    call.say("I");
    call.finish();
    chat.reply().await;
    assert_eq!(shown(&alice, &chat).await, ["one", "I"]);
    // Down to the latest leaf of the branch that goes through it.
    assert!(show(&alice, &chat, first).await.status.is_success());
    assert_eq!(chat.branch_told().await, second);
    assert_eq!(shown(&alice, &chat).await, ["one", "1", "two", "2"]);
}

#[tokio::test]
async fn an_edited_prompt_begins_a_branch_beside_the_old_one() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let (first, answer) = talk(&mut chat, &mut script, "one", "1").await;
    let (second, _) = talk(&mut chat, &mut script, "two", "2").await;
    let mut tab = alice.connect(&chat.session.clone().unwrap()).await;

    chat.tell(&edit(second, "three")).await;
    let mut call = script.next_call().await;
    let turns: Vec<_> = call
        .request()
        .turns
        .iter()
        .skip(1)
        .map(|turn| turn.text.clone())
        .collect();
    assert_eq!(turns, ["one", "1", "three"]);
    call.say("3");
    call.finish();
    for chat in [&mut chat, &mut tab] {
        let (edited, parent) = chat.prompt_told().await;
        assert_eq!(parent, Some(answer));
        assert_eq!(chat.answer_told().await.1, edited);
        assert_eq!(chat.rest_of_reply(0).await.text, "3");
    }
    assert_eq!(shown(&alice, &chat).await, ["one", "1", "three", "3"]);

    // The first one, too; and another answer to it.
    chat.tell(&edit(first, "zero")).await;
    let (edited, parent) = chat.prompt_told().await;
    assert_eq!(parent, None);
    let mut call = script.next_call().await;
    assert_eq!(call.request().turns.len(), 2);
    call.say("0");
    call.finish();
    let reply = chat.reply().await;
    chat.tell(&ClientEvent::Regenerate {
        message_id: reply.message_id,
    })
    .await;
    let mut call = script.next_call().await;
    assert_eq!(call.prompt(), "zero");
    call.say("nought");
    call.finish();
    chat.reply().await;
    let messages = detail(&alice, &chat).await.messages;
    assert_eq!(shown(&alice, &chat).await, ["zero", "nought"]);
    assert_eq!(messages[0].siblings, [first, edited]);
    assert_eq!(messages[1].siblings, [reply.message_id, messages[1].id]);
    assert!(show(&alice, &chat, second).await.status.is_success());
    assert_eq!(shown(&alice, &chat).await, ["one", "1", "two", "2"]);
}

#[tokio::test]
async fn an_edit_sent_twice_with_one_id_is_one_branch() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let (first, _) = talk(&mut chat, &mut script, "one", "1").await;
    let client_message_id = Some(ClientMessageId::from_uuid(Uuid::now_v7()));
    let edit = |message: &str| ClientEvent::Edit {
        message_id: first,
        message: message.into(),
        client_message_id,
    };
    chat.tell(&edit("two")).await;
    let told = chat.prompt_told().await;
    chat.tell(&edit("two")).await;
    assert_eq!(chat.prompt_told().await, told, "while it is being answered");
    script.next_call().await.finish();
    chat.until(|event| matches!(event, ServerEvent::ResponseComplete { .. }).then_some(()))
        .await;
    chat.tell(&edit("two")).await;
    assert_eq!(chat.prompt_told().await, told, "and after that");
    chat.tell(&edit("three")).await;
    assert_eq!(refused(&mut chat).await.0, ProblemCode::ClientMessageIdReused);
    assert!(script.try_next_call().is_none());
    assert_eq!(detail(&alice, &chat).await.messages[0].siblings, [first, told.0]);
}

#[tokio::test]
async fn somebody_elses_message_is_answered_like_one_that_does_not_exist() {
    let (server, mut script) = TestServer::scripted().await;
    let mut bob = server.sign_up("bob").await.open_chat(&server).await;
    let (his_prompt, his_answer) = talk(&mut bob, &mut script, "secret", "kept").await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let (_, own) = talk(&mut chat, &mut script, "one", "1").await;
    let unknown = MessageId::from_uuid(Uuid::now_v7());
    let asks: [fn(MessageId) -> ClientEvent; 3] = [
        |message_id| edit(message_id, "mine now"),
        |message_id| ClientEvent::Regenerate { message_id },
        |message_id| ClientEvent::Continue { message_id },
    ];
    for ask in asks {
        chat.tell(&ask(unknown)).await;
        let expected = refused(&mut chat).await;
        assert_eq!(expected.0, ProblemCode::NotFound);
        for his in [his_prompt, his_answer] {
            chat.tell(&ask(his)).await;
            assert_eq!(refused(&mut chat).await, expected);
        }
    }
    let answers = [
        show(&alice, &chat, unknown).await,
        show(&alice, &chat, his_answer).await,
    ];
    assert_eq!(answers.map(|answer| answer.problem()), [ProblemCode::NotFound; 2]);

    // Of another conversation of her own as well.
    let new = wire::session::OpenSession {
        new_conversation: true,
        ..Default::default()
    };
    let session = alice
        .open_session_with(chat.session.as_ref().unwrap().chatbot_id, new)
        .await;
    let mut other = alice.connect(&session).await;
    other.tell(&ClientEvent::Regenerate { message_id: own }).await;
    assert_eq!(refused(&mut other).await.0, ProblemCode::NotFound);
    assert_eq!(show(&alice, &other, own).await.problem(), ProblemCode::NotFound);
    assert!(script.try_next_call().is_none());
}

#[tokio::test]
async fn only_prompts_are_edited_and_only_answers_go_on() {
    let (server, mut script) = TestServer::scripted().await;
    let mut chat = server.sign_up("alice").await.open_chat(&server).await;
    let (prompt, answer) = talk(&mut chat, &mut script, "one", "1").await;
    for (ask, words) in [
        (edit(answer, "two"), "only a prompt"),
        (ClientEvent::Continue { message_id: prompt }, "only an answer"),
        (ClientEvent::Continue { message_id: answer }, "is complete"),
    ] {
        chat.tell(&ask).await;
        let (code, sentence) = refused(&mut chat).await;
        assert_eq!(code, ProblemCode::InvalidField);
        assert!(
            sentence.starts_with("message_id: ") && sentence.contains(words),
            "{sentence}"
        );
    }
    chat.tell(&edit(prompt, "  ")).await;
    assert_eq!(refused(&mut chat).await.0, ProblemCode::EmptyMessage);
}

#[tokio::test]
async fn while_an_answer_is_written_no_other_begins_and_no_other_branch_is_shown() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let (prompt, answer) = talk(&mut chat, &mut script, "one", "1").await;
    chat.tell(&ClientEvent::Regenerate { message_id: answer }).await;
    let call = script.next_call().await;
    for ask in [
        ClientEvent::Regenerate { message_id: answer },
        edit(prompt, "two"),
        ClientEvent::Continue { message_id: answer },
    ] {
        chat.tell(&ask).await;
        assert_eq!(refused(&mut chat).await.0, ProblemCode::GenerationRunning);
    }
    let busy = show(&alice, &chat, answer).await;
    assert_eq!(busy.problem(), ProblemCode::GenerationRunning);
    call.finish();
    chat.until(|event| matches!(event, ServerEvent::ResponseComplete { .. }).then_some(()))
        .await;
    assert!(show(&alice, &chat, answer).await.status.is_success());
    assert_eq!(shown(&alice, &chat).await, ["one", "1"]);
}

#[tokio::test]
async fn a_stopped_answer_beside_an_old_one_is_kept_as_it_was_shown() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let (_, old) = talk(&mut chat, &mut script, "Why?", "Because.").await;
    chat.tell(&ClientEvent::Regenerate { message_id: old }).await;
    let mut call = script.next_call().await;
    call.say("For a");
    assert_eq!(chat.chunk().await, "For a");
    chat.tell(&ClientEvent::Stop).await;
    assert_eq!(chat.rest_of_reply(1).await.outcome, Outcome::Stopped);
    let new = last(&alice, &chat).await;
    assert_eq!(
        (new.message.as_str(), new.status),
        ("For a", MessageStatus::Stopped)
    );
    assert_eq!(
        server.store().message(old).await.unwrap().unwrap().text,
        "Because."
    );
}

#[tokio::test]
async fn a_message_that_was_found_is_read_on_its_own_branch_without_choosing_it() {
    let (server, mut script) = TestServer::scripted().await;
    let ada = server.sign_up("ada").await;
    let mut chat = ada.open_chat(&server).await;
    let mut answers = Vec::new();
    for number in 0..2 {
        let (_, answer) = talk(&mut chat, &mut script, &format!("prompt {number}"), "so").await;
        answers.push(answer);
    }
    let (first, _) = talk(&mut chat, &mut script, "a wide road", "gravel").await;
    chat.tell(&edit(first, "a narrow road")).await;
    let (second, _) = chat.prompt_told().await;
    let mut call = script.next_call().await;
    call.say("sand");
    call.finish();
    chat.reply().await;

    let id = chat.session.as_ref().unwrap().conversation_id;
    let at = async |message: MessageId| {
        let path = format!("/conversation/{id}?message={message}");
        ada.get(&path).await.json::<ConversationDetail>()
    };
    let there = at(second).await;
    assert!(!there.other_branch);
    assert_eq!(there.messages.last().unwrap().message, "sand");
    let other = at(first).await;
    assert!(other.other_branch, "it is not the one that is shown");
    let last_two: Vec<_> = other
        .messages
        .iter()
        .rev()
        .take(2)
        .map(|one| one.message.as_str())
        .collect();
    assert_eq!(last_two, ["gravel", "a wide road"]);
    assert_eq!(
        shown(&ada, &chat).await.last().unwrap(),
        "sand",
        "reading chooses nothing"
    );
    assert!(
        at(answers[0])
            .await
            .messages
            .iter()
            .any(|message| message.id == answers[0])
    );
    let nowhere = format!("/conversation/{id}?message={}", Uuid::now_v7());
    assert_eq!(ada.get(&nowhere).await.problem(), ProblemCode::NotFound);
    let page = ada.page(&format!("/c/{id}?message={first}")).await;
    assert!(page.body.contains("a wide road"), "readable without scripts");
}
