//! Accounts and invitations.

use super::{
    Database, all_at_once,
    given::{a_user, at, user_id},
};
use store::{StoreError, user::Profile};
use wire::auth::{Role, Theme};

pub(crate) async fn an_account_is_found_by_its_id_and_by_its_address(db: &dyn Database) {
    let store = db.open().await;
    let ada = a_user("ada@example.org");
    store.create_user(ada.clone()).await.unwrap();
    assert_eq!(store.user(ada.id).await.unwrap(), Some(ada.clone()));
    assert_eq!(store.user_by_email("ada@example.org").await.unwrap(), Some(ada));
    assert_eq!(store.user(user_id()).await.unwrap(), None);
    assert_eq!(store.user_by_email("ada@example.com").await.unwrap(), None);
}

pub(crate) async fn an_address_belongs_to_one_account(db: &dyn Database) {
    let store = db.open().await;
    let first = a_user("ada@example.org");
    store.create_user(first.clone()).await.unwrap();
    let second = store.create_user(a_user("ada@example.org")).await;
    assert!(matches!(second, Err(StoreError::Conflict("email"))), "{second:?}");
    assert_eq!(store.user_by_email("ada@example.org").await.unwrap(), Some(first));
}

pub(crate) async fn registering_one_address_at_once_makes_one_account(db: &dyn Database) {
    let store = db.open().await;
    let results = all_at_once(10, |_| {
        let store = store.clone();
        async move { store.create_user(a_user("ada@example.org")).await }
    })
    .await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(
        results
            .iter()
            .all(|result| matches!(result, Ok(()) | Err(StoreError::Conflict("email"))))
    );
    assert_eq!(store.users(None, 100).await.unwrap().len(), 1);
}

pub(crate) async fn users_are_listed_oldest_first_page_by_page(db: &dyn Database) {
    let store = db.open().await;
    let mut expected = Vec::new();
    // The last two joined in the same millisecond: their ids decide.
    for (name, joined) in [("c", 30), ("a", 10), ("b", 20), ("d", 40), ("e", 40)] {
        let user = store::user::UserRecord {
            created_at: at(joined),
            ..a_user(&format!("{name}@example.org"))
        };
        store.create_user(user.clone()).await.unwrap();
        expected.push(user);
    }
    expected.sort_by_key(|user| (user.created_at, user.id));
    let mut listed = Vec::new();
    loop {
        let page = store
            .users(listed.last().map(|last: &store::user::UserRecord| last.id), 2)
            .await
            .unwrap();
        assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        listed.extend(page);
    }
    assert_eq!(listed, expected);
}

pub(crate) async fn nobody_is_an_administrator_until_made_one(db: &dyn Database) {
    let store = db.open().await;
    let ada = a_user("ada@example.org");
    store.create_user(ada.clone()).await.unwrap();
    assert!(!store.has_admin().await.unwrap());
    store.set_role(ada.id, Role::Admin).await.unwrap();
    assert!(store.has_admin().await.unwrap());
    assert_eq!(store.user(ada.id).await.unwrap().unwrap().role, Role::Admin);
    store.set_role(ada.id, Role::User).await.unwrap();
    assert!(!store.has_admin().await.unwrap());
}

