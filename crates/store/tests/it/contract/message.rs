//! Messages: positions, repetition, branches, settling.

use super::{
    Database, all_at_once,
    given::{
        a_conversation, a_prompt, a_session, an_answer_to, at, chatbot_id, client_message_id, generation_id,
        message_id, opened, stored, stored_conversation, user_id,
    },
};
use std::collections::BTreeSet;
use store::{
    Store, StoreError,
    message::{Appended, GivenFeedback, MessageRecord, NewMessage},
};
use wire::{
    ConversationId,
    feedback::{Feedback, Reason, Verdict},
    message::{MessageStatus, Outcome},
};

pub(crate) async fn positions_rise_and_are_given_by_the_store(db: &dyn Database) {
    let store = db.open().await;
    let conversation = stored_conversation(&*store).await.id;
    // The clock goes backwards: it does not matter.
    let first = stored(
        &*store,
        NewMessage {
            created_at: at(9),
            ..a_prompt(conversation, None, "One")
        },
    )
    .await;
    let second = stored(
        &*store,
        NewMessage {
            created_at: at(5),
            ..a_prompt(conversation, Some(first.id), "Two")
        },
    )
    .await;
    let other = stored(
        &*store,
        a_prompt(stored_conversation(&*store).await.id, None, "Elsewhere"),
    )
    .await;
    assert!(first.position < second.position);
    assert_eq!(other.position, first.position, "each conversation counts its own");
    assert_eq!(store.message(second.id).await.unwrap(), Some(second));
    assert_eq!(store.message(message_id()).await.unwrap(), None);
}

pub(crate) async fn a_hundred_writers_lose_nothing_and_repeat_nothing(db: &dyn Database) {
    let store = db.open().await;
    let conversation = stored_conversation(&*store).await.id;
    let written = all_at_once(100, |n| {
        let store = store.clone();
        async move {
            let mut messages: Vec<MessageRecord> = Vec::new();
            for step in 0..3 {
                let parent = messages.last().map(|last| last.id);
                let prompt = a_prompt(conversation, parent, &format!("writer {n}, message {step}"));
                messages.push(stored(&*store, prompt).await);
            }
            messages
        }
    })
    .await;
    let mut positions = BTreeSet::new();
    for messages in written {
        assert!(
            messages
                .windows(2)
                .all(|pair| pair[0].position < pair[1].position)
        );
        positions.extend(messages.iter().map(|message| message.position));
        let leaf = messages.last().unwrap().id;
        assert_eq!(store.branch(leaf, 10).await.unwrap(), (messages, false));
    }
    assert_eq!(positions.len(), 300);
}

pub(crate) async fn ten_repeats_of_one_prompt_are_one_message(db: &dyn Database) {
    let store = db.open().await;
    let conversation = stored_conversation(&*store).await.id;
    let client_id = client_message_id();
    let results = all_at_once(10, |_| {
        let store = store.clone();
        let prompt = NewMessage {
            client_message_id: Some(client_id),
            ..a_prompt(conversation, None, "Are you there?")
        };
        async move { store.append_message(prompt).await.unwrap() }
    })
    .await;
    let stored = store
        .message_by_client_id(conversation, client_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        results
            .iter()
            .filter(|result| **result == Appended::New(stored.clone()))
            .count(),
        1
    );
    assert_eq!(
        results
            .iter()
            .filter(|result| **result == Appended::Existing(stored.clone()))
            .count(),
        9
    );
}

pub(crate) async fn the_same_client_id_in_two_conversations_is_two_messages(db: &dyn Database) {
    let store = db.open().await;
    let client_id = client_message_id();
    let mut ids = BTreeSet::new();
    for _ in 0..2 {
        let conversation = stored_conversation(&*store).await.id;
        assert_eq!(
            store.message_by_client_id(conversation, client_id).await.unwrap(),
            None
        );
        let prompt = NewMessage {
            client_message_id: Some(client_id),
            ..a_prompt(conversation, None, "Hello")
        };
        let message = stored(&*store, prompt).await;
        assert_eq!(
            store.message_by_client_id(conversation, client_id).await.unwrap(),
            Some(message.clone())
        );
        ids.insert(message.id);
    }
    assert_eq!(ids.len(), 2);
}

