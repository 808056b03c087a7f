//! Sign-ins, rotation of refresh tokens, tickets.

use super::{
    Database, all_at_once,
    given::{a_sign_in, at, sign_in_id, user_id},
};
use std::time::Duration;
use store::{
    Store,
    sign_in::{Rotation, SignIn},
};

const GRACE: Duration = Duration::from_secs(30);

/// Presents token number `token`, whose successor is the next number, at this second.
async fn present(store: &dyn Store, token: u8, seconds: u64) -> Rotation {
    let (token, successor) = ([token; 32], [token + 1; 32]);
    store
        .rotate_refresh_token(token, successor, at(seconds), GRACE, at(seconds + 1000))
        .await
        .unwrap()
}

/// A sign-in until second 1000 whose current token is number 1.
async fn signed_in(store: &dyn Store) -> SignIn {
    let sign_in = a_sign_in(user_id());
    store.create_sign_in(sign_in.clone(), [1; 32]).await.unwrap();
    sign_in
}

pub(crate) async fn a_current_token_is_rotated_and_the_sign_in_goes_on_longer(db: &dyn Database) {
    let store = db.open().await;
    let sign_in = signed_in(&*store).await;
    let longer = SignIn {
        expires_at: at(1500),
        last_used_at: at(500),
        ..sign_in.clone()
    };
    assert_eq!(present(&*store, 1, 500).await, Rotation::Rotated(longer.clone()));
    assert_eq!(store.sign_in(sign_in.id).await.unwrap(), Some(longer));
    // It would have been over by now, had it not been extended.
    let longer = SignIn {
        expires_at: at(2400),
        last_used_at: at(1400),
        ..sign_in
    };
    assert_eq!(present(&*store, 2, 1400).await, Rotation::Rotated(longer));
}

pub(crate) async fn a_token_presented_again_soon_is_answered_again(db: &dyn Database) {
    let store = db.open().await;
    signed_in(&*store).await;
    present(&*store, 1, 100).await;
    let again = present(&*store, 1, 130).await;
    assert!(matches!(again, Rotation::Repeated(_)), "{again:?}");
    let successor = present(&*store, 2, 200).await;
    assert!(matches!(successor, Rotation::Rotated(_)), "{successor:?}");
}

pub(crate) async fn a_repetition_does_not_bring_back_what_was_rotated_since(db: &dyn Database) {
    let store = db.open().await;
    signed_in(&*store).await;
    present(&*store, 1, 100).await;
    present(&*store, 2, 101).await;
    assert!(matches!(present(&*store, 1, 102).await, Rotation::Repeated(_)));
    // Were 2 current again, presenting it would rotate it.
    let second = present(&*store, 2, 103).await;
    assert!(matches!(second, Rotation::Repeated(_)), "{second:?}");
    let third = present(&*store, 3, 104).await;
    assert!(matches!(third, Rotation::Rotated(_)), "{third:?}");
}

pub(crate) async fn a_token_presented_again_late_ends_the_sign_in(db: &dyn Database) {
    let store = db.open().await;
    let sign_in = signed_in(&*store).await;
    present(&*store, 1, 100).await;
    let replay = present(&*store, 1, 131).await;
    let Rotation::Replayed(ended) = replay else {
        panic!("{replay:?}")
    };
    assert_eq!((ended.id, ended.revoked_at), (sign_in.id, Some(at(131))));
    assert_eq!(
        present(&*store, 2, 132).await,
        Rotation::Refused,
        "the thief's or the owner's: both are out"
    );
    assert_eq!(present(&*store, 1, 133).await, Rotation::Refused);
    assert_eq!(
        store.sign_in(sign_in.id).await.unwrap().unwrap().revoked_at,
        Some(at(131))
    );
}

pub(crate) async fn unknown_expired_and_revoked_tokens_are_refused(db: &dyn Database) {
    let store = db.open().await;
    let sign_in = signed_in(&*store).await;
    assert_eq!(present(&*store, 9, 100).await, Rotation::Refused);
    assert_eq!(present(&*store, 1, 1001).await, Rotation::Refused);
    // Refusing changed nothing: in time it is good.
    assert!(matches!(present(&*store, 1, 999).await, Rotation::Rotated(_)));
    store.revoke_sign_in(sign_in.id, at(1100)).await.unwrap();
    assert_eq!(present(&*store, 2, 1101).await, Rotation::Refused);
    assert_eq!(present(&*store, 1, 1001).await, Rotation::Refused, "nor by grace");
}

