//! Locks, limits of one's own, and links for a new password.

use super::{
    Database, all_at_once,
    given::{at, user_id},
};
use store::{
    StoreError,
    standing::{PasswordLink, Standing},
};
use wire::admin::UserLimits;

fn a_link(until: u64) -> PasswordLink {
    PasswordLink {
        user_id: user_id(),
        mark: [3; 32],
        expires_at: at(until),
    }
}

pub(crate) async fn of_most_users_nothing_was_said(db: &dyn Database) {
    let store = db.open().await;
    let ada = user_id();
    assert_eq!(store.standing(ada).await.unwrap(), Standing::default());
    store.set_lock(ada, None).await.unwrap();
    store.forget_standing(ada).await.unwrap();
    assert_eq!(store.standing(ada).await.unwrap(), Standing::default());
}

pub(crate) async fn who_is_locked_stays_so_since_then(db: &dyn Database) {
    let store = db.open().await;
    let (ada, bob) = (user_id(), user_id());
    store.set_lock(ada, Some(at(1))).await.unwrap();
    store.set_lock(ada, Some(at(2))).await.unwrap();
    assert_eq!(store.standing(ada).await.unwrap().locked_at, Some(at(1)));
    assert_eq!(store.standing(bob).await.unwrap().locked_at, None);
    store.set_lock(ada, None).await.unwrap();
    assert_eq!(store.standing(ada).await.unwrap().locked_at, None);
    store.set_lock(ada, Some(at(3))).await.unwrap();
    assert_eq!(store.standing(ada).await.unwrap().locked_at, Some(at(3)));
}

pub(crate) async fn limits_are_replaced_and_the_lock_stays(db: &dyn Database) {
    let store = db.open().await;
    let ada = user_id();
    let limits = UserLimits {
        prompts_per_minute: Some(2),
        document_quota: Some(u64::MAX),
        ..UserLimits::default()
    };
    store.set_limits(ada, limits).await.unwrap();
    assert_eq!(store.standing(ada).await.unwrap().limits, limits);
    store.set_lock(ada, Some(at(1))).await.unwrap();
    let others = UserLimits {
        prompts_per_day: Some(0),
        ..UserLimits::default()
    };
    store.set_limits(ada, others).await.unwrap();
    let both = Standing {
        locked_at: Some(at(1)),
        limits: others,
    };
    assert_eq!(store.standing(ada).await.unwrap(), both);
    store.forget_standing(ada).await.unwrap();
    assert_eq!(store.standing(ada).await.unwrap(), Standing::default());
}

pub(crate) async fn a_link_for_a_new_password_is_good_once(db: &dyn Database) {
    let store = db.open().await;
    let link = a_link(100);
    store.create_password_link([1; 32], link).await.unwrap();
    let taken = store.create_password_link([1; 32], a_link(100)).await;
    assert!(
        matches!(taken, Err(StoreError::Conflict("password_link"))),
        "{taken:?}"
    );
    assert_eq!(store.password_link([1; 32], at(5)).await.unwrap(), Some(link));
    assert!(!store.use_password_link([2; 32], at(5)).await.unwrap(), "unknown");
    assert!(store.use_password_link([1; 32], at(5)).await.unwrap());
    assert!(!store.use_password_link([1; 32], at(5)).await.unwrap());
    assert_eq!(store.password_link([1; 32], at(5)).await.unwrap(), None);
}

pub(crate) async fn a_link_for_a_new_password_ends_with_its_time(db: &dyn Database) {
    let store = db.open().await;
    store.create_password_link([1; 32], a_link(100)).await.unwrap();
    store.create_password_link([2; 32], a_link(200)).await.unwrap();
    assert_eq!(store.password_link([1; 32], at(100)).await.unwrap(), None);
    assert!(!store.use_password_link([1; 32], at(100)).await.unwrap());
    assert_eq!(store.collect_password_links(at(150)).await.unwrap(), 1);
    assert_eq!(store.password_link([1; 32], at(5)).await.unwrap(), None);
    assert!(store.use_password_link([2; 32], at(199)).await.unwrap());
}

pub(crate) async fn of_many_who_use_a_link_at_once_one_succeeds(db: &dyn Database) {
    let store = db.open().await;
    store.create_password_link([1; 32], a_link(100)).await.unwrap();
    let used = all_at_once(10, |_| {
        let store = store.clone();
        async move { store.use_password_link([1; 32], at(5)).await.unwrap() }
    })
    .await;
    assert_eq!(used.iter().filter(|used| **used).count(), 1);
}
