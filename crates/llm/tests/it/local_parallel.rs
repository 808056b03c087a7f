//! The local model: several answers at the same time.

use crate::ask::{Heard, first_word, hear, hear_out, prompt, soon};
use crate::local::{load_with, ready};
use futures::StreamExt as _;
use futures::future::join_all;
use llm::{ChatEvent, ChatModel as _, ChatRequest, ChatRole, ChatTurn, FinishReason};
use std::time::Instant;

const ENDLESS: &str = "Write a very long story about a lighthouse. Never stop.";

/// Questions with words in their answers that are in no other.
const QUESTIONS: [(&str, &str); 4] = [
    ("What is the capital of Egypt?", "Cairo"),
    ("What is the capital of Japan?", "Tokyo"),
    ("What is the capital of Russia?", "Moscow"),
    ("What is the capital of Germany?", "Berlin"),
];

fn with_instructions(instructions: &str, question: &str) -> ChatRequest {
    let turn = |role, text: &str| ChatTurn {
        role,
        text: text.to_owned(),
    };
    let turns = vec![
        turn(ChatRole::System, instructions),
        turn(ChatRole::User, question),
    ];
    ChatRequest { turns, ..prompt("") }
}

fn assert_own_answer(heard: &Heard, own: &str) {
    assert_eq!(heard.error, None);
    assert_eq!(heard.finished.map(|(reason, _)| reason), Some(FinishReason::Stop));
    let text = heard.text();
    for (_, word) in QUESTIONS {
        assert_eq!(text.contains(word), word == own, "{own} was asked for: {text:?}");
    }
}

#[tokio::test]
async fn several_answers_grow_at_the_same_time() {
    let model = load_with(|config| config.parallel = 2);
    let mut first = model.answer(prompt(ENDLESS)).await.unwrap();
    let mut second = model.answer(prompt(ENDLESS)).await.unwrap();
    // One after the other, the second would begin when the first is over, which it never is.
    first_word(&mut first).await;
    first_word(&mut second).await;
    for _ in 0..5 {
        let (first, second) = futures::join!(soon(first.next()), soon(second.next()));
        assert!(matches!(first, Some(Ok(ChatEvent::Text(_)))), "{first:?}");
        assert!(matches!(second, Some(Ok(ChatEvent::Text(_)))), "{second:?}");
    }
}

#[tokio::test]
async fn each_question_gets_its_own_answer_however_many_are_asked() {
    let model = load_with(|config| config.parallel = 4);
    for _ in 0..2 {
        let questions = QUESTIONS.repeat(2);
        let answers = join_all(
            questions
                .iter()
                .map(|(question, _)| hear(&model, prompt(question))),
        )
        .await;
        for ((_, own), heard) in questions.iter().zip(&answers) {
            assert_own_answer(heard, own);
        }
    }
}

#[tokio::test]
async fn what_is_lent_of_a_common_beginning_stays_with_those_who_use_it() {
    let model = load_with(|config| config.parallel = 3);
    ready(&model).await;
    let instructions = "You answer questions about cities, in one short sentence. ".repeat(40);
    let long = |question| with_instructions(&instructions, question);
    let until_first_word = async |question| {
        let asked = Instant::now();
        let mut stream = model.answer(long(question)).await.unwrap();
        first_word(&mut stream).await;
        (asked.elapsed(), stream)
    };
    // The first reads the instructions, and is dropped while the others still use what it read.
    let (read, first) = until_first_word(QUESTIONS[0].0).await;
    let (lent, second) = until_first_word(QUESTIONS[1].0).await;
    assert!(lent < read / 3, "read in {read:?}, lent in {lent:?}");
    drop(first);
    let questions = [&QUESTIONS[2], &QUESTIONS[3], &QUESTIONS[0]];
    let later = join_all(questions.iter().map(|(question, _)| hear(&model, long(question)))).await;
    for ((_, own), heard) in questions.iter().zip(&later) {
        assert_own_answer(heard, own);
    }
    let rest = hear_out(second).await;
    assert!(rest.text().contains("Tokyo"), "{:?}", rest.text());
}

