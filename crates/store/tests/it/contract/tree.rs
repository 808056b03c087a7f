//! The tree of messages: edited prompts and other answers beside each other, and answers that go on.

use super::{
    Database, all_at_once,
    given::{
        a_prompt, a_session, an_answer_to, at, conversation_id, generation_id, message_id, opened, stored,
        stored_conversation,
    },
};
use store::{
    Store,
    message::{Appended, MessageLink, MessageRecord, NewMessage},
};
use wire::{
    ConversationId, GenerationId, MessageId,
    message::{MessageStatus, Outcome},
};

/// A conversation that shows a prompt and the answer to it.
struct Asked {
    conversation: ConversationId,
    prompt: MessageRecord,
    answer: MessageRecord,
}

impl Asked {
    async fn once(store: &dyn Store) -> Self {
        let conversation = stored_conversation(store).await.id;
        let prompt = shown(store, a_prompt(conversation, None, "What is an engine?"), None).await;
        let answer = shown(store, an_answer_to(&prompt), Some(prompt.id)).await;
        Self {
            conversation,
            prompt,
            answer,
        }
    }

    /// The same, with an answer that was stopped after these words.
    async fn stopped(store: &dyn Store, words: &str) -> Self {
        let asked = Self::once(store).await;
        assert!(asked.settle(store, asked.writer(), words, Outcome::Stopped).await);
        asked
    }

    /// Who wrote the answer first.
    fn writer(&self) -> GenerationId {
        self.answer.generation_id.unwrap()
    }

    async fn settle(&self, store: &dyn Store, by: GenerationId, text: &str, outcome: Outcome) -> bool {
        store
            .settle_message(self.answer.id, by, text, outcome)
            .await
            .unwrap()
    }

    async fn reopen(&self, store: &dyn Store, by: GenerationId, last: GenerationId) -> bool {
        store
            .reopen_message(self.answer.id, by, Some(last))
            .await
            .unwrap()
    }

    /// The answer as it is stored now.
    async fn now(&self, store: &dyn Store) -> MessageRecord {
        store.message(self.answer.id).await.unwrap().unwrap()
    }
}

/// A message that must become the active leaf in the place of `from`.
async fn shown(store: &dyn Store, message: NewMessage, from: Option<MessageId>) -> MessageRecord {
    match store.append_visible_message(message, from, None).await.unwrap() {
        (Appended::New(message), true) => message,
        other => panic!("not new, or not shown: {other:?}"),
    }
}

async fn leaf(store: &dyn Store, conversation: ConversationId) -> Option<MessageId> {
    store
        .conversation(conversation)
        .await
        .unwrap()
        .unwrap()
        .active_leaf
}

fn link(message: &MessageRecord) -> MessageLink {
    MessageLink {
        id: message.id,
        parent_id: message.parent_id,
        role: message.role,
        position: message.position,
    }
}

pub(crate) async fn an_edited_prompt_takes_the_place_of_the_leaf_that_was_seen(db: &dyn Database) {
    let store = db.open().await;
    let asked = Asked::once(&*store).await;
    let edited = NewMessage {
        created_at: at(9),
        ..a_prompt(asked.conversation, None, "What is a steam engine?")
    };
    let edited = shown(&*store, edited, Some(asked.answer.id)).await;
    let conversation = store.conversation(asked.conversation).await.unwrap().unwrap();
    assert_eq!(
        (conversation.active_leaf, conversation.updated_at),
        (Some(edited.id), at(9))
    );

    // Somebody who still sees the first branch comes too late.
    let late = a_prompt(asked.conversation, None, "What is a motor?");
    let (appended, is_shown) = store
        .append_visible_message(late, Some(asked.answer.id), None)
        .await
        .unwrap();
    let (Appended::New(late), false) = (appended, is_shown) else {
        panic!("the branch that it was to replace is not shown any more");
    };
    assert_eq!(leaf(&*store, asked.conversation).await, Some(edited.id));
    assert!(store.withdraw_message(late.id).await.unwrap());

    // The branch that was left is whole, and is shown again when asked for.
    let first = store.branch(asked.answer.id, 10).await.unwrap();
    assert_eq!(first, (vec![asked.prompt.clone(), asked.answer.clone()], false));
    let moved = store
        .move_active_leaf(asked.conversation, Some(edited.id), asked.answer.id, at(10))
        .await;
    assert!(moved.unwrap());
    assert_eq!(leaf(&*store, asked.conversation).await, Some(asked.answer.id));
}