pub(crate) async fn tabs_that_refresh_at_once_all_stay_signed_in(db: &dyn Database) {
    let store = db.open().await;
    signed_in(&*store).await;
    let results = all_at_once(10, |_| {
        let store = store.clone();
        async move { present(&*store, 1, 100).await }
    })
    .await;
    assert_eq!(
        results
            .iter()
            .filter(|result| matches!(result, Rotation::Rotated(_)))
            .count(),
        1
    );
    assert_eq!(
        results
            .iter()
            .filter(|result| matches!(result, Rotation::Repeated(_)))
            .count(),
        9
    );
    assert!(matches!(present(&*store, 2, 200).await, Rotation::Rotated(_)));
}

pub(crate) async fn revoking_twice_keeps_the_first_time(db: &dyn Database) {
    let store = db.open().await;
    let sign_in = signed_in(&*store).await;
    store.revoke_sign_in(sign_in.id, at(10)).await.unwrap();
    store.revoke_sign_in(sign_in.id, at(20)).await.unwrap();
    assert_eq!(
        store.sign_in(sign_in.id).await.unwrap().unwrap().revoked_at,
        Some(at(10))
    );
    store.revoke_sign_in(sign_in_id(), at(20)).await.unwrap();
}

pub(crate) async fn revoking_a_users_sign_ins_leaves_those_of_others(db: &dyn Database) {
    let store = db.open().await;
    let (ada, bob) = (user_id(), user_id());
    let (laptop, phone, other) = (a_sign_in(ada), a_sign_in(ada), a_sign_in(bob));
    for (token, sign_in) in [(10, &laptop), (20, &phone), (30, &other)] {
        store.create_sign_in(sign_in.clone(), [token; 32]).await.unwrap();
    }
    store.revoke_sign_in(phone.id, at(5)).await.unwrap();
    store.revoke_sign_ins_of(ada, at(10)).await.unwrap();
    store.revoke_sign_ins_of(ada, at(20)).await.unwrap();
    assert_eq!(
        store.sign_in(laptop.id).await.unwrap().unwrap().revoked_at,
        Some(at(10))
    );
    assert_eq!(
        store.sign_in(phone.id).await.unwrap().unwrap().revoked_at,
        Some(at(5))
    );
    assert_eq!(store.sign_in(other.id).await.unwrap(), Some(other));
}

pub(crate) async fn the_watch_is_told_of_revoked_expired_and_unknown_sign_ins(db: &dyn Database) {
    let store = db.open().await;
    let (good, revoked, unknown) = (a_sign_in(user_id()), a_sign_in(user_id()), sign_in_id());
    let expired = SignIn {
        expires_at: at(50),
        ..a_sign_in(user_id())
    };
    for (token, sign_in) in [(10, &good), (20, &revoked), (30, &expired)] {
        store.create_sign_in(sign_in.clone(), [token; 32]).await.unwrap();
    }
    store.revoke_sign_in(revoked.id, at(10)).await.unwrap();
    let ids = [good.id, revoked.id, expired.id, unknown];
    assert_eq!(
        store.ended_sign_ins(&ids, at(40)).await.unwrap(),
        [revoked.id, unknown]
    );
    assert_eq!(
        store.ended_sign_ins(&ids, at(51)).await.unwrap(),
        [revoked.id, expired.id, unknown]
    );
    assert!(store.ended_sign_ins(&[], at(51)).await.unwrap().is_empty());
}

pub(crate) async fn a_ticket_is_redeemed_once(db: &dyn Database) {
    let store = db.open().await;
    let redeemed = all_at_once(20, |_| {
        let store = store.clone();
        async move { store.redeem_ticket([7; 32], at(30)).await.unwrap() }
    })
    .await;
    assert_eq!(redeemed.into_iter().filter(|redeemed| *redeemed).count(), 1);
    assert!(!store.redeem_ticket([7; 32], at(30)).await.unwrap());
    assert!(store.redeem_ticket([8; 32], at(30)).await.unwrap());
}

pub(crate) async fn collecting_forgets_only_what_is_over(db: &dyn Database) {
    let store = db.open().await;
    let (good, revoked) = (signed_in(&*store).await, a_sign_in(user_id()));
    let expired = SignIn {
        expires_at: at(50),
        ..a_sign_in(user_id())
    };
    store.create_sign_in(revoked.clone(), [20; 32]).await.unwrap();
    store.create_sign_in(expired.clone(), [30; 32]).await.unwrap();
    store.revoke_sign_in(revoked.id, at(60)).await.unwrap();

    assert_eq!(store.collect_sign_ins(at(20)).await.unwrap(), 0);
    assert!(store.collect_sign_ins(at(100)).await.unwrap() >= 2);
    assert_eq!(store.collect_sign_ins(at(100)).await.unwrap(), 0);

    assert_eq!(store.sign_in(good.id).await.unwrap(), Some(good));
    assert_eq!(store.sign_in(revoked.id).await.unwrap(), None);
    assert_eq!(store.sign_in(expired.id).await.unwrap(), None);
    assert!(matches!(present(&*store, 1, 100).await, Rotation::Rotated(_)));
    assert_eq!(present(&*store, 20, 100).await, Rotation::Refused);
}