#[tokio::test]
async fn one_that_is_cancelled_leaves_the_others_alone_and_its_place_to_the_next() {
    let model = load_with(|config| {
        config.parallel = 2;
        config.max_tokens = 120;
    });
    let mut cancelled = model.answer(prompt(ENDLESS)).await.unwrap();
    let mut goes_on = model.answer(prompt(ENDLESS)).await.unwrap();
    let mut begun = first_word(&mut goes_on).await;
    first_word(&mut cancelled).await;
    let waiting = model.answer(prompt(QUESTIONS[0].0)).await.unwrap();
    drop(cancelled);
    let waited = hear_out(waiting).await;
    assert_eq!(waited.queued, [0]);
    assert_own_answer(&waited, "Cairo");
    let rest = hear_out(goes_on).await;
    let (reason, usage) = rest.finished.unwrap();
    assert_eq!(
        (reason, usage.completion_tokens),
        (FinishReason::Length, Some(120))
    );
    begun.push_str(&rest.text());
    assert!(begun.contains("lighthouse"), "{begun:?}");
}

#[tokio::test]
async fn one_that_is_refused_leaves_the_others_alone() {
    let model = load_with(|config| {
        config.parallel = 2;
        config.context_tokens = 512;
    });
    let (answered, refused) = futures::join!(
        hear(&model, prompt(QUESTIONS[0].0)),
        hear(&model, prompt(&"word ".repeat(2000)))
    );
    assert_own_answer(&answered, "Cairo");
    assert!(refused.error.is_some());
}

#[tokio::test]
async fn answers_for_which_there_is_no_memory_left_are_put_off_and_end_all_the_same() {
    // Together they want four windows, and there are two.
    let model = load_with(|config| {
        config.parallel = 4;
        config.context_tokens = 512;
        config.max_tokens = 400;
    });
    let story = |about: &str| prompt(&format!("Write a very long story about a {about}. Never stop."));
    let topics = ["lighthouse", "dragon", "bakery", "robot"];
    let answers = join_all(topics.iter().map(|about| hear(&model, story(about)))).await;
    for (about, heard) in topics.iter().zip(answers) {
        assert_eq!(heard.error, None, "{about}");
        let (_, usage) = heard.finished.unwrap();
        let written = usage.completion_tokens.unwrap();
        assert!(written > 100, "{about}: {written} tokens");
        assert!(heard.text().to_lowercase().contains(about), "{:?}", heard.text());
    }
    ready(&model).await;
}

#[tokio::test]
async fn while_a_long_prompt_is_read_the_other_answers_grow() {
    let model = load_with(|config| config.parallel = 2);
    let mut writing = model.answer(prompt(ENDLESS)).await.unwrap();
    first_word(&mut writing).await;
    let mut reading = model
        .answer(prompt(&"A word and another. ".repeat(300)))
        .await
        .unwrap();
    let mut grown = 0;
    loop {
        tokio::select! {
            biased;
            read = soon(reading.next()) => {
                assert!(matches!(read, Some(Ok(ChatEvent::Text(_)))), "{read:?}");
                break;
            }
            written = soon(writing.next()) => match written {
                Some(Ok(ChatEvent::Text(_))) => grown += 1,
                // On a slow machine the story is over before the prompt is read.
                Some(Ok(ChatEvent::Finished { .. })) => break,
                other => panic!("{other:?}"),
            },
        }
    }
    // Twelve hundred tokens in steps of at most 256, and each step writes a token.
    assert!(grown >= 4, "{grown}");
}

#[tokio::test]
async fn conversations_that_alternate_are_not_read_again() {
    let model = load_with(|config| {
        config.parallel = 2;
        config.max_tokens = 4;
    });
    ready(&model).await;
    let long = |topic: &str| prompt(&format!("A word about {topic} and another. ").repeat(120));
    let until_first_word = async |topic| {
        let asked = Instant::now();
        let mut stream = model.answer(long(topic)).await.unwrap();
        first_word(&mut stream).await;
        asked.elapsed()
    };
    let unknown = until_first_word("cats").await.min(until_first_word("rain").await);
    for topic in ["cats", "rain", "cats", "rain"] {
        let known = until_first_word(topic).await;
        assert!(known < unknown / 3, "{topic}: {unknown:?}, then {known:?}");
    }
}