pub(crate) async fn of_many_edits_at_once_all_are_kept_and_one_is_shown(db: &dyn Database) {
    let store = db.open().await;
    let asked = Asked::once(&*store).await;
    let (conversation, seen) = (asked.conversation, asked.answer.id);
    let results = all_at_once(10, |n| {
        let store = store.clone();
        async move {
            let edited = a_prompt(conversation, None, &format!("tab {n}"));
            store
                .append_visible_message(edited, Some(seen), None)
                .await
                .unwrap()
        }
    })
    .await;
    let mut is_leaf = Vec::new();
    for (appended, is_shown) in results {
        let Appended::New(message) = appended else {
            panic!("{appended:?}")
        };
        assert_eq!(store.message(message.id).await.unwrap(), Some(message.clone()));
        is_leaf.extend(is_shown.then_some(message.id));
    }
    assert_eq!(is_leaf.len(), 1);
    assert_eq!(leaf(&*store, conversation).await, Some(is_leaf[0]));
}

pub(crate) async fn an_edited_prompt_of_a_replaced_session_is_never_shown(db: &dyn Database) {
    let store = db.open().await;
    let asked = Asked::once(&*store).await;
    let user = store
        .conversation(asked.conversation)
        .await
        .unwrap()
        .unwrap()
        .user_id;
    let old = opened(&*store, a_session(user, asked.conversation, 10)).await;
    let new = opened(&*store, a_session(user, conversation_id(), 20)).await;
    let edited = a_prompt(asked.conversation, None, "Too late");
    let (_, is_shown) = store
        .append_visible_message(edited, Some(asked.answer.id), Some(old.fence))
        .await
        .unwrap();
    assert!(!is_shown);
    assert_eq!(leaf(&*store, asked.conversation).await, Some(asked.answer.id));
    let edited = a_prompt(asked.conversation, None, "In time");
    let (_, is_shown) = store
        .append_visible_message(edited, Some(asked.answer.id), Some(new.fence))
        .await
        .unwrap();
    assert!(is_shown);
}

pub(crate) async fn a_repeated_edit_goes_on_where_a_crash_broke_it_off_and_never_hides_its_answer(
    db: &dyn Database,
) {
    let store = db.open().await;
    let asked = Asked::once(&*store).await;
    let edit = a_prompt(asked.conversation, None, "What is a steam engine?");
    let again = NewMessage {
        id: message_id(),
        ..edit.clone()
    };
    let edited = stored(&*store, edit).await;
    let repeated = store
        .append_visible_message(again.clone(), Some(asked.answer.id), None)
        .await
        .unwrap();
    assert_eq!(repeated, (Appended::Existing(edited.clone()), true));
    assert_eq!(leaf(&*store, asked.conversation).await, Some(edited.id));

    let answer = shown(&*store, an_answer_to(&edited), Some(edited.id)).await;
    // Repeated by a client that did not hear of it; the server takes the leaf as it finds it.
    let repeated = store
        .append_visible_message(again, Some(answer.id), None)
        .await
        .unwrap();
    assert_eq!(repeated, (Appended::Existing(edited), false));
    assert_eq!(leaf(&*store, asked.conversation).await, Some(answer.id));
}

pub(crate) async fn a_repeated_prompt_from_another_place_hides_nothing(db: &dyn Database) {
    let store = db.open().await;
    let asked = Asked::once(&*store).await;
    // Stored behind the prompt, and its process died; meanwhile the answer came.
    let lost = a_prompt(asked.conversation, Some(asked.prompt.id), "And a motor?");
    let again = NewMessage {
        id: message_id(),
        parent_id: Some(asked.answer.id),
        ..lost.clone()
    };
    let lost = stored(&*store, lost).await;
    let repeated = store
        .append_visible_message(again.clone(), Some(asked.answer.id), None)
        .await
        .unwrap();
    assert_eq!(repeated, (Appended::Existing(lost.clone()), false));
    assert_eq!(leaf(&*store, asked.conversation).await, Some(asked.answer.id));
    // It was never seen: it is withdrawn, and takes its place in the branch that is shown.
    assert!(store.withdraw_message(lost.id).await.unwrap());
    shown(&*store, again, Some(asked.answer.id)).await;
}

