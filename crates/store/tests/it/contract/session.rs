//! Sessions: one active a user.

use super::{
    Database, all_at_once,
    given::{a_session, at, conversation_id, session_id, user_id},
};
use std::collections::BTreeSet;
use store::{
    Store,
    session::{NewSession, OpenedSession, SessionRecord},
};
use wire::SessionId;

/// Opens a session that must be a new one.
async fn opened(store: &dyn Store, session: NewSession) -> (SessionRecord, Option<SessionId>) {
    match store.open_session(session).await.unwrap() {
        OpenedSession::New { session, replaced } => (session, replaced),
        OpenedSession::Shared(session) => panic!("shared {session:?}"),
    }
}

pub(crate) async fn opening_another_closes_the_first(db: &dyn Database) {
    let store = db.open().await;
    let user = user_id();
    assert_eq!(store.session_of(user).await.unwrap(), None);
    let asked = a_session(user, conversation_id(), 10);
    let (first, replaced) = opened(&*store, asked.clone()).await;
    assert_eq!(replaced, None);
    let expected = SessionRecord {
        id: asked.id,
        user_id: user,
        sign_in_id: asked.sign_in_id,
        chatbot_id: asked.chatbot_id,
        conversation_id: asked.conversation_id,
        fence: first.fence,
        node_id: "node-a".into(),
        opened_at: at(10),
        last_seen_at: at(10),
    };
    assert_eq!(first, expected);
    assert_eq!(store.session(first.id).await.unwrap(), Some(first.clone()));

    let (second, replaced) = opened(&*store, a_session(user, conversation_id(), 20)).await;
    assert_eq!(replaced, Some(first.id));
    assert!(second.fence > first.fence);
    assert_eq!(store.session(first.id).await.unwrap(), None);
    assert_eq!(store.session(second.id).await.unwrap(), Some(second.clone()));
    assert_eq!(store.session_of(user).await.unwrap(), Some(second));
}

pub(crate) async fn the_same_conversation_is_shared(db: &dyn Database) {
    let store = db.open().await;
    let (user, conversation) = (user_id(), conversation_id());
    let (first, _) = opened(&*store, a_session(user, conversation, 10)).await;
    let second = store
        .open_session(a_session(user, conversation, 20))
        .await
        .unwrap();
    let seen = SessionRecord {
        last_seen_at: at(20),
        ..first
    };
    assert_eq!(second, OpenedSession::Shared(seen.clone()));
    assert_eq!(store.session_of(user).await.unwrap(), Some(seen));
}

pub(crate) async fn a_closed_session_is_unknown_and_closing_it_again_is_no_error(db: &dyn Database) {
    let store = db.open().await;
    let user = user_id();
    let (session, _) = opened(&*store, a_session(user, conversation_id(), 10)).await;
    assert!(store.close_session(session.id).await.unwrap());
    assert!(!store.close_session(session.id).await.unwrap());
    assert!(!store.close_session(session_id()).await.unwrap());
    assert_eq!(store.session(session.id).await.unwrap(), None);
    assert_eq!(store.session_of(user).await.unwrap(), None);
    assert!(
        store
            .sessions_silent_since(at(1000), 10)
            .await
            .unwrap()
            .is_empty()
    );
}

pub(crate) async fn the_fence_rises_over_closed_sessions(db: &dyn Database) {
    let store = db.open().await;
    let (user, conversation) = (user_id(), conversation_id());
    let (first, _) = opened(&*store, a_session(user, conversation, 10)).await;
    store.close_session(first.id).await.unwrap();
    let (second, replaced) = opened(&*store, a_session(user, conversation, 20)).await;
    assert_eq!(replaced, None, "the first was closed already");
    assert!(second.fence > first.fence);
    assert!(!store.close_session(first.id).await.unwrap());
    assert_eq!(store.session_of(user).await.unwrap(), Some(second));
}

pub(crate) async fn of_many_opened_at_once_one_is_active(db: &dyn Database) {
    let store = db.open().await;
    let user = user_id();
    let results = all_at_once(50, |_| {
        let store = store.clone();
        async move { opened(&*store, a_session(user, conversation_id(), 10)).await }
    })
    .await;
    let active = store.session_of(user).await.unwrap().unwrap();
    let opened: BTreeSet<_> = results.iter().map(|(session, _)| session.id).collect();
    let replaced: BTreeSet<_> = results.iter().filter_map(|(_, replaced)| *replaced).collect();
    let fences: BTreeSet<_> = results.iter().map(|(session, _)| session.fence).collect();
    assert_eq!((opened.len(), fences.len()), (50, 50));
    // Each but the last was replaced, once, and who replaced it knows.
    assert_eq!(
        opened.difference(&replaced).copied().collect::<Vec<_>>(),
        [active.id]
    );
    assert_eq!(active.fence, *fences.last().unwrap());
    for (session, _) in results.iter().filter(|(session, _)| session.id != active.id) {
        assert_eq!(store.session(session.id).await.unwrap(), None);
    }
}

