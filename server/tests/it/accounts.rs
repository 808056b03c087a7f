//! `parlance user …`, beside a running server on the same database.

use crate::rest::{PASSWORD, TestApp, invitation};
use clap::{Parser, ValueEnum};
use serde_json::json;
use server::{
    command::user::{self, UserCommand},
    config::RegistrationArg,
    startup::open_store,
};
use std::time::Duration;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    command: UserCommand,
}

/// What `parlance user <words>` prints, or why it does not.
async fn parlance_user(app: &TestApp, words: &[&str], input: &str) -> Result<String, String> {
    let data = app.folder.path().to_str().unwrap();
    let line = ["parlance user", "--data", data]
        .into_iter()
        .chain(words.iter().copied());
    let command = Line::try_parse_from(line)
        .map_err(|error| error.to_string())?
        .command;
    // Another process would open the file for itself, too.
    let store = open_store(app.folder.path()).unwrap();
    let mut output = Vec::new();
    user::run(command, &store, &app.clock, &mut input.as_bytes(), &mut output)
        .await
        .map_err(|error| error.to_string())?;
    Ok(String::from_utf8(output).unwrap())
}

#[tokio::test]
async fn who_is_added_signs_in_with_the_password_that_was_printed() {
    let app = TestApp::start().await;
    let printed = parlance_user(&app, &["add", "Ada@example.org", "--admin"], "")
        .await
        .unwrap();
    let password = printed
        .lines()
        .find_map(|line| line.strip_prefix("Password: "))
        .unwrap();
    let signed_in = app.anyone().log_in("ada", password).await.expect(200);
    assert_eq!(signed_in["user"]["role"], "admin");
}

#[tokio::test]
async fn a_password_from_standard_input_is_not_printed() {
    let app = TestApp::start().await;
    let input = format!("{PASSWORD}\r\n");
    let printed = parlance_user(&app, &["add", "ada@example.org", "--password-stdin"], &input)
        .await
        .unwrap();
    assert!(
        !printed.contains(PASSWORD) && !printed.contains("Password"),
        "{printed}"
    );
    app.anyone().log_in("ada", PASSWORD).await.expect(200);
    let error = parlance_user(&app, &["add", "bob@example.org", "--password-stdin"], "short\n")
        .await
        .unwrap_err();
    assert!(error.contains("8 characters"), "{error}");
}

#[tokio::test]
async fn mistakes_are_said_with_their_cure() {
    let app = TestApp::start().await;
    app.sign_up("ada").await;
    let error = parlance_user(&app, &["add", "ada@example.org"], "")
        .await
        .unwrap_err();
    assert!(
        error.contains("parlance user password ada@example.org"),
        "{error}"
    );
    let error = parlance_user(&app, &["role", "nobody@example.org", "admin"], "")
        .await
        .unwrap_err();
    assert!(error.contains("parlance user list"), "{error}");
    let error = parlance_user(&app, &["add", "nobody"], "").await.unwrap_err();
    assert!(error.contains("e-mail"), "{error}");
}

#[tokio::test]
async fn a_new_password_signs_out_everywhere() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    let words = ["password", "ada@example.org", "--password-stdin"];
    parlance_user(&app, &words, "another horse\n").await.unwrap();
    ada.get("/auth/me").await.expect_problem(401, "unauthenticated");
    ada.post_nothing("/auth/refresh")
        .await
        .expect_problem(401, "unauthenticated");
    ada.log_in("ada", PASSWORD)
        .await
        .expect_problem(401, "wrong_credentials");
    ada.log_in("ada", "another horse").await.expect(200);
}

#[tokio::test]
async fn a_new_role_holds_from_the_next_sign_in_and_is_listed() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    app.clock.advance(Duration::from_secs(1));
    app.sign_up("bob").await;
    parlance_user(&app, &["role", "ada@example.org", "admin"], "")
        .await
        .unwrap();
    ada.get("/auth/me").await.expect_problem(401, "unauthenticated");
    let signed_in = ada.log_in("ada", PASSWORD).await.expect(200);
    assert_eq!(signed_in["user"]["role"], "admin");
    let listed = parlance_user(&app, &["list"], "").await.unwrap();
    let expected =
        "ada@example.org\tadmin\t2023-11-14T22:13:20.000Z\nbob@example.org\tuser\t2023-11-14T22:13:21.000Z\n";
    assert_eq!(listed, expected);
}

#[tokio::test]
async fn an_invitation_lets_one_person_in_while_it_lasts() {
    let invited_only = RegistrationArg::from_str("invitation", false).unwrap();
    let app = TestApp::start_with(|config| config.auth.registration = invited_only).await;
    let account = |name: &str, link: &str| json!({"email": format!("{name}@example.org"), "password": PASSWORD, "invitation": invitation(link)});
    let words = [
        "invite",
        "--days",
        "2",
        "--public-url",
        "https://chat.example.org/",
    ];
    let link = parlance_user(&app, &words, "").await.unwrap();
    assert!(
        link.starts_with("https://chat.example.org/sign-up?invite="),
        "{link}"
    );
    let signed_in = app
        .anyone()
        .post("/auth/register", account("ada", &link))
        .await
        .expect(200);
    assert_eq!(signed_in["user"]["role"], "user");
    let again = app.anyone().post("/auth/register", account("bob", &link)).await;
    again.expect_problem(403, "registration_not_allowed");

    let late = parlance_user(&app, &words, "").await.unwrap();
    app.clock.advance(Duration::from_secs(2 * 24 * 60 * 60));
    let reply = app.anyone().post("/auth/register", account("bob", &late)).await;
    reply.expect_problem(403, "registration_not_allowed");
}
