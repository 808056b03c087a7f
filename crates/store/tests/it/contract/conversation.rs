//! Conversations: lists, titles, the active leaf, deletion.

use super::{
    Database, all_at_once,
    given::{
        a_batch, a_conversation, a_prompt, append, at, chatbot_id, conversation_id, message_id, running_in,
        stored, stored_conversation, user_id,
    },
};
use store::{
    Store, StoreError,
    conversation::{ConversationCounts, ConversationCursor, ConversationRecord},
    generation::LogText,
};

/// A conversation in which something was said at this second.
async fn spoken(store: &dyn Store, mut conversation: ConversationRecord, seconds: u64) -> ConversationRecord {
    store.create_conversation(conversation.clone()).await.unwrap();
    let prompt = stored(store, a_prompt(conversation.id, None, "Hello")).await;
    assert!(
        store
            .move_active_leaf(conversation.id, None, prompt.id, at(seconds))
            .await
            .unwrap()
    );
    (conversation.active_leaf, conversation.updated_at) = (Some(prompt.id), at(seconds));
    conversation
}

pub(crate) async fn a_conversation_comes_back_as_it_went_in(db: &dyn Database) {
    let store = db.open().await;
    let conversation = ConversationRecord {
        title: Some("Engines".into()),
        pinned: true,
        updated_at: at(5),
        ..a_conversation(user_id(), chatbot_id())
    };
    store.create_conversation(conversation.clone()).await.unwrap();
    assert_eq!(
        store.conversation(conversation.id).await.unwrap(),
        Some(conversation.clone())
    );
    let again = store.create_conversation(conversation).await;
    assert!(
        matches!(again, Err(StoreError::Conflict("conversation"))),
        "{again:?}"
    );
    assert_eq!(store.conversation(conversation_id()).await.unwrap(), None);
}

pub(crate) async fn the_latest_is_found_even_when_it_is_empty(db: &dyn Database) {
    let store = db.open().await;
    let (user, bot) = (user_id(), chatbot_id());
    assert_eq!(store.latest_conversation(user, bot).await.unwrap(), None);
    let spoken = spoken(&*store, a_conversation(user, bot), 50).await;
    store
        .create_conversation(a_conversation(user, chatbot_id()))
        .await
        .unwrap();
    assert_eq!(store.latest_conversation(user, bot).await.unwrap(), Some(spoken));
    let empty = ConversationRecord {
        updated_at: at(60),
        ..a_conversation(user, bot)
    };
    store.create_conversation(empty.clone()).await.unwrap();
    assert_eq!(store.latest_conversation(user, bot).await.unwrap(), Some(empty));
    let same_time = ConversationRecord {
        updated_at: at(60),
        ..a_conversation(user, bot)
    };
    store.create_conversation(same_time.clone()).await.unwrap();
    assert_eq!(
        store.latest_conversation(user, bot).await.unwrap(),
        Some(same_time),
        "its id is later"
    );
}

pub(crate) async fn an_empty_one_is_found_until_something_is_said(db: &dyn Database) {
    let store = db.open().await;
    let (user, bot) = (user_id(), chatbot_id());
    spoken(&*store, a_conversation(user, bot), 50).await;
    store
        .create_conversation(a_conversation(user, chatbot_id()))
        .await
        .unwrap();
    store
        .create_conversation(a_conversation(user_id(), bot))
        .await
        .unwrap();
    assert_eq!(store.empty_conversation(user, bot).await.unwrap(), None);
    let empty = a_conversation(user, bot);
    store.create_conversation(empty.clone()).await.unwrap();
    assert_eq!(
        store.empty_conversation(user, bot).await.unwrap(),
        Some(empty.clone())
    );
    let prompt = stored(&*store, a_prompt(empty.id, None, "Hello")).await;
    store
        .move_active_leaf(empty.id, None, prompt.id, at(60))
        .await
        .unwrap();
    assert_eq!(store.empty_conversation(user, bot).await.unwrap(), None);
}

pub(crate) async fn only_conversations_with_messages_are_listed_latest_first(db: &dyn Database) {
    let store = db.open().await;
    let (user, bot) = (user_id(), chatbot_id());
    let second = spoken(&*store, a_conversation(user, bot), 20).await;
    let third = spoken(&*store, a_conversation(user, bot), 30).await;
    let first = spoken(&*store, a_conversation(user, bot), 10).await;
    store
        .create_conversation(a_conversation(user, bot))
        .await
        .unwrap();
    assert_eq!(
        store.conversations(user, None, None, 10).await.unwrap(),
        [third, second, first]
    );
}