pub(crate) async fn sessions_of_two_users_do_not_touch_each_other(db: &dyn Database) {
    let store = db.open().await;
    let conversation = conversation_id();
    let (ada, _) = opened(&*store, a_session(user_id(), conversation, 10)).await;
    let (bob, replaced) = opened(&*store, a_session(user_id(), conversation, 11)).await;
    assert_eq!(replaced, None);
    store.close_session(bob.id).await.unwrap();
    assert_eq!(store.session(ada.id).await.unwrap(), Some(ada));
}

pub(crate) async fn a_touch_is_noted_only_while_active(db: &dyn Database) {
    let store = db.open().await;
    let (session, _) = opened(&*store, a_session(user_id(), conversation_id(), 10)).await;
    assert!(store.touch_session(session.id, "node-b", at(20)).await.unwrap());
    let touched = SessionRecord {
        node_id: "node-b".into(),
        last_seen_at: at(20),
        ..session.clone()
    };
    assert_eq!(store.session(session.id).await.unwrap(), Some(touched));
    store.close_session(session.id).await.unwrap();
    assert!(!store.touch_session(session.id, "node-b", at(30)).await.unwrap());
    assert!(!store.touch_session(session_id(), "node-b", at(30)).await.unwrap());
    assert_eq!(store.session(session.id).await.unwrap(), None);
}

pub(crate) async fn silent_sessions_are_found_and_closed_unless_heard_of_again(db: &dyn Database) {
    let store = db.open().await;
    let mut sessions = Vec::new();
    for second in [30, 10, 20] {
        sessions.push(
            opened(&*store, a_session(user_id(), conversation_id(), second))
                .await
                .0,
        );
    }
    let [late, silent, heard] = &sessions[..] else {
        panic!("three were opened")
    };
    let mut found = store.sessions_silent_since(at(25), 10).await.unwrap();
    found.sort_by_key(|session| session.last_seen_at);
    assert_eq!(found, [silent.clone(), heard.clone()]);
    assert_eq!(store.sessions_silent_since(at(25), 1).await.unwrap().len(), 1);

    store.touch_session(heard.id, "node-a", at(40)).await.unwrap();
    assert!(!store.close_silent_session(heard.id, at(25)).await.unwrap());
    assert!(store.close_silent_session(silent.id, at(25)).await.unwrap());
    assert!(!store.close_silent_session(silent.id, at(25)).await.unwrap());
    assert_eq!(store.session(silent.id).await.unwrap(), None);
    assert!(store.session(heard.id).await.unwrap().is_some());
    assert_eq!(store.session(late.id).await.unwrap(), Some(late.clone()));
}

pub(crate) async fn of_several_sessions_the_active_ones_are_found(db: &dyn Database) {
    let store = db.open().await;
    let mut sessions = Vec::new();
    for _ in 0..3 {
        sessions.push(
            opened(&*store, a_session(user_id(), conversation_id(), 10))
                .await
                .0,
        );
    }
    let [stays, is_replaced, is_closed] = &sessions[..] else {
        panic!("three were opened")
    };
    let (new, _) = opened(&*store, a_session(is_replaced.user_id, conversation_id(), 20)).await;
    store.close_session(is_closed.id).await.unwrap();
    let asked = [session_id(), stays.id, is_replaced.id, is_closed.id, new.id];
    let found = store.active_sessions(&asked).await.unwrap();
    let found: BTreeSet<SessionId> = found.iter().map(|session| session.id).collect();
    assert_eq!(found, BTreeSet::from([stays.id, new.id]));
    assert_eq!(store.active_sessions(&[]).await.unwrap(), []);
}

pub(crate) async fn closing_raises_the_fence(db: &dyn Database) {
    let store = db.open().await;
    let user = user_id();
    let (first, _) = opened(&*store, a_session(user, conversation_id(), 10)).await;
    store.close_session(first.id).await.unwrap();
    let (second, _) = opened(&*store, a_session(user, conversation_id(), 20)).await;
    assert!(second.fence > first.fence + 1, "{first:?} {second:?}");
}

pub(crate) async fn when_somebody_was_last_seen_outlives_their_session(db: &dyn Database) {
    let store = db.open().await;
    let (ada, bob) = (user_id(), user_id());
    let (session, _) = opened(&*store, a_session(ada, conversation_id(), 10)).await;
    assert!(store.touch_session(session.id, "node-a", at(12)).await.unwrap());
    store.close_session(session.id).await.unwrap();
    assert_eq!(store.last_seen(&[bob, ada]).await.unwrap(), [(ada, at(12))]);
    assert_eq!(store.last_seen(&[]).await.unwrap(), []);
}

pub(crate) async fn a_users_session_is_forgotten_and_nobody_elses(db: &dyn Database) {
    let store = db.open().await;
    let (ada, bob) = (user_id(), user_id());
    let (first, _) = opened(&*store, a_session(ada, conversation_id(), 10)).await;
    let (other, _) = opened(&*store, a_session(bob, conversation_id(), 10)).await;
    for _again in 0..2 {
        store.delete_session_of(ada).await.unwrap();
    }
    assert_eq!(store.session(first.id).await.unwrap(), None);
    assert_eq!(store.session_of(ada).await.unwrap(), None);
    assert_eq!(store.session_of(bob).await.unwrap(), Some(other));
}
