//! What an administrator does to other people's accounts.

use super::{account_of, administrator};
use crate::world::{PASSWORD, TestServer};
use axum::http::Method;
use std::time::Duration;
use wire::{
    ProblemCode,
    admin::{Account, AccountPage, OneTimeLink},
    auth::{Role, SignedIn},
    socket::CloseReason,
};

#[tokio::test]
async fn to_anybody_else_there_is_no_administration() {
    let server = TestServer::answering(&["Hi."]).await;
    let admin = administrator(&server, "ada").await;
    let bob = server.sign_up("bob").await;
    let unknown = bob.get("/auth/no-such-thing").await;
    let of_admin = account_of(&admin);
    for (method, path) in [
        (Method::GET, "/admin/api/user"),
        (Method::GET, of_admin.as_str()),
        (Method::DELETE, of_admin.as_str()),
        (Method::GET, "/admin/api/usage"),
        (Method::GET, "/admin/api/health"),
        (Method::GET, "/admin/api/audit"),
        (Method::GET, "/admin/api/audit.csv"),
        (Method::GET, "/admin/api/no-such-thing"),
    ] {
        let answer = bob.request(method.clone(), path, "", &[]).await;
        assert_eq!(answer.problem(), ProblemCode::NotFound, "{method} {path}");
        assert_eq!(answer.status, unknown.status);
        let nobody = server.anybody().request(method, path, "", &[]).await;
        let expected = [ProblemCode::Unauthenticated, ProblemCode::NotFound];
        assert!(expected.contains(&nobody.problem()), "{path}");
    }
    assert_eq!(admin.get("/admin/api/user").await.status, 200);
    // A role that was taken away is gone with the next request.
    let carol = administrator(&server, "carol").await;
    server
        .store()
        .set_role(carol.user.as_ref().unwrap().id, Role::User)
        .await
        .unwrap();
    assert_eq!(
        carol.get("/admin/api/user").await.problem(),
        ProblemCode::NotFound
    );
}

#[tokio::test]
async fn people_are_found_by_their_address_page_by_page() {
    let server = TestServer::answering(&["Hi."]).await;
    let admin = administrator(&server, "root").await;
    for name in ["bea", "bob", "eve"] {
        server.sign_up(name).await;
    }
    let names = |page: &AccountPage| {
        let names = page
            .users
            .iter()
            .map(|user| user.email.split('@').next().unwrap().to_owned());
        names.collect::<Vec<_>>().join(" ")
    };
    let page: AccountPage = admin.get("/admin/api/user?limit=2").await.json();
    assert_eq!(names(&page), "bea bob");
    let next = page.next.unwrap().replace('@', "%40");
    let page: AccountPage = admin
        .get(&format!("/admin/api/user?limit=2&after={next}"))
        .await
        .json();
    assert_eq!(names(&page), "eve root");
    let page: AccountPage = admin.get("/admin/api/user?q=B").await.json();
    assert_eq!((names(&page), page.next), ("bea bob".into(), None));
    assert_eq!(page.defaults.prompts_per_minute, 20);
}

#[tokio::test]
async fn what_somebody_has_said_is_counted_beside_them() {
    let server = TestServer::answering(&["Hi."]).await;
    let admin = administrator(&server, "ada").await;
    let bob = server.sign_up("bob").await;
    let mut chat = bob.open_chat(&server).await;
    for words in ["one", "two"] {
        chat.say(words).await;
        chat.reply().await;
    }
    let page: AccountPage = admin.get("/admin/api/user").await.json();
    let counts: Vec<_> = page
        .users
        .iter()
        .map(|user| (user.email.as_str(), user.conversations, user.messages))
        .collect();
    assert_eq!(counts, [("ada@example.org", 0, 0), ("bob@example.org", 1, 4)]);
    // The list and their own page say so, too.
    let list = admin.page("/admin?q=bob").await.body;
    assert!(
        list.contains("<td class=\"ledger__number ledger__wide\">4</td>"),
        "{list}"
    );
    let own = format!("/admin/user/{}", bob.user.as_ref().unwrap().id);
    let own = admin.page(&own).await.body;
    assert!(own.contains("<dt>Messages</dt><dd>4</dd>"), "{own}");
}