pub(crate) async fn a_message_repeated_by_its_id_is_the_first_one(db: &dyn Database) {
    let store = db.open().await;
    let conversation = stored_conversation(&*store).await.id;
    let prompt = stored(&*store, a_prompt(conversation, None, "Hello")).await;
    let answer = an_answer_to(&prompt);
    let first = stored(&*store, answer.clone()).await;
    let again = store
        .append_message(NewMessage {
            text: "another".into(),
            ..answer
        })
        .await
        .unwrap();
    assert_eq!(again, Appended::Existing(first.clone()));
    assert_eq!(store.message(first.id).await.unwrap(), Some(first));
}

pub(crate) async fn there_is_no_message_without_its_conversation_and_its_parent(db: &dyn Database) {
    let store = db.open().await;
    let nowhere = store
        .append_message(a_prompt(super::given::conversation_id(), None, "Hello?"))
        .await;
    assert!(
        matches!(nowhere, Err(StoreError::NotFound("conversation"))),
        "{nowhere:?}"
    );
    let here = stored_conversation(&*store).await.id;
    let there = stored_conversation(&*store).await.id;
    let foreign = stored(&*store, a_prompt(there, None, "Hello")).await.id;
    for parent in [message_id(), foreign] {
        let orphan = store.append_message(a_prompt(here, Some(parent), "Hello?")).await;
        assert!(
            matches!(orphan, Err(StoreError::NotFound("parent"))),
            "{orphan:?}"
        );
    }
}

/// A chain of messages below `parent`.
async fn chain(
    store: &dyn Store,
    conversation: ConversationId,
    parent: Option<&MessageRecord>,
    texts: &[&str],
) -> Vec<MessageRecord> {
    let mut messages: Vec<MessageRecord> = Vec::new();
    for text in texts {
        let parent = messages.last().or(parent).map(|parent| parent.id);
        messages.push(stored(store, a_prompt(conversation, parent, text)).await);
    }
    messages
}

pub(crate) async fn branches_grow_from_a_common_trunk(db: &dyn Database) {
    let store = db.open().await;
    let conversation = stored_conversation(&*store).await.id;
    let trunk = chain(&*store, conversation, None, &["one", "two"]).await;
    let left = chain(&*store, conversation, trunk.last(), &["left", "further left"]).await;
    let right = chain(&*store, conversation, trunk.last(), &["right"]).await;
    let roots = chain(&*store, conversation, None, &["another beginning"]).await;
    assert_eq!(
        store.branch(left[1].id, 10).await.unwrap(),
        ([trunk.clone(), left].concat(), false)
    );
    assert_eq!(
        store.branch(right[0].id, 10).await.unwrap(),
        ([trunk.clone(), right].concat(), false)
    );
    assert_eq!(
        store.branch(trunk[0].id, 10).await.unwrap(),
        (vec![trunk[0].clone()], false)
    );
    assert_eq!(store.branch(roots[0].id, 10).await.unwrap(), (roots, false));
    assert_eq!(store.branch(message_id(), 10).await.unwrap(), (vec![], false));
}

pub(crate) async fn a_branch_says_whether_there_is_more(db: &dyn Database) {
    let store = db.open().await;
    let conversation = stored_conversation(&*store).await.id;
    let all = chain(&*store, conversation, None, &["1", "2", "3", "4", "5"]).await;
    let leaf = all[4].id;
    assert_eq!(store.branch(leaf, 2).await.unwrap(), (all[3..].to_vec(), true));
    assert_eq!(store.branch(leaf, 4).await.unwrap(), (all[1..].to_vec(), true));
    assert_eq!(store.branch(leaf, 5).await.unwrap(), (all.clone(), false));
    assert_eq!(store.branch(leaf, u32::MAX).await.unwrap(), (all.clone(), false));
    // The page before: from the parent of the oldest one shown.
    assert_eq!(
        store.branch(all[3].parent_id.unwrap(), 2).await.unwrap(),
        (all[1..3].to_vec(), true)
    );
}