pub(crate) async fn another_answer_is_shown_in_the_place_of_the_first(db: &dyn Database) {
    let store = db.open().await;
    let asked = Asked::stopped(&*store, "A machine").await;
    let another = an_answer_to(&asked.prompt);
    let shown = shown(&*store, another.clone(), Some(asked.answer.id)).await;
    assert_eq!(leaf(&*store, asked.conversation).await, Some(shown.id));
    let repeated = store
        .append_visible_message(another.clone(), Some(asked.answer.id), None)
        .await
        .unwrap();
    assert_eq!(repeated, (Appended::Existing(shown.clone()), true));
    let children = store
        .children(asked.conversation, &[Some(asked.prompt.id)])
        .await
        .unwrap();
    assert_eq!(children, [link(&asked.answer), link(&shown)]);

    // Something follows it: a writer that slept shows it no more, not even where it would be in its place.
    let next = a_prompt(asked.conversation, Some(shown.id), "Go on");
    let next = self::shown(&*store, next, Some(shown.id)).await;
    let back = store
        .move_active_leaf(asked.conversation, Some(next.id), asked.answer.id, at(20))
        .await;
    assert!(back.unwrap());
    let late = store
        .append_visible_message(another, Some(asked.answer.id), None)
        .await
        .unwrap();
    assert_eq!(late, (Appended::Existing(shown), false));
    assert_eq!(leaf(&*store, asked.conversation).await, Some(asked.answer.id));
}

pub(crate) async fn children_are_found_by_their_parents_in_order(db: &dyn Database) {
    let store = db.open().await;
    let here = stored_conversation(&*store).await.id;
    let there = stored_conversation(&*store).await.id;
    let elsewhere = stored(&*store, a_prompt(there, None, "Elsewhere")).await;
    let prompt = stored(&*store, a_prompt(here, None, "One")).await;
    let answer = stored(&*store, an_answer_to(&prompt)).await;
    let edited = stored(&*store, a_prompt(here, None, "One, said otherwise")).await;
    let other = stored(&*store, an_answer_to(&prompt)).await;
    let next = stored(&*store, a_prompt(here, Some(answer.id), "Two")).await;

    let children = async |parents: &[Option<MessageId>]| store.children(here, parents).await.unwrap();
    assert_eq!(children(&[None]).await, [link(&prompt), link(&edited)]);
    assert_eq!(children(&[Some(prompt.id)]).await, [link(&answer), link(&other)]);
    assert_eq!(
        children(&[Some(answer.id), None, Some(prompt.id), None]).await,
        [&prompt, &answer, &edited, &other, &next].map(link)
    );
    assert_eq!(children(&[Some(next.id), Some(message_id())]).await, []);
    assert_eq!(children(&[]).await, []);
    assert_eq!(
        children(&[Some(elsewhere.id)]).await,
        [],
        "of another conversation"
    );
    assert_eq!(store.children(there, &[None]).await.unwrap(), [link(&elsewhere)]);
    assert_eq!(store.children(conversation_id(), &[None]).await.unwrap(), []);
}

pub(crate) async fn an_answer_goes_on_behind_what_it_said(db: &dyn Database) {
    let store = db.open().await;
    let asked = Asked::stopped(&*store, "A machine").await;
    let mut last = asked.writer();
    for (text, outcome, whole) in [
        (" that turns", Outcome::Interrupted, "A machine that turns"),
        ("", Outcome::Failed, "A machine that turns"),
        (
            " heat into work.",
            Outcome::Complete,
            "A machine that turns heat into work.",
        ),
    ] {
        let before = asked.now(&*store).await;
        let next = generation_id();
        assert!(asked.reopen(&*store, next, last).await);
        let writing = MessageRecord {
            status: MessageStatus::Generating,
            generation_id: Some(next),
            ..before
        };
        assert_eq!(asked.now(&*store).await, writing, "it keeps its text meanwhile");
        assert!(asked.settle(&*store, next, text, outcome).await);
        assert!(
            !asked.settle(&*store, next, text, outcome).await,
            "repeated, it adds nothing"
        );
        let settled = MessageRecord {
            text: whole.into(),
            status: outcome.into(),
            ..writing
        };
        assert_eq!(asked.now(&*store).await, settled);
        last = next;
    }
}

pub(crate) async fn a_generation_that_was_taken_over_changes_nothing_in_an_answer_that_goes_on(
    db: &dyn Database,
) {
    let store = db.open().await;
    let asked = Asked::once(&*store).await;
    let (slept, next) = (asked.writer(), generation_id());
    assert!(
        !asked
            .settle(&*store, next, "Not its own", Outcome::Complete)
            .await,
        "another writes it"
    );
    // A reaper ends it in the name of the generation that slept, and somebody goes on with it.
    assert!(
        asked
            .settle(&*store, slept, "An exact prefix", Outcome::Interrupted)
            .await
    );
    assert!(asked.reopen(&*store, next, slept).await);
    let writing = asked.now(&*store).await;
    assert!(
        !asked
            .settle(&*store, slept, "An exact prefix and more", Outcome::Complete)
            .await
    );
    assert_eq!(asked.now(&*store).await, writing);
    assert!(asked.settle(&*store, next, " goes on", Outcome::Complete).await);
    assert_eq!(asked.now(&*store).await.text, "An exact prefix goes on");
}

