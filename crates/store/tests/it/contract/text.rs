//! Text is kept byte for byte, whatever people write.

use super::{
    Database,
    given::{a_batch, a_prompt, append, generation_id, running, stored, stored_conversation},
};
use store::generation::LogText;
use wire::message::Outcome;

fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "\n",
        "line one\r\nline two\r\ttab\u{b}\u{c}",
        "NUL \0 in the middle, and at the end \0",
        "\0",
        "quotes ' \" ` and -- ; DROP TABLE message; % _ \\ ? ?1 :name $1 {\"$where\": 1}",
        "🦀 👩‍👩‍👧‍👦 🏳️‍🌈 four bytes and joined",
        "e\u{301} combines, é does not: neither is normalised",
        "שלום, مرحبا: right to left, with \u{202e}an override\u{202c}",
        "漢字 かな 한글 ไทย नमस्ते",
        "\u{feff}a mark first, \u{200b}no width, \u{ffff}\u{fffe} no character, \u{fffd} replaced",
        "\u{7f}\u{80}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{10000}\u{10ffff}",
        "trailing spaces   ",
    ]
    .map(str::to_owned)
    .into();
    texts.push("🦀".repeat(32_000));
    texts
}

pub(crate) async fn every_kind_of_text_comes_back_as_it_went_in(db: &dyn Database) {
    let store = db.open().await;
    let conversation = stored_conversation(&*store).await.id;
    for text in texts() {
        let message = stored(&*store, a_prompt(conversation, None, &text)).await;
        assert_eq!(message.text, text);
        assert_eq!(store.message(message.id).await.unwrap().unwrap().text, text);
        store.set_title(conversation, &text).await.unwrap();
        assert_eq!(
            store.conversation(conversation).await.unwrap().unwrap().title,
            Some(text)
        );
    }
}

pub(crate) async fn every_kind_of_text_passes_through_the_log(db: &dyn Database) {
    let store = db.open().await;
    let generation = running(&*store).await;
    let (mut whole, mut seq) = (String::new(), 0);
    for text in texts() {
        // One delta a character, as a model may give them.
        let deltas: Vec<String> = text.chars().map(String::from).collect();
        let deltas: Vec<&str> = deltas.iter().map(String::as_str).collect();
        let batch = a_batch(generation.id, seq + 1, &deltas);
        append(&*store, batch.clone()).await.unwrap();
        if !batch.lengths.is_empty() {
            assert_eq!(
                store.chunks_after(generation.id, seq, 10).await.unwrap(),
                std::slice::from_ref(&batch)
            );
        }
        seq = batch.next_seq() - 1;
        whole.push_str(&text);
    }
    assert_eq!(
        store.log_text(generation.id).await.unwrap(),
        LogText { text: whole, seq }
    );
}

pub(crate) async fn every_kind_of_text_goes_on_behind_every_other(db: &dyn Database) {
    let store = db.open().await;
    let generation = running(&*store).await;
    let (mut whole, mut writer) = (String::new(), generation.id);
    for text in texts() {
        let settled = store.settle_message(generation.message_id, writer, &text, Outcome::Stopped);
        assert!(settled.await.unwrap());
        whole.push_str(&text);
        let found = store.message(generation.message_id).await.unwrap().unwrap();
        assert_eq!(found.text, whole);
        let next = generation_id();
        let reopened = store.reopen_message(generation.message_id, next, Some(writer));
        assert!(reopened.await.unwrap());
        writer = next;
    }
}
