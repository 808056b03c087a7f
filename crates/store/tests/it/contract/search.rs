//! Search in messages. What a word is, and which hit is better, is tested beside `store::search`.

use super::{
    Database,
    given::{
        a_conversation, a_prompt, an_answer_to, at, chatbot_id, generation_id, message_id, stored, user_id,
    },
};
use store::{
    Store,
    conversation::ConversationRecord,
    message::{MessageRecord, NewMessage},
};
use wire::{MessageId, UserId, message::Outcome};

/// A conversation of this user, in which this was said.
async fn said(store: &dyn Store, user: UserId, texts: &[&str]) -> (ConversationRecord, Vec<MessageRecord>) {
    let conversation = a_conversation(user, chatbot_id());
    store.create_conversation(conversation.clone()).await.unwrap();
    let mut messages = Vec::new();
    for text in texts {
        messages.push(stored(store, a_prompt(conversation.id, None, text)).await);
    }
    (conversation, messages)
}

async fn found(store: &dyn Store, user: UserId, query: &str) -> Vec<MessageId> {
    let hits = store.search_messages(user, query, None, 10).await.unwrap();
    hits.iter().map(|hit| hit.message_id).collect()
}

pub(crate) async fn what_was_said_is_found_by_its_words(db: &dyn Database) {
    let store = db.open().await;
    let user = user_id();
    let texts = [
        "The steam engine of James Watt",
        "A diesel engine",
        "東京都に住む",
        "Nothing of it",
    ];
    let (conversation, said) = said(&*store, user, &texts).await;
    assert_eq!(found(&*store, user, "steam ").await, [said[0].id]);
    assert_eq!(
        found(&*store, user, "STEAM Engine").await,
        [said[0].id, said[1].id]
    );
    assert_eq!(found(&*store, user, "東京").await, [said[2].id]);
    assert_eq!(found(&*store, user, "locomotive").await, []);
    for nothing in ["", "  ", "?!"] {
        assert_eq!(found(&*store, user, nothing).await, [], "{nothing:?}");
    }
    let hits = store.search_messages(user, "watt", None, 10).await.unwrap();
    let [hit] = &hits[..] else { panic!("{hits:?}") };
    assert_eq!((hit.conversation_id, hit.role), (conversation.id, said[0].role));
    assert_eq!(hit.created_at, said[0].created_at);
    let marked: Vec<_> = hit
        .snippet
        .matches
        .iter()
        .map(|m| &hit.snippet.text[m.clone()])
        .collect();
    assert_eq!((hit.snippet.text.as_str(), marked), (texts[0], vec!["Watt"]));
}

pub(crate) async fn the_last_word_may_be_a_beginning(db: &dyn Database) {
    let store = db.open().await;
    let user = user_id();
    let (_, said) = said(&*store, user, &["A kettle boils", "Kettles boil", "A ketchup"]).await;
    let mut all = found(&*store, user, "ket").await;
    all.sort();
    let mut expected: Vec<_> = said.iter().map(|message| message.id).collect();
    expected.sort();
    assert_eq!(all, expected);
    assert_eq!(
        found(&*store, user, "kettle ").await,
        [said[0].id],
        "it is finished"
    );
    assert_eq!(found(&*store, user, "boils kettl").await[0], said[0].id);
}

pub(crate) async fn nobody_finds_what_others_said(db: &dyn Database) {
    let store = db.open().await;
    let (ada, bob) = (user_id(), user_id());
    let (_, of_ada) = said(&*store, ada, &["My secret engine"]).await;
    said(&*store, bob, &["Another engine"]).await;
    assert_eq!(found(&*store, ada, "engine").await, [of_ada[0].id]);
    assert_eq!(found(&*store, user_id(), "engine").await, []);
}

pub(crate) async fn one_chatbots_conversations_are_searched_alone(db: &dyn Database) {
    let store = db.open().await;
    let user = user_id();
    let (with_one, of_one) = said(&*store, user, &["An engine", "Another engine"]).await;
    said(&*store, user, &["An engine elsewhere"]).await;
    let hits = store
        .search_messages(user, "engine", Some(with_one.chatbot_id), 10)
        .await
        .unwrap();
    assert_eq!(hits.len(), of_one.len());
    assert!(hits.iter().all(|hit| hit.conversation_id == with_one.id));
    assert_eq!(
        store
            .search_messages(user, "engine", None, 2)
            .await
            .unwrap()
            .len(),
        2
    );
    let nobody = store
        .search_messages(user, "engine", Some(chatbot_id()), 10)
        .await;
    assert!(nobody.unwrap().is_empty());
}

pub(crate) async fn an_answer_is_found_once_it_is_settled(db: &dyn Database) {
    let store = db.open().await;
    let user = user_id();
    let (_, said) = said(&*store, user, &["What turns heat into work?"]).await;
    let answer = stored(&*store, an_answer_to(&said[0])).await;
    assert_eq!(found(&*store, user, "locomotive").await, []);
    let writer = answer.generation_id.unwrap();
    store
        .settle_message(answer.id, writer, "A locomotive does.", Outcome::Complete)
        .await
        .unwrap();
    assert_eq!(found(&*store, user, "locomotive").await, [answer.id]);
}

pub(crate) async fn an_answer_that_went_on_is_found_by_its_whole_text(db: &dyn Database) {
    let store = db.open().await;
    let user = user_id();
    let (conversation, said) = said(&*store, user, &["What turns heat into work?"]).await;
    let answer = stored(&*store, an_answer_to(&said[0])).await;
    let (first, second) = (answer.generation_id.unwrap(), generation_id());
    let settled = store.settle_message(answer.id, first, "Kettles aside, a locomo", Outcome::Stopped);
    assert!(settled.await.unwrap());
    // Behind a blank the last word is whole.
    assert_eq!(found(&*store, user, "locomo ").await, [answer.id]);
    let reopened = store.reopen_message(answer.id, second, Some(first));
    assert!(reopened.await.unwrap());
    assert_eq!(
        found(&*store, user, "kettles ").await,
        [answer.id],
        "it goes on, and what it said stays"
    );
    let settled = store.settle_message(answer.id, second, "tive does.", Outcome::Complete);
    assert!(settled.await.unwrap());
    for word in ["locomotive ", "kettles ", "does "] {
        assert_eq!(found(&*store, user, word).await, [answer.id], "{word}");
    }
    assert_eq!(found(&*store, user, "locomo ").await, [], "half a word is none");
    store.delete_conversation(conversation.id, at(30)).await.unwrap();
    assert_eq!(found(&*store, user, "locomotive").await, []);
}

pub(crate) async fn what_is_gone_is_not_found(db: &dyn Database) {
    let store = db.open().await;
    let user = user_id();
    let (doomed, _) = said(&*store, user, &["An engine that goes"]).await;
    let (kept, messages) = said(&*store, user, &["An engine that stays"]).await;
    let invisible = NewMessage {
        id: message_id(),
        ..a_prompt(kept.id, None, "An engine never shown")
    };
    let invisible = stored(&*store, invisible).await;
    assert_eq!(found(&*store, user, "engine").await.len(), 3);
    store.delete_conversation(doomed.id, at(30)).await.unwrap();
    assert!(store.withdraw_message(invisible.id).await.unwrap());
    assert_eq!(found(&*store, user, "engine").await, [messages[0].id]);
}