pub(crate) async fn an_answer_is_settled_once(db: &dyn Database) {
    let store = db.open().await;
    let conversation = stored_conversation(&*store).await.id;
    let prompt = stored(&*store, a_prompt(conversation, None, "Hello")).await;
    for (outcome, status) in [
        (Outcome::Complete, MessageStatus::Complete),
        (Outcome::Stopped, MessageStatus::Stopped),
        (Outcome::Interrupted, MessageStatus::Interrupted),
        (Outcome::Failed, MessageStatus::Failed),
    ] {
        let answer = stored(&*store, an_answer_to(&prompt)).await;
        let writer = answer.generation_id.unwrap();
        assert!(
            store
                .settle_message(answer.id, writer, "Hello to you", outcome)
                .await
                .unwrap()
        );
        assert!(
            !store
                .settle_message(answer.id, writer, "Something else", Outcome::Failed)
                .await
                .unwrap()
        );
        let settled = MessageRecord {
            text: "Hello to you".into(),
            status,
            ..answer
        };
        assert_eq!(store.message(settled.id).await.unwrap(), Some(settled));
    }
    assert!(
        !store
            .settle_message(
                prompt.id,
                generation_id(),
                "Not what they said",
                Outcome::Complete
            )
            .await
            .unwrap()
    );
    assert!(
        !store
            .settle_message(message_id(), generation_id(), "Nobody", Outcome::Complete)
            .await
            .unwrap()
    );
    assert_eq!(store.message(prompt.id).await.unwrap(), Some(prompt));
}

pub(crate) async fn a_visible_message_is_shown(db: &dyn Database) {
    let store = db.open().await;
    let conversation = stored_conversation(&*store).await.id;
    let prompt = NewMessage {
        created_at: at(7),
        ..a_prompt(conversation, None, "Hello")
    };
    let (Appended::New(first), true) = store
        .append_visible_message(prompt.clone(), None, None)
        .await
        .unwrap()
    else {
        panic!("an empty conversation shows its first message");
    };
    let shown = store.conversation(conversation).await.unwrap().unwrap();
    assert_eq!((shown.active_leaf, shown.updated_at), (Some(first.id), at(7)));
    let again = store
        .append_visible_message(prompt.clone(), None, None)
        .await
        .unwrap();
    assert_eq!(
        again,
        (Appended::Existing(first.clone()), true),
        "nothing has followed it yet"
    );

    let (_, shown) = store
        .append_visible_message(an_answer_to(&first), Some(first.id), None)
        .await
        .unwrap();
    assert!(shown);
    let again = store.append_visible_message(prompt, None, None).await.unwrap();
    assert_eq!(
        again,
        (Appended::Existing(first), false),
        "something has followed it"
    );
}

pub(crate) async fn a_visible_message_goes_on_where_a_crash_broke_it_off(db: &dyn Database) {
    let store = db.open().await;
    let conversation = stored_conversation(&*store).await.id;
    let prompt = a_prompt(conversation, None, "Hello");
    let stored = stored(&*store, prompt.clone()).await;
    assert_eq!(
        store
            .conversation(conversation)
            .await
            .unwrap()
            .unwrap()
            .active_leaf,
        None
    );
    // The client sends it again after the crash; the server has made another id for it.
    let again = NewMessage {
        id: message_id(),
        ..prompt
    };
    let (appended, shown) = store.append_visible_message(again, None, None).await.unwrap();
    assert_eq!((appended, shown), (Appended::Existing(stored.clone()), true));
    assert_eq!(
        store
            .conversation(conversation)
            .await
            .unwrap()
            .unwrap()
            .active_leaf,
        Some(stored.id)
    );
}

pub(crate) async fn of_many_visible_messages_at_once_all_are_kept_and_one_is_shown(db: &dyn Database) {
    let store = db.open().await;
    let conversation = stored_conversation(&*store).await.id;
    let results = all_at_once(20, |n| {
        let store = store.clone();
        async move {
            store
                .append_visible_message(a_prompt(conversation, None, &format!("tab {n}")), None, None)
                .await
                .unwrap()
        }
    })
    .await;
    let mut shown = Vec::new();
    for (appended, is_shown) in results {
        let Appended::New(message) = appended else {
            panic!("{appended:?}")
        };
        assert_eq!(store.message(message.id).await.unwrap(), Some(message.clone()));
        shown.extend(is_shown.then_some(message.id));
    }
    assert_eq!(shown.len(), 1);
    assert_eq!(
        store
            .conversation(conversation)
            .await
            .unwrap()
            .unwrap()
            .active_leaf,
        Some(shown[0])
    );
}

