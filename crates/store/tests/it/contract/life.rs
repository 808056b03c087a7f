//! Opening, crashing, closing.

use super::{
    Database,
    given::{a_batch, a_chatbot, a_prompt, a_session, a_sign_in, a_user, append, at, running, stored},
};
use store::{
    StoreError,
    generation::LogText,
    session::OpenedSession,
    sign_in::{Rotation, SignIn},
};

pub(crate) async fn a_store_answers(db: &dyn Database) {
    let store = db.open().await;
    store.ping().await.unwrap();
    store.ping().await.unwrap();
}

pub(crate) async fn a_store_knows_the_time(db: &dyn Database) {
    let store = db.open().await;
    let before = store.now().await.unwrap();
    let after = store.now().await.unwrap();
    assert!(at(0) < before && before <= after, "{before:?} {after:?}");
}

pub(crate) async fn what_was_answered_is_there_after_a_crash(db: &dyn Database) {
    let store = db.open().await;
    let (user, bot) = (a_user("ada@example.org"), a_chatbot(None));
    let sign_in = a_sign_in(user.id);
    store.create_user(user.clone()).await.unwrap();
    store.create_chatbot(bot.clone()).await.unwrap();
    store.create_sign_in(sign_in.clone(), [1; 32]).await.unwrap();
    assert!(store.redeem_ticket([9; 32], at(900)).await.unwrap());
    let generation = running(&*store).await;
    append(&*store, a_batch(generation.id, 1, &["Half ", "an ans"]))
        .await
        .unwrap();
    let conversation = store.conversation(generation.conversation_id).await.unwrap();
    let opened = store
        .open_session(a_session(user.id, generation.conversation_id, 5))
        .await
        .unwrap();
    let OpenedSession::New { session, .. } = opened else {
        panic!("{opened:?}")
    };
    drop(store); // Nobody closed it.

    let store = db.open().await;
    assert_eq!(store.user(user.id).await.unwrap(), Some(user));
    assert_eq!(store.chatbot(bot.id).await.unwrap(), Some(bot));
    assert_eq!(
        store.conversation(generation.conversation_id).await.unwrap(),
        conversation
    );
    assert_eq!(store.session(session.id).await.unwrap(), Some(session));
    assert!(!store.redeem_ticket([9; 32], at(900)).await.unwrap());
    let grace = std::time::Duration::from_secs(30);
    let rotation = store
        .rotate_refresh_token([1; 32], [2; 32], at(5), grace, at(1000))
        .await
        .unwrap();
    let used = SignIn {
        last_used_at: at(5),
        ..sign_in
    };
    assert_eq!(rotation, Rotation::Rotated(used));
    // The reaper takes over; what was stored is kept to the byte.
    assert_eq!(
        store.unsettled_generations(at(0), 10).await.unwrap(),
        std::slice::from_ref(&generation)
    );
    assert!(
        store
            .interrupt_generation(generation.id, generation.lease_until, at(60))
            .await
            .unwrap()
    );
    let log = store.log_text(generation.id).await.unwrap();
    assert_eq!(
        log,
        LogText {
            text: "Half an ans".into(),
            seq: 2
        }
    );
    let (branch, _) = store.branch(generation.message_id, 10).await.unwrap();
    assert_eq!(branch.len(), 2);
    // And positions go on.
    let next = stored(
        &*store,
        a_prompt(generation.conversation_id, Some(generation.message_id), "Go on"),
    )
    .await;
    assert!(branch.iter().all(|message| message.position < next.position));
}

pub(crate) async fn a_closed_store_refuses_and_a_reopened_one_remembers(db: &dyn Database) {
    let store = db.open().await;
    let user = a_user("ada@example.org");
    store.create_user(user.clone()).await.unwrap();
    store.close().await;
    store.close().await;
    let read = store.user(user.id).await;
    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    let write = store.create_user(a_user("bob@example.org")).await;
    assert!(matches!(write, Err(StoreError::Unavailable(_))), "{write:?}");
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
    let store = db.open().await;
    assert_eq!(store.users(None, 10).await.unwrap(), [user]);
}
