//! Limits of one user, from the next prompt on.

use super::{account_of, administrator};
use crate::world::TestServer;
use std::{num::NonZeroU32, time::Duration};
use wire::{ProblemCode, admin::Account};

#[tokio::test]
async fn who_may_ask_less_often_is_told_and_others_are_not_concerned() {
    let server = TestServer::answering(&["Hi."]).await;
    let admin = administrator(&server, "ada").await;
    let (bob, eve) = (server.sign_up("bob").await, server.sign_up("eve").await);
    let limits = r#"{"limits":{"prompts_per_minute":1}}"#;
    let account: Account = admin.patch(&account_of(&bob), limits).await.json();
    assert_eq!(account.limits.prompts_per_minute, Some(1));
    let mut chat = bob.open_chat(&server).await;
    chat.say("one").await;
    chat.reply().await;
    chat.say("two").await;
    assert_eq!(chat.next_error().await, ProblemCode::RateLimited);
    let mut other = eve.open_chat(&server).await;
    for _ in 0..3 {
        other.say("hello").await;
        other.reply().await;
    }
    // As everybody again.
    admin
        .patch(&account_of(&bob), r#"{"limits":{}}"#)
        .await
        .json::<Account>();
    chat.say("three").await;
    chat.reply().await;
}

#[tokio::test]
async fn a_days_prompts_are_used_up_until_midnight() {
    let (server, mut script) = TestServer::scripted_with(|config| config.chat.messages_per_day = 2).await;
    let bob = server.sign_up("bob").await;
    let mut chat = bob.open_chat(&server).await;
    for text in ["one", "two"] {
        chat.say(text).await;
        let mut call = script.next_call().await;
        call.say("Yes.");
        call.finish();
        chat.reply().await;
    }
    chat.say("three").await;
    assert_eq!(chat.next_error().await, ProblemCode::RateLimited);
    // Somebody may have more.
    let admin = administrator(&server, "ada").await;
    let more = r#"{"limits":{"prompts_per_day":3}}"#;
    admin.patch(&account_of(&bob), more).await.json::<Account>();
    chat.say("three").await;
    script.next_call().await.finish();
    chat.reply().await;
    chat.say("four").await;
    assert_eq!(chat.next_error().await, ProblemCode::RateLimited);
    // And tomorrow is another day.
    server.clock.advance(Duration::from_secs(24 * 60 * 60));
    let bob = bob.sign_in_again().await;
    let mut chat = bob.open_chat(&server).await;
    chat.say("five").await;
    script.next_call().await.finish();
    chat.reply().await;
}

#[tokio::test]
async fn who_may_have_fewer_answers_at_once_waits_for_the_first() {
    let (server, mut script) = TestServer::scripted_with(|config| {
        config.chat.generations_per_user = NonZeroU32::new(3).unwrap();
    })
    .await;
    let admin = administrator(&server, "ada").await;
    let bob = server.sign_up("bob").await;
    let one = r#"{"limits":{"generations":1}}"#;
    admin.patch(&account_of(&bob), one).await.json::<Account>();
    let mut chat = bob.open_chat(&server).await;
    chat.say("one").await;
    let first = script.next_call().await;
    let bot = chat.session.as_ref().unwrap().chatbot_id;
    let new = wire::session::OpenSession {
        new_conversation: true,
        ..wire::session::OpenSession::default()
    };
    let session = bob.open_session_with(bot, new).await;
    let mut other = bob.connect(&session).await;
    other.say("two").await;
    assert_eq!(other.queued().await, 0);
    first.finish();
    script.next_call().await.finish();
    other.reply().await;
}

#[tokio::test]
async fn a_limit_that_would_keep_somebody_out_is_refused() {
    let server = TestServer::answering(&["Hi."]).await;
    let admin = administrator(&server, "ada").await;
    let bob = server.sign_up("bob").await;
    for limits in [
        r#"{"limits":{"prompts_per_minute":0}}"#,
        r#"{"limits":{"generations":0}}"#,
    ] {
        let refused = admin.patch(&account_of(&bob), limits).await;
        assert_eq!(refused.problem(), ProblemCode::InvalidField, "{limits}");
    }
    let misspelt = admin
        .patch(&account_of(&bob), r#"{"limits":{"prompts":1}}"#)
        .await;
    assert_eq!(misspelt.problem(), ProblemCode::InvalidRequest);
}

#[tokio::test]
async fn a_quota_of_ones_own_holds_for_documents() {
    let server = TestServer::answering(&["Hi."]).await;
    let admin = administrator(&server, "ada").await;
    let bob = server.sign_up("bob").await;
    let shelf = bob.new_bot("Kettle", false).await;
    let upload = || shelf.try_upload("note.txt", b"The Zephyr whistles when its water boils.");
    admin
        .patch(&account_of(&bob), r#"{"limits":{"document_quota":10}}"#)
        .await
        .json::<Account>();
    assert_eq!(upload().await.problem(), ProblemCode::QuotaExceeded);
    admin
        .patch(&account_of(&bob), r#"{"limits":{"document_quota":1000}}"#)
        .await
        .json::<Account>();
    assert_eq!(upload().await.status, 202);
}
