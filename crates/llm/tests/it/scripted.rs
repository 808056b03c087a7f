//! The scripted model: what tests of the server rely on.

use crate::ask::{first_word, hear, hear_out, prompt, soon};
use futures::{FutureExt as _, StreamExt as _};
use llm::scripted::ScriptedModel;
use llm::{ChatEvent, ChatModel as _, FinishReason, ModelError, ModelStatus};

#[tokio::test]
async fn nothing_is_said_before_the_script_says_it() {
    let (model, mut script) = ScriptedModel::new();
    let mut stream = model.answer(prompt("Hi")).await.unwrap();
    let mut call = script.next_call().await;
    assert_eq!(call.prompt(), "Hi");
    assert!(stream.next().now_or_never().is_none());
    call.say("Hel");
    assert_eq!(
        stream.next().now_or_never(),
        Some(Some(Ok(ChatEvent::Text("Hel".to_owned()))))
    );
    assert!(stream.next().now_or_never().is_none());
    call.say("lo");
    call.finish();
    let heard = hear_out(stream).await;
    assert_eq!(
        (heard.text().as_str(), heard.finished.map(|(reason, _)| reason)),
        ("lo", Some(FinishReason::Stop))
    );
}

#[tokio::test]
async fn the_script_sees_that_its_listener_has_gone() {
    let (model, mut script) = ScriptedModel::new();
    let mut stream = model.answer(prompt("Hi")).await.unwrap();
    let mut call = script.next_call().await;
    call.say("Hello");
    first_word(&mut stream).await;
    assert!(!call.is_cancelled());
    drop(stream);
    soon(call.cancelled()).await;
    assert!(call.is_cancelled());
}

#[tokio::test]
async fn a_call_that_is_dropped_breaks_off() {
    let (model, mut script) = ScriptedModel::new();
    let stream = model.answer(prompt("Hi")).await.unwrap();
    let mut call = script.next_call().await;
    call.say("Hel");
    drop(call);
    let heard = hear_out(stream).await;
    assert_eq!(heard.text(), "Hel");
    assert!(matches!(heard.error, Some(ModelError::BrokeOff(_))));
}

#[tokio::test]
async fn the_next_request_can_be_refused_and_the_one_after_is_not() {
    let (model, mut script) = ScriptedModel::new();
    script.refuse_next(ModelError::Busy { retry_after: None });
    assert_eq!(
        hear(&model, prompt("One")).await.error,
        Some(ModelError::Busy { retry_after: None })
    );
    let _stream = model.answer(prompt("Two")).await.unwrap();
    assert_eq!(script.next_call().await.prompt(), "Two");
    assert!(script.try_next_call().is_none());
}

#[tokio::test]
async fn the_status_is_what_the_script_says() {
    let (model, script) = ScriptedModel::new();
    assert_eq!(model.status(), ModelStatus::Ready);
    script.set_status(ModelStatus::Loading { progress: 0.5 });
    assert_eq!(model.status(), ModelStatus::Loading { progress: 0.5 });
}

#[tokio::test]
async fn the_simple_mode_answers_at_once_by_a_rule() {
    let model = ScriptedModel::answering(|request| {
        let name = request.turns[0].text.clone();
        ["Hello".to_owned(), ", ".to_owned(), name]
    });
    let heard = hear(&model, prompt("Alice")).await;
    assert_eq!(heard.deltas, ["Hello", ", ", "Alice"]);
    let fixed = ScriptedModel::answering(|_| vec!["Yes", "."]);
    assert_eq!(hear(&fixed, prompt("Is it?")).await.text(), "Yes.");
}
