//! `/metrics`: what is counted, and who may read it.

use crate::{
    rest::TestApp,
    world::{Chat, Person, TestServer},
};
use axum::http::{Method, header};
use wire::ProblemCode;

const TOKEN: &str = "a-token-for-the-metrics";

async fn page(person: &Person) -> String {
    let answer = Person {
        token: String::new(),
        ..person.clone()
    }
    .get("/metrics")
    .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(
        answer.headers[header::CONTENT_TYPE]
            .to_str()
            .unwrap()
            .starts_with("application/openmetrics-text")
    );
    assert!(answer.body.ends_with("# EOF\n"));
    answer.body
}

/// The value of the one series whose line begins so.
#[track_caller]
fn value(page: &str, series: &str) -> f64 {
    let lines: Vec<&str> = page.lines().filter(|line| line.starts_with(series)).collect();
    assert_eq!(lines.len(), 1, "{series} in\n{page}");
    lines[0].rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_chat_is_counted_from_its_requests_to_its_tokens() {
    let server = TestServer::answering(&["Hel", "lo", "."]).await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    chat.say("hello").await;
    chat.reply().await;
    let page = page(&alice).await;
    for (series, expected) in [
        (r#"parlance_generations_total{outcome="complete"}"#, 1.0),
        (r#"parlance_generations_total{outcome="failed"}"#, 0.0),
        ("parlance_generations_running ", 0.0),
        ("parlance_first_token_seconds_count ", 1.0),
        ("parlance_token_gap_seconds_count ", 2.0),
        ("parlance_generation_duration_seconds_count ", 1.0),
        (r#"parlance_tokens_total{kind="completion"}"#, 3.0),
        ("parlance_sockets_open ", 1.0),
        ("parlance_resumes_total ", 0.0),
        ("parlance_model_ready ", 1.0),
        (
            r#"parlance_http_request_duration_seconds_count{route="/auth/register",method="POST",status="2xx"}"#,
            1.0,
        ),
        (
            r#"parlance_http_request_duration_seconds_count{route="/ws/chat/{session_id}",method="GET",status="1xx"}"#,
            1.0,
        ),
        (
            r#"parlance_store_operation_duration_seconds_count{operation="finish_generation",result="ok"}"#,
            1.0,
        ),
    ] {
        assert_eq!(value(&page, series), expected, "{series}");
    }
    assert!(value(&page, "process_resident_memory_bytes ") > 1_000_000.0);
    assert!(value(&page, "process_open_fds ") > 0.0);
}

#[tokio::test]
async fn no_label_says_who_somebody_is_or_what_they_typed() {
    let server = TestServer::answering(&["Hello."]).await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    chat.say("hello").await;
    chat.reply().await;
    let session = chat.session.as_ref().unwrap();
    for path in ["/auth/alice@example.org", "/a/page/of/mine", "/pkg/mine.wasm"] {
        alice.get(path).await;
    }
    let invented = Method::from_bytes(b"ALICE").unwrap();
    alice.request(invented, "/chatbot", "", &[]).await;
    let page = page(&alice).await;
    let ids = [
        alice.user.as_ref().unwrap().id.to_string(),
        session.session_id.to_string(),
        session.conversation_id.to_string(),
    ];
    for typed in ["alice", "ALICE", "/a/page", "mine.wasm", "hello"] {
        assert!(!page.contains(typed), "{typed} in\n{page}");
    }
    for id in ids {
        assert!(!page.contains(&id), "{id} in\n{page}");
    }
    assert!(
        page.contains(r#"route="(unknown)""#) && page.contains(r#"method="other""#),
        "{page}"
    );
}

#[tokio::test]
async fn who_comes_back_and_who_is_refused_is_counted() {
    let (server, mut script) = TestServer::scripted_with(|config| config.chat.sockets_per_user = 1).await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    chat.say("hello").await;
    let mut call = script.next_call().await;
    let generation = chat.response_start().await;
    chat.say("and?").await;
    assert_eq!(chat.next_error().await, ProblemCode::GenerationRunning);
    let session = chat.session.as_ref().unwrap().session_id.to_string();
    let mut second = Chat::connect(&alice, &session, "").await.unwrap();
    assert_eq!(second.next_error().await, ProblemCode::TooManySockets);
    second.close_code().await;
    assert_eq!(value(&page(&alice).await, "parlance_generations_running "), 1.0);

    chat.tell(&wire::socket::ClientEvent::Resume {
        generation_id: generation,
        after_seq: 0,
    })
    .await;
    chat.tell(&wire::socket::ClientEvent::Ping).await;
    chat.until(|event| matches!(event, wire::socket::ServerEvent::Pong).then_some(()))
        .await;
    call.say("Hello.");
    call.finish();
    chat.rest_of_reply(0).await;
    let page = page(&alice).await;
    assert_eq!(value(&page, "parlance_resumes_total "), 1.0);
    for limit in ["generation_running", "too_many_sockets"] {
        let series = format!("parlance_limits_hit_total{{limit=\"{limit}\"}}");
        assert_eq!(value(&page, &series), 1.0, "{limit}");
    }
    let guesses = r#"{"email":"bob@example.org","password":"wrong wrong"}"#;
    while server.anybody().post("/auth/login", guesses).await.status != 429 {}
    let page = self::page(&alice).await;
    assert_eq!(
        value(&page, r#"parlance_limits_hit_total{limit="rate_limited"}"#),
        1.0
    );
}

#[tokio::test]
async fn without_a_token_only_this_machine_reads_and_nobody_through_a_proxy() {
    let server = TestServer::answering(&[]).await;
    let anybody = server.anybody();
    page(&anybody).await;
    for header in [
        ("x-forwarded-for", "127.0.0.1"),
        ("forwarded", "for=127.0.0.1"),
        ("host", "chat.example.org"),
    ] {
        let refused = anybody.request(Method::GET, "/metrics", "", &[header]).await;
        assert_eq!(refused.problem(), ProblemCode::Forbidden, "{header:?}");
        assert!(
            refused.body.contains("PARLANCE_METRICS_TOKEN"),
            "the cure: {}",
            refused.body
        );
    }
    let (behind_a_proxy, _script) = TestServer::scripted_with(|config| {
        config.http.public_url = Some("https://chat.example.org".into());
    })
    .await;
    let refused = behind_a_proxy.anybody().get("/metrics").await;
    assert_eq!(refused.problem(), ProblemCode::Forbidden);
}

#[tokio::test]
async fn who_comes_by_no_socket_at_all_is_not_this_machine() {
    let app = TestApp::start().await;
    app.anyone()
        .get("/metrics")
        .await
        .expect_problem(403, "forbidden");
}

#[tokio::test]
async fn with_a_token_whoever_shows_it_reads_and_nobody_else() {
    let (server, _script) = TestServer::scripted_with(|config| {
        config.telemetry.metrics_token = Some(TOKEN.into());
        config.http.trust_proxy = true;
    })
    .await;
    let anybody = server.anybody();
    let ask = async |token: &str| {
        let authorization = format!("Bearer {token}");
        let headers = [
            ("authorization", authorization.as_str()),
            ("x-forwarded-for", "203.0.113.9"),
        ];
        anybody.request(Method::GET, "/metrics", "", &headers).await
    };
    assert_eq!(ask(TOKEN).await.status, 200);
    for wrong in ["", "a-token-for-the-metric", "a-token-for-the-metrics-"] {
        assert_eq!(
            ask(wrong).await.problem(),
            ProblemCode::Unauthenticated,
            "{wrong:?}"
        );
    }
    let alice = server.sign_up("alice").await;
    assert_eq!(ask(&alice.token).await.problem(), ProblemCode::Unauthenticated);
    assert_eq!(
        anybody.get("/metrics").await.problem(),
        ProblemCode::Unauthenticated
    );
}