#[tokio::test]
async fn who_is_locked_is_out_at_once_and_told_so_only_with_the_right_password() {
    let server = TestServer::answering(&["Hi."]).await;
    let admin = administrator(&server, "ada").await;
    let bob = server.sign_up("bob").await;
    let mut chat = bob.open_chat(&server).await;
    let account: Account = admin.patch(&account_of(&bob), r#"{"locked":true}"#).await.json();
    assert!(account.locked_at.is_some());
    assert_eq!(chat.closed_because().await.0, CloseReason::LoggedOut);
    assert_eq!(bob.get("/auth/me").await.problem(), ProblemCode::Unauthenticated);
    let log_in = |password: &str| {
        let body = serde_json::json!({"email": "bob@example.org", "password": password}).to_string();
        let nobody = server.anybody();
        async move { nobody.post("/auth/login", &body).await }
    };
    assert_eq!(
        log_in("wrong password").await.problem(),
        ProblemCode::WrongCredentials
    );
    let refused = log_in(PASSWORD).await;
    assert_eq!(refused.problem(), ProblemCode::AccountLocked);
    assert!(refused.body.contains("administrator"), "{}", refused.body);
    admin
        .patch(&account_of(&bob), r#"{"locked":false}"#)
        .await
        .json::<Account>();
    log_in(PASSWORD).await.json::<SignedIn>();
}

#[tokio::test]
async fn an_administrator_is_neither_made_nor_unmade_by_accident() {
    let server = TestServer::answering(&["Hi."]).await;
    let ada = administrator(&server, "ada").await;
    let bob = server.sign_up("bob").await;
    let refused = ada.patch(&account_of(&ada), r#"{"role":"user"}"#).await;
    assert_eq!(refused.problem(), ProblemCode::Forbidden, "oneself");

    let promoted: Account = ada.patch(&account_of(&bob), r#"{"role":"admin"}"#).await.json();
    assert_eq!(promoted.role, Role::Admin);
    assert_eq!(
        bob.get("/auth/me").await.problem(),
        ProblemCode::Unauthenticated,
        "a changed role signs out"
    );
    let bob = bob.sign_in_again().await;
    for refused in [
        ada.patch(&account_of(&bob), r#"{"locked":true}"#).await,
        ada.delete(&account_of(&bob)).await,
    ] {
        assert_eq!(refused.problem(), ProblemCode::Forbidden, "an administrator");
    }
    // One of the two goes, the other one stays.
    let demoted: Account = bob.patch(&account_of(&ada), r#"{"role":"user"}"#).await.json();
    assert_eq!(demoted.role, Role::User);
    let ada = ada.sign_in_again().await;
    assert_eq!(ada.get("/admin/api/user").await.problem(), ProblemCode::NotFound);
    assert!(server.store().has_admin().await.unwrap());
}

#[tokio::test]
async fn all_sign_ins_of_a_person_end_and_nobody_elses() {
    let server = TestServer::answering(&["Hi."]).await;
    let admin = administrator(&server, "ada").await;
    let bob = server.sign_up("bob").await;
    let elsewhere = bob.sign_in_again().await;
    let answer = admin.delete(&format!("{}/sign-in", account_of(&bob))).await;
    assert_eq!(answer.status, 204);
    for person in [&bob, &elsewhere] {
        assert_eq!(
            person.get("/auth/me").await.problem(),
            ProblemCode::Unauthenticated
        );
    }
    assert_eq!(admin.get("/auth/me").await.status, 200);
    bob.sign_in_again().await;
}

#[tokio::test]
async fn who_forgot_a_password_sets_a_new_one_by_a_link_once() {
    let server = TestServer::answering(&["Hi."]).await;
    let admin = administrator(&server, "ada").await;
    let bob = server.sign_up("bob").await;
    let make = || async {
        let answer = admin
            .post(&format!("{}/password-link", account_of(&bob)), "")
            .await;
        assert_eq!(answer.headers["cache-control"], "no-store");
        let made: OneTimeLink = answer.json();
        let at = made.link.find("/new-password?code=").unwrap();
        made.link[at..].to_owned()
    };
    let (first, second) = (make().await, make().await);
    let nobody = server.anybody();
    let page = nobody.page(&first).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("bob@example.org"), "{}", page.body);
    let code = page.hidden("code");
    let set = |code: String, password: &'static str| {
        let nobody = nobody.clone();
        async move {
            let fields = [("code", code.as_str()), ("new_password", password)];
            nobody.submit("/new-password", &fields).await
        }
    };
    let short = set(code.clone(), "short").await;
    assert_eq!(short.status, 400);
    assert!(
        !short.body.contains("value=\"short\""),
        "a password never comes back"
    );
    let new = "a whole new password";
    assert_eq!(set(code.clone(), new).await.location(), "/new-password?done=yes");
    assert_eq!(
        bob.get("/auth/me").await.problem(),
        ProblemCode::Unauthenticated,
        "signed out everywhere"
    );
    let body = serde_json::json!({"email": "bob@example.org", "password": new}).to_string();
    nobody.post("/auth/login", &body).await.json::<SignedIn>();
    // Used up; and one that was made for the old password is good no more.
    assert_eq!(set(code, "another password").await.status, 403);
    let page = nobody.page(&second).await;
    assert!(page.body.contains("used already, or is too old"), "{}", page.body);
    // One that is too old.
    let third = make().await;
    server.clock.advance(Duration::from_secs(25 * 60 * 60));
    assert!(nobody.page(&third).await.body.contains("too old"));
    // One that nobody was given.
    assert!(
        nobody
            .page("/new-password?code=AAAA")
            .await
            .body
            .contains("too old")
    );
}

#[tokio::test]
async fn who_is_invited_makes_an_account_where_registration_needs_it() {
    let (server, _script) = TestServer::scripted_with(|config| {
        config.auth.registration = server::config::RegistrationArg::Invitation;
    })
    .await;
    let ada = store::user::UserRecord {
        id: wire::UserId::from_uuid(uuid::Uuid::now_v7()),
        email: "ada@example.org".into(),
        password_hash: server.app.auth.passwords.hash(PASSWORD.into()).await.unwrap(),
        role: Role::Admin,
        created_at: server.app.clock.now(),
        profile: store::user::Profile::default(),
    };
    server.store().create_user(ada).await.unwrap();
    let body = serde_json::json!({"email": "ada@example.org", "password": PASSWORD}).to_string();
    let admin = server.anybody().signed_in("/auth/login", &body).await;
    let made: OneTimeLink = admin.post("/admin/api/invitation", r#"{"days":3}"#).await.json();
    assert!(
        made.link
            .starts_with(&format!("http://{}/sign-up?invite=", server.address)),
        "{made:?}"
    );
    let code = made.link.rsplit('=').next().unwrap();
    let body = serde_json::json!({"email": "bob@example.org", "password": PASSWORD, "invitation": code});
    server
        .anybody()
        .post("/auth/register", &body.to_string())
        .await
        .json::<SignedIn>();
    let too_long = admin.post("/admin/api/invitation", r#"{"days":366}"#).await;
    assert_eq!(too_long.problem(), ProblemCode::InvalidField);
}

#[tokio::test]
async fn a_deleted_person_is_gone_with_what_they_had() {
    let server = TestServer::answering(&["Hi."]).await;
    let admin = administrator(&server, "ada").await;
    let bob = server.sign_up("bob").await;
    let mut chat = bob.open_chat(&server).await;
    chat.say("hello").await;
    chat.reply().await;
    assert_eq!(admin.delete(&account_of(&bob)).await.status, 204);
    chat.close_code().await;
    assert_eq!(bob.get("/auth/me").await.problem(), ProblemCode::Unauthenticated);
    assert_eq!(
        admin.get(&account_of(&bob)).await.problem(),
        ProblemCode::NotFound
    );
    // The address is free again, and whoever has it then is somebody else.
    let next = server.sign_up("bob").await;
    assert_ne!(next.user.as_ref().unwrap().id, bob.user.as_ref().unwrap().id);
    let account: Account = admin.get(&account_of(&next)).await.json();
    assert_eq!((account.usage.prompts, account.locked_at), (0, None));
}
