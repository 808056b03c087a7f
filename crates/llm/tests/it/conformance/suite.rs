//! The promises. What is asked here, any model can answer, a very small one included.

use super::Subject;
use super::parts::{CAPITAL_OF_FRANCE, CAPITAL_OF_JAPAN, ENDLESS, LETTERS, UNFINISHED};
use crate::ask::{first_word, hear, prompt, soon};
use futures::future::join_all;
use llm::{ChatRequest, ChatRole, ChatTurn, ModelStatus};

pub async fn an_answer_is_its_text_in_order_then_its_end_then_nothing(subject: &mut impl Subject) {
    let heard = hear(subject.model(), prompt(CAPITAL_OF_JAPAN)).await; // the order is checked there
    assert_eq!(heard.error, None);
    assert!(heard.deltas.len() >= 3, "in pieces: {:?}", heard.deltas);
    assert!(heard.deltas.iter().all(|delta| !delta.is_empty()));
    assert!(
        heard.text().contains("capital of Japan is Tokyo"),
        "{:?}",
        heard.text()
    );
}

pub async fn a_status_and_a_name_are_there(subject: &mut impl Subject) {
    hear(subject.model(), prompt(CAPITAL_OF_FRANCE)).await;
    assert_eq!(subject.model().status(), ModelStatus::Ready);
    assert!(!subject.model().name().is_empty());
}

pub async fn what_it_took_is_told(subject: &mut impl Subject) {
    let heard = hear(subject.model(), prompt(CAPITAL_OF_FRANCE)).await;
    let (_, usage) = heard.finished.expect("it finished");
    assert!(usage.prompt_tokens.expect("tokens read") >= 5);
    let written = usize::try_from(usage.completion_tokens.expect("tokens written")).unwrap();
    assert!(
        written >= heard.deltas.len(),
        "{written} tokens in {} pieces",
        heard.deltas.len()
    );
}

pub async fn characters_are_never_cut(subject: &mut impl Subject) {
    let heard = hear(subject.model(), prompt(LETTERS)).await;
    assert_eq!(heard.error, None);
    assert!(
        !heard.text().is_ascii(),
        "the question did not provoke other letters: {:?}",
        heard.text()
    );
    assert!(!heard.text().contains('\u{fffd}'), "{:?}", heard.text());
}

pub async fn answers_at_the_same_time_do_not_mix(subject: &mut impl Subject) {
    let model = subject.model();
    let questions = [
        (CAPITAL_OF_FRANCE, "Paris", "Tokyo"),
        (CAPITAL_OF_JAPAN, "Tokyo", "Paris"),
    ]
    .repeat(3);
    let answers = join_all(
        questions
            .iter()
            .map(|(question, ..)| hear(model, prompt(question))),
    )
    .await;
    for ((question, right, wrong), heard) in questions.iter().zip(answers) {
        assert_eq!(heard.error, None);
        let text = heard.text();
        assert!(text.contains(right) && !text.contains(wrong), "{question} {text}");
    }
}

pub async fn a_dropped_answer_is_cancelled(subject: &mut impl Subject) {
    let mut stream = soon(subject.model().answer(prompt(ENDLESS)))
        .await
        .expect("it begins");
    first_word(&mut stream).await;
    drop(stream);
    soon(subject.idle()).await;
}

pub async fn an_answer_dropped_before_its_first_word_is_cancelled(subject: &mut impl Subject) {
    let stream = soon(subject.model().answer(prompt(ENDLESS)))
        .await
        .expect("it begins");
    drop(stream);
    soon(subject.idle()).await;
}

pub async fn after_a_cancelled_answer_the_next_is_whole(subject: &mut impl Subject) {
    let mut stream = soon(subject.model().answer(prompt(ENDLESS)))
        .await
        .expect("it begins");
    first_word(&mut stream).await;
    drop(stream);
    let heard = hear(subject.model(), prompt(CAPITAL_OF_JAPAN)).await;
    assert_eq!(heard.error, None);
    assert!(heard.text().contains("Tokyo"), "{:?}", heard.text());
}

pub async fn a_refusal_is_the_last_that_is_heard(subject: &mut impl Subject) {
    let heard = hear(subject.model(), subject.refused()).await;
    assert!(
        matches!(heard.error, Some(llm::ModelError::Refused(_))),
        "{heard:?}"
    );
    assert_eq!(heard.text(), "");
}

pub async fn earlier_turns_are_known(subject: &mut impl Subject) {
    let turn = |role, text: &str| ChatTurn {
        role,
        text: text.to_owned(),
    };
    let turns = vec![
        turn(ChatRole::System, "You are a helpful assistant."),
        turn(ChatRole::User, "The secret code is 4711. Remember it."),
        turn(
            ChatRole::Assistant,
            "I will remember that the secret code is 4711.",
        ),
        turn(ChatRole::User, "What is the secret code?"),
    ];
    let heard = hear(subject.model(), ChatRequest { turns, ..prompt("") }).await;
    assert!(heard.text().contains("4711"), "{:?}", heard.text());
}

pub async fn an_answer_goes_on_where_it_was_cut_off(subject: &mut impl Subject) {
    let turn = |role, text: &str| ChatTurn {
        role,
        text: text.to_owned(),
    };
    let turns = vec![
        turn(ChatRole::User, CAPITAL_OF_FRANCE),
        turn(ChatRole::Assistant, UNFINISHED),
    ];
    let heard = hear(subject.model(), ChatRequest { turns, ..prompt("") }).await;
    assert_eq!(heard.error, None);
    let rest = heard.text();
    assert!(
        rest.starts_with("is"),
        "it goes on in the middle of the word: {rest:?}"
    );
    assert!(!rest.contains(UNFINISHED), "nothing is said again: {rest:?}");
}