pub(crate) async fn used_tickets_are_forgotten_when_they_are_not_good_any_more(db: &dyn Database) {
    let store = db.open().await;
    store.redeem_ticket([7; 32], at(30)).await.unwrap();
    store.redeem_ticket([8; 32], at(500)).await.unwrap();
    assert_eq!(store.collect_tickets(at(30)).await.unwrap(), 0);
    assert_eq!(store.collect_tickets(at(100)).await.unwrap(), 1);
    assert_eq!(store.collect_tickets(at(100)).await.unwrap(), 0);
    assert!(
        !store.redeem_ticket([8; 32], at(500)).await.unwrap(),
        "it could still be replayed"
    );
}

pub(crate) async fn tokens_rotated_long_ago_are_forgotten_and_the_sign_in_goes_on(db: &dyn Database) {
    let store = db.open().await;
    signed_in(&*store).await;
    present(&*store, 1, 100).await;
    present(&*store, 2, 200).await;
    assert_eq!(store.collect_rotated_tokens(at(100)).await.unwrap(), 0);
    assert_eq!(store.collect_rotated_tokens(at(200)).await.unwrap(), 1);
    assert_eq!(store.collect_rotated_tokens(at(200)).await.unwrap(), 0);
    // It is as one that never was: nothing ends by it. The current one is good, the one before it watched over.
    assert_eq!(present(&*store, 1, 300).await, Rotation::Refused);
    assert!(matches!(present(&*store, 3, 300).await, Rotation::Rotated(_)));
    assert_eq!(store.collect_rotated_tokens(at(200)).await.unwrap(), 0);
    assert!(matches!(present(&*store, 2, 301).await, Rotation::Replayed(_)));
}

pub(crate) async fn a_users_sign_ins_are_those_that_are_not_over(db: &dyn Database) {
    let store = db.open().await;
    let ada = user_id();
    let mut token = 0;
    let mut add = async |sign_in: SignIn| {
        token += 1;
        store.create_sign_in(sign_in, [token; 32]).await.unwrap();
    };
    let (here, there, over) = (a_sign_in(ada), a_sign_in(ada), a_sign_in(ada));
    let expired = SignIn {
        expires_at: at(5),
        ..a_sign_in(ada)
    };
    for sign_in in [&here, &there, &over, &expired, &a_sign_in(user_id())] {
        add(sign_in.clone()).await;
    }
    store.revoke_sign_in(over.id, at(1)).await.unwrap();
    let mut found = store.sign_ins_of(ada, at(10)).await.unwrap();
    found.sort_by_key(|sign_in| sign_in.id);
    assert_eq!(found, [here, there]);
}

pub(crate) async fn a_sign_in_says_when_it_was_last_used(db: &dyn Database) {
    let store = db.open().await;
    let sign_in = signed_in(&*store).await;
    store.note_sign_in_use(sign_in.id, at(70)).await.unwrap();
    // Word of it may come in any order.
    store.note_sign_in_use(sign_in.id, at(60)).await.unwrap();
    store.note_sign_in_use(sign_in_id(), at(60)).await.unwrap();
    let used = SignIn {
        last_used_at: at(70),
        ..sign_in
    };
    assert_eq!(store.sign_in(used.id).await.unwrap(), Some(used));
}

pub(crate) async fn a_users_sign_ins_are_taken_away_and_nobody_elses(db: &dyn Database) {
    let store = db.open().await;
    let (ada, bob) = (a_sign_in(user_id()), a_sign_in(user_id()));
    store.create_sign_in(ada.clone(), [1; 32]).await.unwrap();
    store.create_sign_in(bob.clone(), [5; 32]).await.unwrap();
    for _again in 0..2 {
        store.delete_sign_ins_of(ada.user_id).await.unwrap();
    }
    assert_eq!(store.sign_in(ada.id).await.unwrap(), None);
    assert_eq!(present(&*store, 1, 1).await, Rotation::Refused);
    assert_eq!(
        store.ended_sign_ins(&[ada.id, bob.id], at(1)).await.unwrap(),
        [ada.id]
    );
    assert!(matches!(present(&*store, 5, 1).await, Rotation::Rotated(_)));
}