pub(crate) async fn only_an_answer_that_broke_off_is_reopened(db: &dyn Database) {
    let store = db.open().await;
    for (outcome, goes_on) in [
        (Outcome::Complete, false),
        (Outcome::Stopped, true),
        (Outcome::Interrupted, true),
        (Outcome::Failed, true),
    ] {
        let asked = Asked::once(&*store).await;
        let writer = asked.writer();
        assert!(
            !asked.reopen(&*store, generation_id(), writer).await,
            "it is being written"
        );
        assert!(asked.settle(&*store, writer, "A machine", outcome).await);
        let settled = asked.now(&*store).await;
        let next = generation_id();
        assert_eq!(asked.reopen(&*store, next, writer).await, goes_on, "{outcome:?}");
        if !goes_on {
            assert_eq!(asked.now(&*store).await, settled);
        }
        let prompt = store.reopen_message(asked.prompt.id, next, None).await;
        assert!(!prompt.unwrap(), "a prompt");
    }
    let unknown = store.reopen_message(message_id(), generation_id(), None).await;
    assert!(!unknown.unwrap());
}

pub(crate) async fn reopening_is_repeated_and_a_generation_that_ended_never_comes_back(db: &dyn Database) {
    let store = db.open().await;
    let asked = Asked::stopped(&*store, "A machine").await;
    let (first, second, third) = (asked.writer(), generation_id(), generation_id());
    assert!(
        !asked.reopen(&*store, second, generation_id()).await,
        "another one wrote it last"
    );
    assert!(asked.reopen(&*store, second, first).await);
    assert!(
        asked.reopen(&*store, second, first).await,
        "its first answer was lost"
    );
    assert!(!asked.reopen(&*store, third, first).await);
    assert!(asked.settle(&*store, second, " that", Outcome::Stopped).await);
    for last in [first, second] {
        assert!(!asked.reopen(&*store, second, last).await, "it has ended");
    }
    assert!(asked.reopen(&*store, third, second).await);
    assert!(asked.settle(&*store, third, " turns", Outcome::Stopped).await);
    assert!(!asked.reopen(&*store, second, first).await, "it slept for long");
    assert_eq!(asked.now(&*store).await.text, "A machine that turns");
    assert_eq!(asked.now(&*store).await.status, MessageStatus::Stopped);
}

pub(crate) async fn of_many_who_go_on_at_once_one_succeeds(db: &dyn Database) {
    let store = db.open().await;
    let asked = Asked::stopped(&*store, "A machine").await;
    let (id, last) = (asked.answer.id, asked.writer());
    let reopened = all_at_once(10, |_| {
        let store = store.clone();
        async move {
            let next = generation_id();
            let reopened = store.reopen_message(id, next, Some(last)).await.unwrap();
            reopened.then_some(next)
        }
    })
    .await;
    let reopened: Vec<_> = reopened.into_iter().flatten().collect();
    assert_eq!(reopened.len(), 1);
    assert_eq!(asked.now(&*store).await.generation_id, Some(reopened[0]));
}

pub(crate) async fn an_answer_whose_writer_was_not_noted_is_ended_by_any_and_goes_on(db: &dyn Database) {
    let store = db.open().await;
    let conversation = stored_conversation(&*store).await.id;
    let prompt = stored(&*store, a_prompt(conversation, None, "What is an engine?")).await;
    let answer = NewMessage {
        generation_id: None,
        ..an_answer_to(&prompt)
    };
    let answer = stored(&*store, answer).await;
    assert_eq!(answer.generation_id, None);
    let (any, next) = (generation_id(), generation_id());
    let settled = store.settle_message(answer.id, any, "A machine", Outcome::Interrupted);
    assert!(settled.await.unwrap());
    let last = store.message(answer.id).await.unwrap().unwrap().generation_id;
    assert!(store.reopen_message(answer.id, next, last).await.unwrap());
    let stale = store.settle_message(answer.id, any, " again", Outcome::Complete);
    assert!(!stale.await.unwrap(), "it is noted now");
    let settled = store.settle_message(answer.id, next, ".", Outcome::Complete);
    assert!(settled.await.unwrap());
    assert_eq!(
        store.message(answer.id).await.unwrap().unwrap().text,
        "A machine."
    );
}