pub(crate) async fn pages_go_on_where_the_last_one_ended_even_among_equal_times(db: &dyn Database) {
    let store = db.open().await;
    let (user, bot) = (user_id(), chatbot_id());
    let mut expected = Vec::new();
    for second in [10, 20, 20, 20, 20, 30, 40] {
        expected.push(spoken(&*store, a_conversation(user, bot), second).await);
    }
    expected.sort_by_key(|conversation| std::cmp::Reverse((conversation.updated_at, conversation.id)));
    for chatbot in [None, Some(bot)] {
        let (mut listed, mut after) = (Vec::new(), None);
        loop {
            let page = store.conversations(user, chatbot, after, 3).await.unwrap();
            assert!(page.len() <= 3);
            let Some(last) = page.last() else { break };
            after = Some(ConversationCursor {
                updated_at: last.updated_at,
                id: last.id,
            });
            listed.extend(page);
        }
        assert_eq!(listed, expected);
    }
}

pub(crate) async fn a_list_of_one_chatbot_leaves_the_others_out(db: &dyn Database) {
    let store = db.open().await;
    let (user, ada, grace) = (user_id(), chatbot_id(), chatbot_id());
    let with_ada = spoken(&*store, a_conversation(user, ada), 10).await;
    let with_grace = spoken(&*store, a_conversation(user, grace), 20).await;
    assert_eq!(
        store.conversations(user, Some(ada), None, 10).await.unwrap(),
        [with_ada]
    );
    assert_eq!(
        store.conversations(user, Some(grace), None, 10).await.unwrap(),
        [with_grace]
    );
    assert!(
        store
            .conversations(user, Some(chatbot_id()), None, 10)
            .await
            .unwrap()
            .is_empty()
    );
}

pub(crate) async fn nobody_sees_the_conversations_of_others(db: &dyn Database) {
    let store = db.open().await;
    let (ada, bob, bot) = (user_id(), user_id(), chatbot_id());
    spoken(&*store, a_conversation(ada, bot), 10).await;
    for chatbot in [None, Some(bot)] {
        assert!(
            store
                .conversations(bob, chatbot, None, 10)
                .await
                .unwrap()
                .is_empty()
        );
    }
    assert_eq!(store.latest_conversation(bob, bot).await.unwrap(), None);
}

pub(crate) async fn the_first_title_is_given_once_and_never_replaces_one(db: &dyn Database) {
    let store = db.open().await;
    let conversation = stored_conversation(&*store).await;
    assert!(store.set_first_title(conversation.id, "Engines").await.unwrap());
    assert!(!store.set_first_title(conversation.id, "Moths").await.unwrap());
    assert_eq!(
        store
            .conversation(conversation.id)
            .await
            .unwrap()
            .unwrap()
            .title
            .as_deref(),
        Some("Engines")
    );
    store.set_title(conversation.id, "Moths").await.unwrap();
    let stored = store.conversation(conversation.id).await.unwrap().unwrap();
    assert_eq!(
        stored,
        ConversationRecord {
            title: Some("Moths".into()),
            ..conversation
        }
    );
    assert!(!store.set_first_title(conversation_id(), "Nothing").await.unwrap());
    let nothing = store.set_title(conversation_id(), "Nothing").await;
    assert!(
        matches!(nothing, Err(StoreError::NotFound("conversation"))),
        "{nothing:?}"
    );
}

pub(crate) async fn a_title_is_replaced_where_it_is_the_one_that_was_seen(db: &dyn Database) {
    let store = db.open().await;
    let conversation = stored_conversation(&*store).await;
    let title = async || store.conversation(conversation.id).await.unwrap().unwrap().title;
    let replaced = async |from: &str, to: &str| store.replace_title(conversation.id, from, to).await.unwrap();
    assert!(!replaced("", "Engines").await, "there is none");
    assert_eq!(title().await, None);
    store.set_title(conversation.id, "What is an eng…").await.unwrap();
    assert!(replaced("What is an eng…", "Engines").await);
    assert_eq!(title().await.as_deref(), Some("Engines"));
    // Its user was quicker.
    store.set_title(conversation.id, "My engines").await.unwrap();
    assert!(!replaced("Engines", "Machines").await);
    assert!(!replaced("my engines", "Machines").await);
    assert_eq!(title().await.as_deref(), Some("My engines"));
    let unchanged = ConversationRecord {
        title: Some("My engines".into()),
        ..conversation.clone()
    };
    assert_eq!(
        store.conversation(conversation.id).await.unwrap(),
        Some(unchanged)
    );
    assert!(
        !store
            .replace_title(conversation_id(), "Engines", "Machines")
            .await
            .unwrap()
    );
}

