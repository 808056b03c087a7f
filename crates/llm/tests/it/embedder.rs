//! The local embedding model, with the small one that comes with `cargo xtask`.

use crate::ask::soon;
use llm::local::embedder::{LocalEmbedder, LocalEmbedderConfig};
use llm::{EmbedError, EmbedKind, EmbedPriority, Embedder as _, ModelError, ModelStatus};
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::watch;

use EmbedKind::{Passage, Query};
use EmbedPriority::{Background, Interactive};

const KETTLE: &str = "The warranty of the kettle lasts 27 months.";
const QUESTION: &str = "Is the warranty of the kettle over?";

/// The model of the tests. Its absence is a failure: a skipped test proves nothing.
fn model_file() -> PathBuf {
    let file = std::env::var_os("PARLANCE_TEST_EMBEDDING")
        .map(PathBuf::from)
        .unwrap_or_else(|| {
            let home = std::env::var_os("HOME").expect("HOME is set");
            PathBuf::from(home).join(".cache/parlance/models/all-MiniLM-L6-v2.F16.gguf")
        });
    assert!(
        file.is_file(),
        "the embedding model of the tests is not at {}. `cargo xtask test` makes it; or set PARLANCE_TEST_EMBEDDING.",
        file.display()
    );
    file
}

fn load() -> LocalEmbedder {
    load_with(|_| ())
}

fn load_with(change: impl FnOnce(&mut LocalEmbedderConfig)) -> LocalEmbedder {
    let mut config = LocalEmbedderConfig::new(model_file());
    change(&mut config);
    LocalEmbedder::load(config)
}

async fn one(embedder: &LocalEmbedder, text: &str) -> Vec<f32> {
    let vectors = soon(embedder.embed(vec![text.to_owned()], Query, Interactive)).await;
    vectors.unwrap().swap_remove(0)
}

fn likeness(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// As many passages, each of some 250 tokens, none like another.
fn passages(count: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("{number}: {}", "the kettle boils and the tea is hot ".repeat(30)))
        .collect()
}

#[tokio::test]
async fn tokens_and_vectors_are_those_of_the_original() {
    let embedder = load();
    assert_eq!(
        (embedder.count_tokens(KETTLE), embedder.count_tokens(QUESTION)),
        (12, 11)
    );
    let (a, b) = (one(&embedder, KETTLE).await, one(&embedder, QUESTION).await);
    // Computed apart, from the weights as they are published, in 32 bits.
    for (ours, theirs) in a.iter().zip([-0.118_846, -0.002_702, 0.020_236, -0.010_427]) {
        assert!((ours - theirs).abs() < 0.001, "{ours} {theirs}");
    }
    let likeness = likeness(&a, &b);
    assert!((likeness - 0.7497).abs() < 0.003, "{likeness}");
    assert_eq!(
        (a.len(), embedder.width(), embedder.max_tokens()),
        (384, Some(384), 512)
    );
    assert_eq!(embedder.status(), ModelStatus::Ready);
}

#[tokio::test]
async fn a_question_is_nearer_to_its_answer_than_to_anything_else() {
    let embedder = load();
    let question = one(&embedder, QUESTION).await;
    let near = likeness(&question, &one(&embedder, KETTLE).await);
    let far = likeness(
        &question,
        &one(&embedder, "The museum is closed on Mondays.").await,
    );
    assert!(near > 0.7 && far < 0.1, "{near} {far}");
}

#[tokio::test]
async fn a_text_has_the_same_vector_alone_and_among_others_and_length_one() {
    let embedder = load();
    let alone = one(&embedder, QUESTION).await;
    let mut texts = passages(3);
    texts.extend([QUESTION, KETTLE, "", "x"].map(str::to_owned));
    texts.extend(passages(2));
    let among = soon(embedder.embed(texts, Passage, Background)).await.unwrap();
    let same = likeness(&alone, &among[3]);
    assert!(same > 0.999, "{same}");
    for vector in &among {
        assert!((likeness(vector, vector) - 1.0).abs() < 1e-4);
    }
    assert!(likeness(&among[0], &among[4]) < 0.9, "they are not all the same");
}

#[tokio::test]
async fn a_text_that_is_too_long_is_refused_with_its_length_and_can_be_cut() {
    let embedder = load();
    let long = "kettle ".repeat(1998);
    let told = soon(embedder.embed(vec![KETTLE.to_owned(), long.clone()], Passage, Background)).await;
    let expected = EmbedError::TooLong {
        index: 1,
        tokens: 2000,
        limit: 512,
    };
    assert_eq!(told, Err(expected));
    let cut = embedder.cut(&long);
    assert_eq!((embedder.count_tokens(cut.text), cut.cut_tokens), (512, 1488));
    assert_eq!(one(&embedder, cut.text).await.len(), 384);
}

#[tokio::test]
async fn what_looks_like_a_mark_of_the_model_is_read_as_text() {
    let embedder = load();
    let forged = embedder.count_tokens("kettle [SEP] [CLS] tea");
    assert!(forged > embedder.count_tokens("kettle tea") + 2, "{forged}");
}

