//! One line a request, one a generation, and nothing of what was said.

use super::story;
use serde_json::Value;

#[tokio::test]
async fn the_whole_log_of_a_chat_has_no_word_of_it_and_nothing_of_its_people() {
    for format in ["text", "json"] {
        let program = story::start(&["--log", "trace", "--log-format", format], &[]).await;
        let secrets = story::chat(&program).await;
        let log = program.stop().await;
        assert!(log.contains("Generation"), "the log is not empty:\n{log}");
        secrets.assert_none_in(&format!("{format} log"), &log);
    }
}

#[tokio::test]
async fn a_request_is_one_line_with_its_routes_template_and_a_generation_one_with_its_figures() {
    let program = story::start(&["--log-format", "json"], &[]).await;
    story::chat(&program).await;
    program.anybody().get("/healthz").await;
    let log = program.stop().await;
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let requests = |route: &str| -> Vec<&Value> {
        lines
            .iter()
            .filter(|line| line["message"] == "Request" && line["route"] == route)
            .collect()
    };
    let opened = requests("/chatbot/{id}/session");
    assert_eq!(opened.len(), 1, "{log}");
    assert_eq!(
        (&opened[0]["method"], &opened[0]["status"]),
        (&"POST".into(), &200.into())
    );
    assert!(opened[0]["duration_ms"].is_number());
    assert_eq!(opened[0]["request.id"].as_str().unwrap().len(), 32);

    let generations: Vec<&Value> = lines
        .iter()
        .filter(|line| line["message"] == "Generation")
        .collect();
    assert_eq!(generations.len(), 1, "{log}");
    let generation = generations[0];
    assert_eq!(generation["outcome"], "complete");
    assert_eq!(generation["chunks"], 3);
    assert_eq!(generation["prompt_tokens"], 5);
    assert_eq!(generation["completion_tokens"], 3);
    assert!(
        generation["first_token_ms"].as_f64() <= generation["duration_ms"].as_f64(),
        "{generation}"
    );
    assert_eq!(
        generation["user.id"], opened[0]["user.id"],
        "who asked is who was answered"
    );

    // Guesses have no user; an unknown path and a page are not named as they were typed; probes are at debug.
    assert_eq!(requests("/auth/login")[0]["user.id"], Value::Null);
    assert_eq!(requests("(unknown)")[0]["status"], 404);
    assert!(!requests("(page)").is_empty());
    assert!(requests("/healthz").is_empty());
}