pub(crate) async fn a_prompt_of_a_replaced_session_is_never_shown(db: &dyn Database) {
    let store = db.open().await;
    let left = stored_conversation(&*store).await;
    let other = stored_conversation(&*store).await.id;
    let old = opened(&*store, a_session(left.user_id, left.id, 10)).await;
    let (first, shown) = store
        .append_visible_message(a_prompt(left.id, None, "In time"), None, Some(old.fence))
        .await
        .unwrap();
    assert!(shown);
    let (Appended::New(first) | Appended::Existing(first)) = first;
    let new = opened(&*store, a_session(left.user_id, other, 20)).await;

    // A node that slept meanwhile goes on where it was.
    let late = a_prompt(left.id, Some(first.id), "Too late");
    let (appended, shown) = store
        .append_visible_message(late.clone(), late.parent_id, Some(old.fence))
        .await
        .unwrap();
    assert!(!shown, "{appended:?}");
    let leaf = async |id| store.conversation(id).await.unwrap().unwrap().active_leaf;
    assert_eq!(leaf(left.id).await, Some(first.id));
    let late = a_prompt(other, None, "Too late here too");
    let (_, shown) = store
        .append_visible_message(late, None, Some(old.fence))
        .await
        .unwrap();
    assert!(!shown);
    assert_eq!(leaf(other).await, None);

    let (_, shown) = store
        .append_visible_message(a_prompt(other, None, "Hello"), None, Some(new.fence))
        .await
        .unwrap();
    assert!(shown);
}

pub(crate) async fn a_prompt_of_a_closed_session_is_never_shown(db: &dyn Database) {
    let store = db.open().await;
    let conversation = stored_conversation(&*store).await;
    let session = opened(&*store, a_session(conversation.user_id, conversation.id, 10)).await;
    assert!(store.close_session(session.id).await.unwrap());
    let late = a_prompt(conversation.id, None, "Too late");
    let (_, shown) = store
        .append_visible_message(late, None, Some(session.fence))
        .await
        .unwrap();
    assert!(!shown);
}

pub(crate) async fn a_message_that_was_never_shown_is_withdrawn(db: &dyn Database) {
    let store = db.open().await;
    let conversation = stored_conversation(&*store).await.id;
    let (first, _) = store
        .append_visible_message(a_prompt(conversation, None, "First"), None, None)
        .await
        .unwrap();
    let (Appended::New(first) | Appended::Existing(first)) = first;
    let second = NewMessage {
        client_message_id: Some(client_message_id()),
        ..a_prompt(conversation, None, "Second, at the same time")
    };
    let (Appended::New(lost), false) = store
        .append_visible_message(second.clone(), None, None)
        .await
        .unwrap()
    else {
        panic!("the first one was quicker");
    };
    assert!(
        !store.withdraw_message(first.id).await.unwrap(),
        "the active leaf was seen"
    );
    assert!(store.withdraw_message(lost.id).await.unwrap());
    assert!(!store.withdraw_message(lost.id).await.unwrap());
    assert_eq!(store.message(lost.id).await.unwrap(), None);
    // Its client id is free again: it is sent once more, behind the first.
    let again = NewMessage {
        parent_id: Some(first.id),
        ..second
    };
    let (Appended::New(again), true) = store
        .append_visible_message(again, Some(first.id), None)
        .await
        .unwrap()
    else {
        panic!("nothing stands in its way");
    };
    assert!(
        !store.withdraw_message(first.id).await.unwrap(),
        "something follows it"
    );
    assert!(again.position > first.position);
}

fn thumb(verdict: Verdict, reason: Option<Reason>, comment: &str, seconds: u64) -> GivenFeedback {
    GivenFeedback {
        feedback: Feedback {
            verdict,
            reason,
            comment: comment.into(),
        },
        at: at(seconds),
    }
}