pub(crate) async fn the_active_leaf_moves_only_from_where_it_was(db: &dyn Database) {
    let store = db.open().await;
    let conversation = stored_conversation(&*store).await.id;
    let first = stored(&*store, a_prompt(conversation, None, "One")).await.id;
    let second = stored(&*store, a_prompt(conversation, Some(first), "Two"))
        .await
        .id;
    assert!(
        !store
            .move_active_leaf(conversation, Some(first), second, at(10))
            .await
            .unwrap(),
        "it is empty"
    );
    assert!(
        store
            .move_active_leaf(conversation, None, first, at(11))
            .await
            .unwrap()
    );
    assert!(
        !store
            .move_active_leaf(conversation, None, second, at(12))
            .await
            .unwrap(),
        "it is not empty any more"
    );
    assert!(
        store
            .move_active_leaf(conversation, None, first, at(13))
            .await
            .unwrap(),
        "a repetition finds it done"
    );
    let stored = store.conversation(conversation).await.unwrap().unwrap();
    assert_eq!((stored.active_leaf, stored.updated_at), (Some(first), at(11)));
    assert!(
        store
            .move_active_leaf(conversation, Some(first), second, at(14))
            .await
            .unwrap()
    );
    let stored = store.conversation(conversation).await.unwrap().unwrap();
    assert_eq!((stored.active_leaf, stored.updated_at), (Some(second), at(14)));
    assert!(
        !store
            .move_active_leaf(conversation_id(), None, message_id(), at(15))
            .await
            .unwrap()
    );
}

pub(crate) async fn of_many_who_move_the_leaf_at_once_one_succeeds(db: &dyn Database) {
    let store = db.open().await;
    let conversation = stored_conversation(&*store).await.id;
    let mut leaves = Vec::new();
    for _ in 0..10 {
        leaves.push(stored(&*store, a_prompt(conversation, None, "Me first")).await.id);
    }
    let moved = all_at_once(10, |n| {
        let (store, leaf) = (store.clone(), leaves[n]);
        async move {
            store
                .move_active_leaf(conversation, None, leaf, at(10))
                .await
                .unwrap()
                .then_some(leaf)
        }
    })
    .await;
    let winners: Vec<_> = moved.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(
        store
            .conversation(conversation)
            .await
            .unwrap()
            .unwrap()
            .active_leaf,
        Some(winners[0])
    );
}

pub(crate) async fn deletion_takes_everything_and_can_be_repeated(db: &dyn Database) {
    let store = db.open().await;
    let (user, bot) = (user_id(), chatbot_id());
    let kept = spoken(&*store, a_conversation(user, bot), 10).await;
    let doomed = spoken(&*store, a_conversation(user, bot), 20).await;
    let generation = running_in(&*store, &doomed, 21).await;
    append(&*store, a_batch(generation.id, 1, &["An ", "engine"]))
        .await
        .unwrap();

    assert!(store.delete_conversation(doomed.id, at(30)).await.unwrap());
    assert!(!store.delete_conversation(doomed.id, at(31)).await.unwrap());

    assert_eq!(store.conversation(doomed.id).await.unwrap(), None);
    assert_eq!(
        store.latest_conversation(user, bot).await.unwrap(),
        Some(kept.clone())
    );
    assert_eq!(store.message(generation.message_id).await.unwrap(), None);
    assert_eq!(store.message(doomed.active_leaf.unwrap()).await.unwrap(), None);
    assert_eq!(store.running_generation(doomed.id).await.unwrap(), None);
    assert_eq!(store.log_text(generation.id).await.unwrap(), LogText::default());
    assert_eq!(
        store
            .renew_leases("node-a", &[generation.id], at(60))
            .await
            .unwrap(),
        [generation.id]
    );
    let late = append(&*store, a_batch(generation.id, 3, &[" is"])).await;
    assert!(
        matches!(late, Err(StoreError::NotFound("generation"))),
        "{late:?}"
    );
    let late = store
        .append_message(a_prompt(doomed.id, None, "Still there?"))
        .await;
    assert!(
        matches!(late, Err(StoreError::NotFound("conversation"))),
        "{late:?}"
    );
    assert_eq!(
        store.conversations(user, None, None, 10).await.unwrap(),
        std::slice::from_ref(&kept)
    );
    assert!(store.message(kept.active_leaf.unwrap()).await.unwrap().is_some());
}

