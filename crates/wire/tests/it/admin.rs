//! What administrators see and change.

use crate::pin::{Pinned, id, time};
use wire::{
    admin::{
        Account, AccountChange, AccountPage, AuditEntry, AuditKind, AuditPage, DefaultLimits, DocumentQueue,
        EmbeddingHealth, HealthReport, HealthState, ModelHealth, ModelPlace, OneTimeLink, UsageCounts,
        UsageOfDay, UsageOfModel, UsageOfUser, UsageReport, UserLimits,
    },
    auth::Role,
};

fn counts() -> UsageCounts {
    UsageCounts {
        prompts: 5,
        answers: 3,
        failures: 1,
        tokens_in: 700,
        tokens_out: 90,
    }
}

fn account() -> Account {
    Account {
        id: id(1),
        email: "ada@example.org".into(),
        role: Role::User,
        created_at: time(),
        last_seen_at: Some(time()),
        locked_at: None,
        limits: UserLimits {
            prompts_per_minute: Some(2),
            ..UserLimits::default()
        },
        usage: counts(),
        conversations: 4,
        messages: 31,
    }
}

fn entry() -> AuditEntry {
    AuditEntry {
        id: id(9),
        at: time(),
        kind: AuditKind::RoleChanged,
        actor: Some(id(1)),
        email: "ada@example.org".into(),
        about: Some(id(2)),
        detail: "bob@example.org: admin".into(),
        address: Some("192.0.2.1".into()),
    }
}

#[test]
fn kinds_of_the_audit_log_keep_their_words() {
    let pinned = every!(
        AuditKind: Registered, SignedIn, SignInFailed, SignedOut, SignInsEnded, PasswordChanged, PasswordLinkMade,
        Invited, RoleChanged, Locked, Unlocked, LimitsChanged, AccountChanged, AccountDeleted, Exported,
        ChatbotCreated, ChatbotChanged, ChatbotDeleted, DocumentAdded, DocumentDeleted,
    );
    assert_pinned!("audit_kind", pinned);
    for kind in AuditKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
    }
}

#[test]
fn places_and_states_keep_their_words() {
    assert_pinned!("model_place", every!(ModelPlace: Local, Remote));
    assert_pinned!(
        "health_state",
        every!(HealthState: Ready, Loading, Failed, Untried)
    );
}

#[test]
fn requests_and_answers_of_the_administration_keep_their_fields() {
    let mut pinned = Pinned::default();
    pinned.add("Account", &account());
    pinned.add(
        "AccountPage",
        &AccountPage {
            users: vec![],
            next: Some("ada@example.org".into()),
            defaults: DefaultLimits {
                prompts_per_minute: 20,
                prompts_per_day: 0,
                generations: 3,
                document_quota: 1_073_741_824,
            },
        },
    );
    pinned.add("AccountChange", &AccountChange::default());
    pinned.add(
        "AccountChange",
        &AccountChange {
            role: Some(Role::Admin),
            locked: Some(true),
            limits: Some(UserLimits::default()),
        },
    );
    pinned.add(
        "OneTimeLink",
        &OneTimeLink {
            link: "https://chat.example.org/new-password?code=abc".into(),
            expires_at: time(),
        },
    );
    pinned.add(
        "UsageReport",
        &UsageReport {
            days: vec![UsageOfDay {
                day: "2024-01-15".into(),
                counts: counts(),
            }],
            total: counts(),
            models: vec![UsageOfModel {
                model: "smollm2".into(),
                counts: counts(),
            }],
            users: vec![UsageOfUser {
                id: id(1),
                email: None,
                counts: counts(),
            }],
        },
    );
    pinned.add(
        "HealthReport",
        &HealthReport {
            since: time(),
            models: vec![ModelHealth {
                name: "smollm2".into(),
                place: ModelPlace::Local,
                state: HealthState::Ready,
                detail: None,
                last_success_at: Some(time()),
                last_error_at: None,
                last_error: None,
                tokens_per_second: Some(12.5),
            }],
            embedding: Some(EmbeddingHealth {
                name: "minilm".into(),
                place: ModelPlace::Local,
                state: HealthState::Ready,
                detail: None,
            }),
            running: 1,
            waiting: 2,
            documents: DocumentQueue::default(),
        },
    );
    pinned.add(
        "AuditPage",
        &AuditPage {
            entries: vec![entry()],
            next: Some(id(9)),
        },
    );
    assert_pinned!("admin", pinned);
}

#[test]
fn a_link_does_not_print_itself() {
    let link = OneTimeLink {
        link: "https://chat.example.org/new-password?code=abc".into(),
        expires_at: time(),
    };
    assert!(!format!("{link:?}").contains("abc"));
}
