//! What is counted, once, and how the models do.

use super::administrator;
use crate::world::TestServer;
use llm::ModelError;
use std::time::Duration;
use wire::{
    admin::{HealthReport, HealthState, UsageCounts, UsageReport},
    socket::ClientEvent,
};

#[tokio::test]
async fn answers_failures_and_stops_are_counted_when_they_end() {
    let (server, mut script) = TestServer::scripted().await;
    let admin = administrator(&server, "ada").await;
    let bob = server.sign_up("bob").await;
    let mut chat = bob.open_chat(&server).await;
    chat.say("one").await;
    let mut call = script.next_call().await;
    call.say("Yes.");
    let empty: UsageReport = admin.get("/admin/api/usage?days=7").await.json();
    assert_eq!(empty.total, UsageCounts::default(), "it has not ended");
    call.finish();
    chat.reply().await;
    chat.say("two").await;
    script
        .next_call()
        .await
        .fail(ModelError::BrokeOff("too warm".into()));
    chat.reply().await;
    server.clock.advance(Duration::from_secs(24 * 60 * 60));
    let bob = bob.sign_in_again().await;
    let mut chat = bob.open_chat(&server).await;
    chat.say("three").await;
    let mut call = script.next_call().await;
    call.say("Well");
    chat.chunk().await;
    chat.tell(&ClientEvent::Stop).await;
    chat.until(|event| match event {
        wire::socket::ServerEvent::ResponseComplete { .. } => Some(()),
        _ => None,
    })
    .await;

    let admin = admin.sign_in_again().await;
    let report: UsageReport = admin.get("/admin/api/usage?days=7").await.json();
    assert_eq!(report.days.len(), 7);
    assert_eq!(report.days[6].day, "2023-11-15");
    let of_day = |day: usize| {
        let UsageCounts {
            prompts,
            answers,
            failures,
            ..
        } = report.days[day].counts;
        (prompts, answers, failures)
    };
    assert_eq!([of_day(5), of_day(6)], [(2, 1, 1), (1, 0, 0)]);
    assert_eq!(report.total.prompts, 3);
    assert_eq!(report.models.len(), 1);
    assert_eq!(report.models[0].counts, report.total);
    assert_eq!(report.users[0].email.as_deref(), Some("bob@example.org"));
    assert_eq!(report.users[0].counts, report.total);
    let too_many = admin.get("/admin/api/usage?days=367").await;
    assert_eq!(too_many.problem(), wire::ProblemCode::InvalidField);
}

#[tokio::test]
async fn health_says_what_came_of_asking_the_model() {
    let (server, mut script) = TestServer::scripted().await;
    let admin = administrator(&server, "ada").await;
    let mut chat = admin.open_chat(&server).await;
    chat.say("one").await;
    let mut call = script.next_call().await;
    call.say("Yes.");
    call.finish();
    chat.reply().await;
    chat.say("two").await;
    script
        .next_call()
        .await
        .fail(ModelError::BrokeOff("too warm".into()));
    chat.reply().await;
    let report: HealthReport = admin.get("/admin/api/health").await.json();
    let model = &report.models[0];
    assert_eq!(report.models.len(), 1);
    assert_eq!(model.state, HealthState::Ready);
    assert!(model.last_success_at.is_some() && model.last_error_at.is_some());
    assert!(
        model.last_error.as_ref().unwrap().contains("too warm"),
        "{model:?}"
    );
    assert_eq!((report.running, report.waiting), (0, 0));
    assert_eq!(report.embedding, None);
}