pub(crate) async fn several_are_found_at_once(db: &dyn Database) {
    let store = db.open().await;
    let (one, other) = (
        a_conversation(user_id(), chatbot_id()),
        a_conversation(user_id(), chatbot_id()),
    );
    for conversation in [&one, &other] {
        store.create_conversation(conversation.clone()).await.unwrap();
    }
    let asked = [other.id, conversation_id(), one.id];
    let mut found = store.conversations_by_id(&asked).await.unwrap();
    found.sort_by_key(|conversation| conversation.id);
    assert_eq!(found, [one, other]);
    assert_eq!(store.conversations_by_id(&[]).await.unwrap(), []);
}

pub(crate) async fn what_is_pinned_is_found_apart_and_stays_in_its_place(db: &dyn Database) {
    let store = db.open().await;
    let (user, bot) = (user_id(), chatbot_id());
    let mut first = spoken(&*store, a_conversation(user, bot), 10).await;
    let second = spoken(&*store, a_conversation(user, bot), 20).await;
    let mut third = spoken(&*store, a_conversation(user, bot), 30).await;
    let empty = a_conversation(user, bot);
    store.create_conversation(empty.clone()).await.unwrap();
    let elsewhere = spoken(&*store, a_conversation(user_id(), bot), 40).await;
    let pinned = async |limit| store.pinned_conversations(user, limit).await.unwrap();
    assert_eq!(pinned(10).await, []);
    for id in [first.id, third.id, empty.id, elsewhere.id] {
        store.set_pinned(id, true).await.unwrap();
        store.set_pinned(id, true).await.unwrap();
    }
    (first.pinned, third.pinned) = (true, true);
    assert_eq!(pinned(10).await, [third.clone(), first.clone()]);
    assert_eq!(pinned(1).await, [third.clone()]);
    assert_eq!(
        store.conversations(user, None, None, 10).await.unwrap(),
        [third.clone(), second, first.clone()],
        "in the list by time they are as before"
    );
    store.set_pinned(third.id, false).await.unwrap();
    assert_eq!(pinned(10).await, [first]);
    let nothing = store.set_pinned(conversation_id(), true).await;
    assert!(
        matches!(nothing, Err(StoreError::NotFound("conversation"))),
        "{nothing:?}"
    );
}

pub(crate) async fn all_of_a_users_are_found_in_an_order_that_nothing_changes(db: &dyn Database) {
    let store = db.open().await;
    let user = user_id();
    let empty = a_conversation(user, chatbot_id());
    store.create_conversation(empty.clone()).await.unwrap();
    let old = spoken(&*store, a_conversation(user, chatbot_id()), 10).await;
    spoken(&*store, a_conversation(user_id(), chatbot_id()), 20).await;
    let new = spoken(&*store, a_conversation(user, chatbot_id()), 30).await;

    assert_eq!(
        store.all_conversations(user, None, 2).await.unwrap(),
        [empty.clone(), old.clone()]
    );
    // Something is said in the oldest one meanwhile: the rest is still the rest.
    let said = stored(&*store, a_prompt(empty.id, None, "Hello")).await;
    let moved = store.move_active_leaf(empty.id, None, said.id, at(40)).await;
    assert!(moved.unwrap());
    let rest = store.all_conversations(user, Some(old.id), 2).await.unwrap();
    assert_eq!(rest, std::slice::from_ref(&new));
    assert_eq!(store.all_conversations(user, Some(new.id), 2).await.unwrap(), []);
}

pub(crate) async fn what_somebody_has_is_counted_and_nothing_of_others(db: &dyn Database) {
    let store = db.open().await;
    let (user, other, bot) = (user_id(), user_id(), chatbot_id());
    assert_eq!(
        store.conversation_counts(user).await.unwrap(),
        ConversationCounts::default()
    );
    let first = spoken(&*store, a_conversation(user, bot), 50).await;
    // Two branches behind one prompt: both are there.
    for text in ["One way", "Or the other"] {
        stored(&*store, a_prompt(first.id, first.active_leaf, text)).await;
    }
    spoken(&*store, a_conversation(user, chatbot_id()), 60).await;
    spoken(&*store, a_conversation(other, bot), 70).await;
    let empty = a_conversation(user, bot);
    store.create_conversation(empty).await.unwrap();
    let counts = |conversations, messages| ConversationCounts {
        conversations,
        messages,
    };
    assert_eq!(store.conversation_counts(user).await.unwrap(), counts(2, 4));
    assert_eq!(store.conversation_counts(other).await.unwrap(), counts(1, 1));
    assert!(store.delete_conversation(first.id, at(80)).await.unwrap());
    assert_eq!(store.conversation_counts(user).await.unwrap(), counts(1, 1));
}
