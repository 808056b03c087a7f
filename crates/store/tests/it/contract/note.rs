//! Notes: what the program keeps for itself.

use super::{Database, all_at_once};

pub(crate) async fn a_note_is_kept_by_its_name(db: &dyn Database) {
    let store = db.open().await;
    assert_eq!(store.note("guide").await.unwrap(), None);
    assert!(store.replace_note("guide", None, "one").await.unwrap());
    assert_eq!(store.note("guide").await.unwrap().as_deref(), Some("one"));
    assert_eq!(store.note("other").await.unwrap(), None);
    assert!(store.replace_note("guide", Some("one"), "two").await.unwrap());
    assert!(
        store.replace_note("guide", Some("one"), "two").await.unwrap(),
        "repeated after a lost answer"
    );
    assert_eq!(store.note("guide").await.unwrap().as_deref(), Some("two"));
}

pub(crate) async fn a_note_that_changed_meanwhile_is_not_overwritten(db: &dyn Database) {
    let store = db.open().await;
    let first = all_at_once(4, |n| {
        let store = store.clone();
        async move {
            let text = format!("by {n}");
            store.replace_note("guide", None, &text).await.unwrap()
        }
    })
    .await;
    assert_eq!(first.iter().filter(|done| **done).count(), 1, "{first:?}");
    let stale = store
        .replace_note("guide", Some("another"), "late")
        .await
        .unwrap();
    assert!(!stale);
    assert!(store.note("guide").await.unwrap().unwrap().starts_with("by "));
}
