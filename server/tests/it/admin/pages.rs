//! The pages of the administration: forms that need no script, for administrators only.

use super::{administrator, submit};
use crate::world::TestServer;
use axum::http::header;
use wire::{ProblemCode, admin::Account, auth::Role};

fn page_of(person: &crate::world::Person) -> String {
    format!("/admin/user/{}", person.user.as_ref().unwrap().id)
}

#[tokio::test]
async fn to_anybody_else_a_page_is_what_an_unknown_page_is() {
    let server = TestServer::answering(&["Hi."]).await;
    let admin = administrator(&server, "ada").await;
    let bob = server.sign_up("bob").await;
    // Its links and scripts differ in nothing but what is made anew for each page.
    let told = |body: &str| {
        let (_, main) = body.split_once("<main").unwrap();
        main.split_once("</main>").unwrap().0.to_owned()
    };
    let unknown = bob.page("/admin/no-such-page").await;
    assert_eq!(unknown.status, 404);
    let person = page_of(&bob);
    for path in [
        "/admin",
        "/admin/usage",
        "/admin/models",
        "/admin/audit",
        "/admin/audit/table",
        person.as_str(),
    ] {
        let page = bob.page(path).await;
        assert_eq!(page.status, 404, "{path}");
        assert_eq!(told(&page.body), told(&unknown.body), "{path}");
        let nobody = server.anybody().page(path).await;
        assert_eq!(nobody.headers[header::LOCATION], "/sign-in", "{path}");
        assert_eq!(admin.page(path).await.status, 200, "{path}");
    }
    let refused = submit(&bob, &format!("{person}/role"), &[("role", "admin")]).await;
    assert_eq!(refused.problem(), ProblemCode::MethodNotAllowed);
    let id = bob.user.as_ref().unwrap().id;
    assert_eq!(server.store().user(id).await.unwrap().unwrap().role, Role::User);
    assert!(!bob.page("/").await.body.contains("href=\"/admin\""));
    assert!(admin.page("/").await.body.contains("href=\"/admin\""));
}

#[tokio::test]
async fn forms_do_what_they_say_and_say_that_they_did() {
    let server = TestServer::answering(&["Hi."]).await;
    let admin = administrator(&server, "ada").await;
    let bob = server.sign_up("bob").await;
    let page = page_of(&bob);
    for (form, fields, done, said) in [
        (
            "lock",
            vec![("locked", "yes")],
            "locked",
            "The account is locked.",
        ),
        (
            "lock",
            vec![("locked", "no")],
            "unlocked",
            "The account is unlocked.",
        ),
        (
            "sign-out",
            vec![],
            "signed-out",
            "They are signed out everywhere.",
        ),
        (
            "limits",
            vec![("prompts_per_minute", "7"), ("document_mib", "2")],
            "limits",
            "The limits were changed.",
        ),
        ("role", vec![("role", "admin")], "role", "The role was changed."),
        ("role", vec![("role", "user")], "role", "The role was changed."),
    ] {
        let answer = submit(&admin, &format!("{page}/{form}"), &fields).await;
        assert_eq!(answer.location(), format!("{page}?done={done}"));
        let page = admin.page(answer.location()).await;
        assert!(page.body.contains(said), "{form}");
    }
    let account: Account = admin.get(&super::account_of(&bob)).await.json();
    assert_eq!(account.limits.prompts_per_minute, Some(7));
    assert_eq!(account.limits.document_quota, Some(2 * 1024 * 1024));
    // What is wrong comes back beside its field, with what was typed.
    let back = submit(&admin, &format!("{page}/limits"), &[("prompts_per_day", "many")]).await;
    assert_eq!(back.status, 400);
    assert!(
        back.body.contains("Must be a whole number, or empty."),
        "{}",
        back.body
    );
    assert!(back.body.contains("value=\"many\""));
    // Words of an address are not repeated.
    let page = admin.page(&format!("{page}?done=pwned")).await;
    assert!(!page.body.contains("pwned"));
}

#[tokio::test]
async fn a_link_is_shown_on_the_page_that_answers_and_nowhere_else() {
    let server = TestServer::answering(&["Hi."]).await;
    let admin = administrator(&server, "ada").await;
    let bob = server.sign_up("bob").await;
    let page = page_of(&bob);
    let answer = submit(&admin, &format!("{page}/password-link"), &[]).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("/new-password?code="), "{}", answer.body);
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    assert!(!admin.page(&page).await.body.contains("/new-password?code="));
    let answer = submit(&admin, "/admin/invite", &[("days", "2")]).await;
    assert!(answer.body.contains("/sign-up?invite="), "{}", answer.body);
    let back = submit(&admin, "/admin/invite", &[("days", "1000")]).await;
    assert_eq!(back.status, 400);
}

#[tokio::test]
async fn an_account_is_deleted_only_when_its_address_is_typed() {
    let server = TestServer::answering(&["Hi."]).await;
    let admin = administrator(&server, "ada").await;
    let bob = server.sign_up("bob").await;
    let page = page_of(&bob);
    let back = submit(
        &admin,
        &format!("{page}/delete"),
        &[("address", "eve@example.org")],
    )
    .await;
    assert_eq!(back.status, 400);
    assert_eq!(bob.get("/auth/me").await.status, 200);
    let gone = submit(
        &admin,
        &format!("{page}/delete"),
        &[("address", " Bob@example.org ")],
    )
    .await;
    assert_eq!(gone.location(), "/admin?done=deleted");
    assert!(
        admin
            .page("/admin?done=deleted")
            .await
            .body
            .contains("The account was deleted.")
    );
    assert_eq!(admin.page(&page).await.status, 404);
}

#[tokio::test]
async fn the_pages_show_what_the_api_says_without_an_inline_style() {
    let server = TestServer::answering(&["Hi there."]).await;
    let admin = administrator(&server, "ada").await;
    let mut chat = admin.open_chat(&server).await;
    chat.say("hello").await;
    chat.reply().await;
    for (path, shown) in [
        ("/admin", "ada@example.org"),
        ("/admin?q=ad", "ada@example.org"),
        ("/admin?q=nobody", "Nobody has such an address."),
        ("/admin/usage?days=7", "Who asked most"),
        ("/admin/usage?days=90", "chart__drawing"),
        ("/admin/models", "What answers"),
        ("/admin/audit", "Made an account"),
        ("/admin/audit?kind=locked", "There are no such lines."),
    ] {
        let page = admin.page(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.body.contains(shown), "{path}: {}", page.body);
        assert!(!page.body.contains(" style=\""), "{path}");
    }
}
