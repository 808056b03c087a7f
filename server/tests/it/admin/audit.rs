//! The audit log: who did what, from where, and never a secret.

use super::{account_of, administrator};
use crate::world::{PASSWORD, TestServer};
use std::time::Duration;
use wire::admin::{Account, AuditKind, AuditPage, OneTimeLink};

async fn kinds(admin: &crate::world::Person, query: &str) -> Vec<AuditKind> {
    let page: AuditPage = admin.get(&format!("/admin/api/audit{query}")).await.json();
    page.entries.iter().map(|entry| entry.kind).collect()
}

#[tokio::test]
async fn what_people_do_is_noted_latest_first_and_found_by_person_and_kind() {
    let server = TestServer::answering(&["Hi."]).await;
    let admin = administrator(&server, "ada").await;
    let bob = server.sign_up("bob").await;
    let wrong = r#"{"email":"bob@example.org","password":"hunter2hunter2"}"#;
    server.anybody().post("/auth/login", wrong).await;
    // Somebody types their password where their address belongs.
    let slip = r#"{"email":"hunter3hunter3","password":"bob@example.org"}"#;
    server.anybody().post("/auth/login", slip).await;
    let bob = bob.sign_in_again().await;
    let bot: wire::chatbot::Chatbot = bob.post("/chatbot", r#"{"name":"Kettle"}"#).await.json();
    bob.patch(&format!("/chatbot/{}", bot.id), r#"{"visibility":"everyone"}"#)
        .await;
    bob.delete(&format!("/chatbot/{}", bot.id)).await;
    bob.post("/auth/logout", "").await;
    admin
        .patch(&account_of(&bob), r#"{"locked":true}"#)
        .await
        .json::<Account>();
    let link: OneTimeLink = admin
        .post(&format!("{}/password-link", account_of(&bob)), "")
        .await
        .json();

    use AuditKind::{
        ChatbotChanged, ChatbotCreated, ChatbotDeleted, Locked, PasswordLinkMade, Registered, SignInFailed,
        SignedIn, SignedOut,
    };
    assert_eq!(
        kinds(&admin, "").await,
        [
            PasswordLinkMade,
            Locked,
            SignedOut,
            ChatbotDeleted,
            ChatbotChanged,
            ChatbotCreated,
            SignedIn,
            SignInFailed,
            SignInFailed,
            Registered,
            Registered,
        ]
    );
    assert_eq!(
        kinds(&admin, "?person=bob@example.org&limit=3").await,
        [PasswordLinkMade, Locked, SignedOut],
        "also what was done to their account"
    );
    assert_eq!(kinds(&admin, "?kind=sign_in_failed").await.len(), 2);
    assert_eq!(
        kinds(&admin, "?kind=locked&person=ada@example.org").await,
        [Locked]
    );
    assert_eq!(kinds(&admin, "?person=nobody@example.org").await, []);
    let page: AuditPage = admin.get("/admin/api/audit?limit=4").await.json();
    let next = page.next.unwrap();
    assert_eq!(
        kinds(&admin, &format!("?limit=2&before={next}")).await,
        [ChatbotChanged, ChatbotCreated]
    );

    let table = admin.get("/admin/api/audit.csv").await;
    assert_eq!(table.headers["content-type"], "text/csv; charset=utf-8");
    let lines: Vec<&str> = table.body.trim_end().split("\r\n").collect();
    assert_eq!(
        lines.len(),
        13,
        "a head, eleven, and that it was taken along: {}",
        table.body
    );
    assert!(lines[0].starts_with("time,kind,person"));
    assert!(lines[1].contains("exported"));
    assert!(table.body.contains("127.0.0.1"), "{}", table.body);
    assert!(table.body.contains("Kettle: visibility everyone"));
    let code = link.link.rsplit('=').next().unwrap();
    for secret in [
        "hunter2hunter2",
        "hunter3hunter3",
        PASSWORD,
        code,
        admin.token.as_str(),
    ] {
        assert!(!table.body.contains(secret), "{secret}: {}", table.body);
    }
}

#[tokio::test]
async fn lines_that_are_too_old_are_forgotten() {
    let server = TestServer::answering(&["Hi."]).await;
    let admin = administrator(&server, "ada").await;
    server.clock.advance(Duration::from_secs(366 * 24 * 60 * 60));
    server.sign_up("bob").await;
    let before = server
        .app
        .clock
        .now()
        .minus(Duration::from_secs(365 * 24 * 60 * 60));
    assert_eq!(server.store().collect_audit(before).await.unwrap(), 1);
    let admin = admin.sign_in_again().await;
    assert_eq!(
        kinds(&admin, "").await,
        [AuditKind::SignedIn, AuditKind::Registered]
    );
}