pub(crate) async fn users_are_found_by_the_beginning_of_their_addresses(db: &dyn Database) {
    let store = db.open().await;
    for name in ["bob", "adam", "ada", "ad_m", "Ünï", "eve"] {
        store
            .create_user(a_user(&format!("{name}@example.org")))
            .await
            .unwrap();
    }
    let found = async |prefix: &str, after: Option<&str>, limit| {
        let users = store.users_by_email(prefix, after, limit).await.unwrap();
        let names = users
            .iter()
            .map(|user| user.email.split('@').next().unwrap().to_owned());
        names.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(found("", None, 100).await, "ad_m ada adam bob eve Ünï");
    assert_eq!(found("", None, 2).await, "ad_m ada");
    assert_eq!(found("", Some("ada@example.org"), 2).await, "adam bob");
    assert_eq!(found("ada", None, 100).await, "ada adam");
    assert_eq!(found("ada", Some("ada@example.org"), 100).await, "adam");
    assert_eq!(found("bob", Some("ada@example.org"), 100).await, "bob");
    assert_eq!(found("Ü", None, 100).await, "Ünï");
    assert_eq!(found("z", None, 100).await, "");
}

pub(crate) async fn the_last_administrator_stays_one(db: &dyn Database) {
    let store = db.open().await;
    let (ada, bob) = (a_user("ada@example.org"), a_user("bob@example.org"));
    for user in [&ada, &bob] {
        store.create_user(user.clone()).await.unwrap();
        store.set_role(user.id, Role::Admin).await.unwrap();
    }
    assert!(!store.demote(user_id()).await.unwrap(), "nobody");
    // At once, each may find the other gone already: but never both.
    let results = all_at_once(2, |n| {
        let (store, id) = (store.clone(), [ada.id, bob.id][n]);
        async move { store.demote(id).await.unwrap() }
    })
    .await;
    assert!(results.iter().filter(|demoted| **demoted).count() <= 1);
    assert!(store.has_admin().await.unwrap());
    for id in [ada.id, bob.id] {
        store.set_role(id, Role::Admin).await.unwrap();
    }
    assert!(store.demote(bob.id).await.unwrap());
    assert!(!store.demote(bob.id).await.unwrap(), "no administrator any more");
    assert!(!store.demote(ada.id).await.unwrap(), "the last one");
    assert_eq!(store.user(ada.id).await.unwrap().unwrap().role, Role::Admin);
    assert_eq!(store.user(bob.id).await.unwrap().unwrap().role, Role::User);
}

pub(crate) async fn a_password_is_replaced_and_nobody_elses(db: &dyn Database) {
    let store = db.open().await;
    let (ada, bob) = (a_user("ada@example.org"), a_user("bob@example.org"));
    store.create_user(ada.clone()).await.unwrap();
    store.create_user(bob.clone()).await.unwrap();
    store.set_password(ada.id, "another hash").await.unwrap();
    assert_eq!(
        store.user(ada.id).await.unwrap().unwrap().password_hash,
        "another hash"
    );
    assert_eq!(store.user(bob.id).await.unwrap(), Some(bob));
}

pub(crate) async fn what_a_user_says_of_themselves_is_kept(db: &dyn Database) {
    let store = db.open().await;
    let (ada, bob) = (a_user("ada@example.org"), a_user("bob@example.org"));
    store.create_user(ada.clone()).await.unwrap();
    store.create_user(bob.clone()).await.unwrap();
    let profile = Profile {
        name: Some("آدا".into()),
        theme: Theme::Dark,
        language: Some("ar".into()),
    };
    store.set_profile(ada.id, profile.clone()).await.unwrap();
    assert_eq!(store.user(ada.id).await.unwrap().unwrap().profile, profile);
    assert_eq!(store.user(bob.id).await.unwrap(), Some(bob));
    store.set_profile(ada.id, Profile::default()).await.unwrap();
    assert_eq!(store.user(ada.id).await.unwrap(), Some(ada), "taken back");
}

pub(crate) async fn a_deleted_account_is_gone_and_its_address_free(db: &dyn Database) {
    let store = db.open().await;
    let ada = a_user("ada@example.org");
    store.create_user(ada.clone()).await.unwrap();
    assert!(store.delete_user(ada.id).await.unwrap());
    assert!(!store.delete_user(ada.id).await.unwrap(), "done before");
    assert_eq!(store.user(ada.id).await.unwrap(), None);
    let another = a_user("ada@example.org");
    store.create_user(another.clone()).await.unwrap();
    assert_eq!(
        store.user_by_email("ada@example.org").await.unwrap(),
        Some(another)
    );
}

pub(crate) async fn changing_nobody_is_an_error(db: &dyn Database) {
    let store = db.open().await;
    let password = store.set_password(user_id(), "hash").await;
    assert!(
        matches!(password, Err(StoreError::NotFound("user"))),
        "{password:?}"
    );
    let role = store.set_role(user_id(), Role::Admin).await;
    assert!(matches!(role, Err(StoreError::NotFound("user"))), "{role:?}");
    let profile = store.set_profile(user_id(), Profile::default()).await;
    assert!(
        matches!(profile, Err(StoreError::NotFound("user"))),
        "{profile:?}"
    );
}

pub(crate) async fn an_invitation_is_good_once(db: &dyn Database) {
    let store = db.open().await;
    store.create_invitation([1; 32], at(100)).await.unwrap();
    assert!(
        !store.redeem_invitation([2; 32], user_id(), at(1)).await.unwrap(),
        "nobody made this one"
    );
    assert!(store.redeem_invitation([1; 32], user_id(), at(1)).await.unwrap());
    assert!(!store.redeem_invitation([1; 32], user_id(), at(2)).await.unwrap());
}

pub(crate) async fn an_invitation_ends_with_its_time(db: &dyn Database) {
    let store = db.open().await;
    store.create_invitation([1; 32], at(100)).await.unwrap();
    assert!(
        !store
            .redeem_invitation([1; 32], user_id(), at(101))
            .await
            .unwrap()
    );
}

pub(crate) async fn an_invitation_redeemed_by_many_at_once_admits_one(db: &dyn Database) {
    let store = db.open().await;
    store.create_invitation([1; 32], at(100)).await.unwrap();
    let admitted = all_at_once(10, |_| {
        let store = store.clone();
        async move { store.redeem_invitation([1; 32], user_id(), at(1)).await.unwrap() }
    })
    .await;
    assert_eq!(admitted.into_iter().filter(|admitted| *admitted).count(), 1);
}
