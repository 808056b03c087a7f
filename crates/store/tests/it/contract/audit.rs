//! The audit log.

use super::{
    Database,
    given::{at, audit_id, user_id},
};
use store::{Store, audit::AuditFilter};
use wire::{
    AuditId, UserId,
    admin::{AuditEntry, AuditKind},
};

fn a_line(seconds: u64, kind: AuditKind, actor: Option<UserId>, about: Option<UserId>) -> AuditEntry {
    AuditEntry {
        id: audit_id(),
        at: at(seconds),
        kind,
        actor,
        email: "ada@example.org".into(),
        about,
        detail: "Zephyr 🌬".into(),
        address: actor.map(|_| "192.0.2.1".into()),
    }
}

async fn stored(store: &dyn Store, lines: &[AuditEntry]) {
    for line in lines {
        store.append_audit(line.clone()).await.unwrap();
    }
}

/// All that fits, read two at a time.
async fn read(store: &dyn Store, filter: AuditFilter) -> Vec<AuditId> {
    let mut read = Vec::new();
    loop {
        let page = store.audit(filter, read.last().copied(), 2).await.unwrap();
        assert!(page.len() <= 2);
        if page.is_empty() {
            return read;
        }
        read.extend(page.iter().map(|line| line.id));
    }
}

pub(crate) async fn the_audit_log_is_read_latest_first_page_by_page(db: &dyn Database) {
    let store = db.open().await;
    let ada = user_id();
    let lines: Vec<_> = (0..5)
        .map(|n| a_line(n, AuditKind::SignedIn, Some(ada), None))
        .collect();
    stored(&*store, &lines).await;
    let all = store.audit(AuditFilter::default(), None, 100).await.unwrap();
    let expected: Vec<_> = lines.iter().rev().cloned().collect();
    assert_eq!(all, expected);
    let expected: Vec<_> = expected.iter().map(|line| line.id).collect();
    assert_eq!(read(&*store, AuditFilter::default()).await, expected);
}

pub(crate) async fn a_line_repeated_is_one_line(db: &dyn Database) {
    let store = db.open().await;
    let line = a_line(1, AuditKind::SignInFailed, None, None);
    stored(&*store, &[line.clone(), line.clone()]).await;
    assert_eq!(
        store.audit(AuditFilter::default(), None, 9).await.unwrap(),
        [line]
    );
}

pub(crate) async fn lines_are_found_by_person_and_kind(db: &dyn Database) {
    let store = db.open().await;
    let (ada, bob, eve) = (user_id(), user_id(), user_id());
    let lines = [
        a_line(1, AuditKind::SignedIn, Some(ada), None),
        a_line(2, AuditKind::Locked, Some(ada), Some(bob)),
        a_line(3, AuditKind::SignedIn, Some(bob), None),
        a_line(4, AuditKind::SignInFailed, None, Some(bob)),
        a_line(5, AuditKind::RoleChanged, Some(ada), Some(ada)),
        a_line(6, AuditKind::Locked, Some(eve), Some(ada)),
    ];
    stored(&*store, &lines).await;
    for (person, kind, expected) in [
        (Some(ada), None, vec![5, 4, 1, 0]),
        (Some(bob), None, vec![3, 2, 1]),
        (None, Some(AuditKind::Locked), vec![5, 1]),
        (Some(ada), Some(AuditKind::Locked), vec![5, 1]),
        (Some(bob), Some(AuditKind::SignedIn), vec![2]),
        (Some(user_id()), None, vec![]),
        (None, Some(AuditKind::Exported), vec![]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|n: usize| lines[n].id).collect();
        assert_eq!(
            read(&*store, AuditFilter { person, kind }).await,
            expected,
            "{person:?} {kind:?}"
        );
    }
}

pub(crate) async fn old_lines_are_forgotten(db: &dyn Database) {
    let store = db.open().await;
    let lines: Vec<_> = (0..4)
        .map(|n| a_line(n, AuditKind::SignedOut, None, None))
        .collect();
    stored(&*store, &lines).await;
    assert_eq!(store.collect_audit(at(2)).await.unwrap(), 2);
    assert_eq!(store.collect_audit(at(2)).await.unwrap(), 0);
    assert_eq!(
        read(&*store, AuditFilter::default()).await,
        [lines[3].id, lines[2].id]
    );
}