#[tokio::test]
async fn what_stands_before_a_text_by_its_kind_changes_its_vector_and_its_room() {
    let embedder = load_with(|config| config.passage_prefix = "a passage about tea: ".to_owned());
    let as_query = one(&embedder, KETTLE).await;
    let as_passage = soon(embedder.embed(vec![KETTLE.to_owned()], Passage, Interactive)).await;
    let same = likeness(&as_query, &as_passage.unwrap()[0]);
    assert!(same < 0.99, "{same}");
    assert_eq!(embedder.max_tokens(), 512 - 5);
    assert_ne!(embedder.model_id(), load().model_id());
}

#[tokio::test]
async fn its_id_names_the_file_and_what_is_in_it_and_outlives_a_restart() {
    let id = load().model_id();
    assert!(id.starts_with("all-MiniLM-L6-v2.F16@"), "{id}");
    assert_eq!(id, load().model_id());
}

#[tokio::test]
async fn queries_overtake_passages() {
    let embedder = load();
    let mut background = embedder.embed(passages(60), Passage, Background);
    for _ in 0..3 {
        tokio::select! {
            biased;
            _ = &mut background => panic!("60 passages take seconds, and were before the question"),
            vector = one(&embedder, QUESTION) => assert_eq!(vector.len(), 384),
        }
    }
}

#[tokio::test]
async fn passages_wait_while_a_chat_is_answered_and_queries_do_not() {
    let (chats, running) = watch::channel(1);
    let embedder = load_with(|config| {
        config.yields_to = Some(running);
        config.patience = Duration::from_secs(3600);
    });
    let mut background = embedder.embed(passages(1), Passage, Background);
    tokio::select! {
        biased;
        _ = &mut background => panic!("the passage did not wait"),
        vector = one(&embedder, QUESTION) => assert_eq!(vector.len(), 384),
    }
    chats.send_replace(0);
    assert_eq!(soon(background).await.unwrap().len(), 1);
}

#[tokio::test]
async fn where_there_is_always_a_chat_passages_still_get_on() {
    let (_chats, running) = watch::channel(1);
    let embedder = load_with(|config| {
        config.yields_to = Some(running);
        config.patience = Duration::from_millis(1);
    });
    let vectors = soon(embedder.embed(passages(3), Passage, Background)).await;
    assert_eq!(vectors.unwrap().len(), 3);
}

#[tokio::test]
async fn who_does_not_wait_any_more_holds_up_nobody() {
    let (chats, running) = watch::channel(1);
    let embedder = load_with(|config| {
        config.yields_to = Some(running);
        config.patience = Duration::from_secs(3600);
    });
    // Minutes of work, then cancelled.
    let mut endless = embedder.embed(passages(2_000), Passage, Background);
    tokio::select! {
        biased;
        _ = &mut endless => panic!("so soon?"),
        _ = one(&embedder, QUESTION) => {}
    }
    drop(endless);
    chats.send_replace(0);
    let vectors = soon(embedder.embed(passages(1), Passage, Background)).await;
    assert_eq!(vectors.unwrap().len(), 1);
}

#[tokio::test]
async fn one_person_too_many_is_told_that_it_is_busy() {
    let embedder = load_with(|config| config.queue = 2);
    // While it loads nothing is taken out of the queue.
    let asked = futures::future::join_all((0..200).map(|_| one_more(&embedder)));
    let told = soon(asked).await;
    assert!(told.contains(&Err(ModelError::Busy { retry_after: None }.into())));
    assert!(told.iter().any(Result::is_ok), "the first were served");
}

async fn one_more(embedder: &LocalEmbedder) -> Result<Vec<Vec<f32>>, EmbedError> {
    embedder
        .embed(vec![QUESTION.to_owned()], Query, Interactive)
        .await
}

#[tokio::test]
async fn no_texts_are_no_work() {
    let told = soon(load().embed(Vec::new(), Passage, Background)).await;
    assert_eq!(told, Ok(Vec::new()));
}

#[tokio::test]
async fn a_file_that_is_no_model_fails_with_its_reason() {
    let not_a_model = std::env::current_exe().unwrap();
    for path in [PathBuf::from("/no/such.gguf"), not_a_model] {
        let embedder = LocalEmbedder::load(LocalEmbedderConfig::new(path));
        let told = soon(one_more(&embedder)).await;
        let Err(EmbedError::Model(ModelError::Unavailable(why))) = told else {
            panic!("{told:?}")
        };
        assert_eq!(embedder.status(), ModelStatus::Failed(why));
        // Counting goes on without it: documents are still cut and found by their words.
        assert!(embedder.count_tokens(KETTLE) > 2);
    }
}

#[tokio::test]
async fn a_model_that_chats_is_no_embedding_model() {
    let embedder = LocalEmbedder::load(LocalEmbedderConfig::new(crate::local::model_file()));
    let told = soon(one_more(&embedder)).await;
    let Err(EmbedError::Model(ModelError::Unavailable(why))) = told else {
        panic!("{told:?}")
    };
    assert!(why.contains("no embedding model"), "{why}");
}
