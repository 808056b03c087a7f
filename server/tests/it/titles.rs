//! What a conversation is called: after its first prompt, then as the model says, unless a person says otherwise.

use crate::world::{Chat, PATIENCE, Person, TestServer};
use llm::{
    ModelError,
    scripted::{Script, ScriptedCall},
};
use server::config::Titles;
use wire::conversation::Conversation;

async fn asking_for_titles() -> (TestServer, Script) {
    TestServer::scripted_with(|config| config.chat.titles = Titles::Model).await
}

/// The first prompt and its answer; then the model is asked for a title.
async fn first_answer(chat: &mut Chat, script: &mut Script, prompt: &str) -> ScriptedCall {
    chat.say(prompt).await;
    let mut call = script.next_call().await;
    call.say("Use vinegar.");
    call.finish();
    script.next_call().await
}

async fn title_of(person: &Person, chat: &Chat) -> Option<String> {
    let id = chat.session.as_ref().unwrap().conversation_id;
    let conversation: Conversation = person.get(&format!("/conversation/{id}")).await.json();
    conversation.title
}

#[tokio::test]
async fn the_model_finds_a_title_after_the_first_answer() {
    let (server, mut script) = asking_for_titles().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let mut call = first_answer(&mut chat, &mut script, "My kettle is\nfull of lime.").await;
    assert_eq!(chat.title().await, "My kettle is");
    assert!(call.request().max_tokens.is_some_and(|most| most < 100));
    assert!(
        call.prompt().contains("full of lime.") && call.prompt().contains("Use vinegar."),
        "{}",
        call.prompt()
    );
    call.say("\"Lime in ");
    call.say("the kettle.\"\n\nA title.");
    call.finish();
    assert_eq!(chat.title().await, "Lime in the kettle");
    assert_eq!(
        title_of(&alice, &chat).await.as_deref(),
        Some("Lime in the kettle")
    );
}

#[tokio::test]
async fn a_title_that_a_person_gave_is_never_overwritten() {
    let (server, mut script) = asking_for_titles().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let mut call = first_answer(&mut chat, &mut script, "hello").await;
    let id = chat.session.as_ref().unwrap().conversation_id;
    let path = format!("/conversation/{id}");
    assert!(
        alice
            .patch(&path, r#"{"title":"Mine"}"#)
            .await
            .status
            .is_success()
    );
    call.say("The model's");
    call.finish();
    // The next answer comes after the title was decided upon: it waits for the same model.
    chat.say("more").await;
    let mut next = script.next_call().await;
    next.say("Here.");
    next.finish();
    chat.until(|event| match event {
        wire::socket::ServerEvent::ResponseComplete { full_response, .. } => {
            (full_response == "Here.").then_some(())
        }
        _ => None,
    })
    .await;
    assert_eq!(title_of(&alice, &chat).await.as_deref(), Some("Mine"));
}

#[tokio::test]
async fn somebodys_prompt_goes_before_a_title_which_is_asked_for_again() {
    let (server, mut script) = asking_for_titles().await;
    let mut chat = server.sign_up("alice").await.open_chat(&server).await;
    let title = first_answer(&mut chat, &mut script, "hello").await;
    chat.say("more").await;
    tokio::time::timeout(PATIENCE, title.cancelled()).await.unwrap();
    let mut call = script.next_call().await;
    assert_eq!(call.prompt(), "more");
    call.say("Here.");
    call.finish();
    let mut title = script.next_call().await;
    title.say("Greetings");
    title.finish();
    assert_eq!(chat.title().await, "hello");
    assert_eq!(chat.title().await, "Greetings");
}

#[tokio::test]
async fn a_model_that_finds_no_title_leaves_the_first_line() {
    let (server, mut script) = asking_for_titles().await;
    let mut done = Vec::new();
    for (name, fails) in [("one", true), ("two", false)] {
        let person = server.sign_up(name).await;
        let mut chat = person.open_chat(&server).await;
        let mut call = first_answer(&mut chat, &mut script, "hello").await;
        if fails {
            call.fail(ModelError::BrokeOff("the cable".into()));
        } else {
            call.say(" \"\"\n");
            call.finish();
        }
        done.push((person, chat));
    }
    // Titles are asked for one at a time: the third one's call comes after the others were done with.
    let mut chat = server.sign_up("three").await.open_chat(&server).await;
    first_answer(&mut chat, &mut script, "hello").await.finish();
    for (person, chat) in &done {
        assert_eq!(title_of(person, chat).await.as_deref(), Some("hello"));
    }
}

#[tokio::test]
async fn an_answer_that_failed_gives_no_title() {
    let (server, mut script) = asking_for_titles().await;
    let mut chat = server.sign_up("alice").await.open_chat(&server).await;
    chat.say("hello").await;
    let call = script.next_call().await;
    call.fail(ModelError::BrokeOff("the cable".into()));
    chat.reply().await;
    chat.say("again").await;
    let call = script.next_call().await;
    assert_eq!(call.prompt(), "again");
    call.finish();
}