pub(crate) async fn what_a_reader_thinks_of_an_answer_is_kept_changed_and_taken_back(db: &dyn Database) {
    let store = db.open().await;
    let conversation = stored_conversation(&*store).await;
    let prompt = stored(&*store, a_prompt(conversation.id, None, "What is an engine?")).await;
    let answer = stored(&*store, an_answer_to(&prompt)).await;
    assert_eq!(answer.feedback, None);
    for given in [
        thumb(Verdict::Up, None, "", 5),
        thumb(
            Verdict::Down,
            Some(Reason::OffTopic),
            "It was about \"boats\" 🛶",
            6,
        ),
        thumb(Verdict::Down, None, "", 7),
    ] {
        let noted = store.note_feedback(answer.id, Some(given.clone())).await.unwrap();
        assert!(noted);
        let read = store.message(answer.id).await.unwrap().unwrap();
        assert_eq!(read.feedback, Some(given));
        let (branch, _) = store.branch(answer.id, 10).await.unwrap();
        assert_eq!(branch.last(), Some(&read), "it comes with the history");
    }
    assert!(store.note_feedback(answer.id, None).await.unwrap());
    assert!(store.note_feedback(answer.id, None).await.unwrap(), "repeated");
    assert_eq!(store.message(answer.id).await.unwrap(), Some(answer));
    let up = || Some(thumb(Verdict::Up, None, "", 8));
    assert!(
        !store.note_feedback(prompt.id, up()).await.unwrap(),
        "not an answer"
    );
    assert!(!store.note_feedback(message_id(), up()).await.unwrap());
    assert_eq!(store.message(prompt.id).await.unwrap(), Some(prompt));
}

pub(crate) async fn what_readers_think_of_a_chatbot_is_told_latest_first(db: &dyn Database) {
    let store = db.open().await;
    let (bot, other) = (chatbot_id(), chatbot_id());
    let rated = async |chatbot, given: GivenFeedback| {
        let conversation = a_conversation(user_id(), chatbot);
        store.create_conversation(conversation.clone()).await.unwrap();
        let prompt = stored(&*store, a_prompt(conversation.id, None, "What is an engine?")).await;
        let answer = stored(&*store, an_answer_to(&prompt)).await;
        assert!(store.note_feedback(answer.id, Some(given)).await.unwrap());
        (conversation.id, answer.id)
    };
    let first = thumb(Verdict::Up, None, "", 5);
    let second = thumb(Verdict::Down, Some(Reason::Wrong), "No.", 6);
    let third = thumb(Verdict::Down, Some(Reason::Harmful), "", 7);
    rated(bot, first.clone()).await;
    let (_, changed) = rated(bot, third.clone()).await;
    let (deleted, _) = rated(bot, second.clone()).await;
    rated(other, thumb(Verdict::Up, None, "Not about this one", 9)).await;
    let told = async |limit| store.feedback_on(bot, limit).await.unwrap();
    assert_eq!(told(10).await, [third.clone(), second.clone(), first.clone()]);
    assert_eq!(told(2).await, [third, second]);
    store.delete_conversation(deleted, at(10)).await.unwrap();
    assert!(store.note_feedback(changed, None).await.unwrap());
    assert_eq!(
        told(10).await,
        [first],
        "what is gone, or was taken back, is not told"
    );
    assert_eq!(store.feedback_on(chatbot_id(), 10).await.unwrap(), []);
}

pub(crate) async fn the_messages_of_all_branches_are_found_in_order(db: &dyn Database) {
    let store = db.open().await;
    let conversation = stored_conversation(&*store).await.id;
    let trunk = chain(&*store, conversation, None, &["one", "two"]).await;
    let left = chain(&*store, conversation, trunk.last(), &["left"]).await;
    let right = chain(&*store, conversation, trunk.last(), &["right"]).await;
    let elsewhere = stored_conversation(&*store).await.id;
    chain(&*store, elsewhere, None, &["not this one"]).await;

    let mut found = Vec::new();
    loop {
        let after = found.last().map_or(0, |last: &MessageRecord| last.position);
        let page = store.all_messages(conversation, after, 3).await.unwrap();
        if page.is_empty() {
            break;
        }
        found.extend(page);
    }
    assert_eq!(found, [trunk, left, right].concat());
}
