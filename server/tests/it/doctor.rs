//! `parlance doctor` and `parlance ready`, before servers, proxies and models that are well or not.

mod proxy;

use crate::world::TestServer;
use clap::Parser;
use proxy::{answering, proxy, without};
use server::{
    command::{
        doctor::{self, DoctorCommand, Finding, Verdict},
        ready,
    },
    config::Config,
    startup::Application,
};
use std::{net::SocketAddr, path::Path};
use tokio::sync::oneshot;

const MODELS: &str = r#"{"data":[{"id":"small"},{"id":"large"}]}"#;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    command: DoctorCommand,
}

/// The settings of a server whose model is at `model`, on a folder of its own.
fn settings(place: &Path, model: SocketAddr) -> Config {
    let site = place.join("site");
    std::fs::create_dir_all(site.join("pkg")).unwrap();
    for name in ["parlance.js", "parlance.css", "parlance.css.br"] {
        std::fs::write(site.join("pkg").join(name), "/* what the page needs */").unwrap();
    }
    let mut config = Config::defaults();
    config.http.port = 0;
    config.http.site = Some(site);
    config.store.data = place.join("data");
    // Whatever the environment of the tests has.
    config.store.mongodb_uri = None;
    config.model.model_path = None;
    config.model.openai_url = Some(format!("http://{model}/v1"));
    config.model.openai_model = "small".into();
    config.embedding.embedding_path = None;
    config.embedding.embedding_url = None;
    config
}

async fn examine(config: &Config, url: Option<String>) -> Vec<Finding> {
    let mut command = Line::parse_from(["parlance doctor"]).command;
    (command.config, command.url) = (config.clone(), url);
    let mut output = Vec::new();
    let found = doctor::examine(&command, &mut output).await.unwrap();
    let lines = String::from_utf8(output).unwrap();
    assert_eq!(lines.lines().count(), found.len(), "a line each: {lines}");
    found
}

/// What is not well, as it is printed.
fn troubles(found: &[Finding]) -> String {
    let troubles = found.iter().filter(|finding| finding.verdict != Verdict::Fine);
    troubles.map(|finding| format!("{finding}\n")).collect()
}

/// A server that runs as `parlance serve` runs it, until it is dropped.
struct Serving {
    config: Config,
    address: SocketAddr,
    _stop: oneshot::Sender<()>,
}

async fn serve(mut config: Config) -> Serving {
    let application = Application::build(config.clone()).await.unwrap();
    config.http.port = application.port();
    let (stop, stopped) = oneshot::channel();
    tokio::spawn(application.run_until(async move {
        let _dropped = stopped.await;
    }));
    Serving {
        address: SocketAddr::new(config.http.host, config.http.port),
        config,
        _stop: stop,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_well_is_called_so_from_inside_and_from_outside() {
    let place = tempfile::tempdir().unwrap();
    let server = serve(settings(place.path(), answering("200 OK", MODELS))).await;
    let found = examine(&server.config, Some(format!("http://{}", server.address))).await;
    assert_eq!(troubles(&found), "");
    let all: String = found.iter().map(|finding| format!("{finding}\n")).collect();
    for said in [
        &format!("a running server has it (process {})", std::process::id()),
        "a durable write takes",
        &format!("answers on {}", server.address),
        "the server answers, and has small",
        "upgrades come through",
        "pages from elsewhere cannot open sockets",
    ] {
        assert!(all.contains(said), "{said}: {all}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_the_first_start_nothing_is_wrong_and_nothing_is_made() {
    let place = tempfile::tempdir().unwrap();
    let config = settings(place.path(), answering("200 OK", MODELS));
    assert_eq!(troubles(&examine(&config, None).await), "");
    assert!(!config.store.data.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_proxy_does_to_sockets_is_told_with_its_cure() {
    let place = tempfile::tempdir().unwrap();
    let server = serve(settings(place.path(), answering("200 OK", MODELS))).await;
    let seen_through = async |change: fn(&str) -> String| {
        let proxy = proxy(server.address, change);
        troubles(&examine(&server.config, Some(format!("http://{proxy}"))).await)
    };
    assert_eq!(
        seen_through(str::to_owned).await,
        "",
        "a proxy that changes nothing"
    );

    let no_upgrade = seen_through(|head| without(&without(head, "upgrade"), "connection")).await;
    assert!(no_upgrade.contains("FAILURE  sockets"), "{no_upgrade}");
    assert!(
        no_upgrade.contains("the headers Upgrade and Connection"),
        "{no_upgrade}"
    );

    let other_host =
        seen_through(|head| without(head, "host").replacen("\r\n", "\r\nHost: upstream\r\n", 1)).await;
    assert!(other_host.contains("takes http://127.0.0.1"), "{other_host}");
    assert!(
        other_host.contains("PARLANCE_PUBLIC_URL=http://127.0.0.1"),
        "{other_host}"
    );

    let no_origin = seen_through(|head| without(head, "origin")).await;
    assert!(no_origin.contains("warning  origins"), "{no_origin}");

    let no_brotli = seen_through(|head| without(head, "accept-encoding")).await;
    assert!(no_brotli.contains("uncompressed"), "{no_brotli}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_does_not_lead_to_parlance_is_told_by_what_is_there() {
    let place = tempfile::tempdir().unwrap();
    let config = settings(place.path(), answering("200 OK", MODELS));
    let at = async |url: String| troubles(&examine(&config, Some(url)).await);
    let lost = at(format!("http://{}", answering("502 Bad Gateway", "<html>"))).await;
    assert!(lost.contains("does not reach Parlance (HTTP 502)"), "{lost}");
    let other = answering("200 OK", "ok\n");
    let stranger = at(format!("http://{other}")).await;
    assert!(stranger.contains("something else answers"), "{stranger}");
    let plain = at(format!("https://{other}")).await;
    assert!(plain.contains("no encrypted connection"), "{plain}");
    let nobody = at("http://127.0.0.1:9".into()).await;
    assert!(nobody.contains("no connection"), "{nobody}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_know_its_address_by_tls_is_told_to_say_it() {
    let place = tempfile::tempdir().unwrap();
    let mut config = settings(place.path(), answering("200 OK", MODELS));
    config.http.public_url = Some("https://chat.example.org".into());
    let server = serve(config).await;
    let found = troubles(&examine(&server.config, Some(format!("http://{}", server.address))).await);
    assert!(found.contains("for a stranger's page"), "{found}");
    assert!(found.contains("set PARLANCE_TRUST_PROXY=true"), "{found}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_is_not_there_or_refuses_is_told_with_its_cure() {
    let place = tempfile::tempdir().unwrap();
    let with_model = async |model: SocketAddr| troubles(&examine(&settings(place.path(), model), None).await);
    let refused = with_model(answering("401 Unauthorized", "{}")).await;
    assert!(
        refused.contains("FAILURE  model") && refused.contains("PARLANCE_OPENAI_KEY"),
        "{refused}"
    );
    let gone = with_model("127.0.0.1:9".parse().unwrap()).await;
    assert!(gone.contains("cannot be reached"), "{gone}");
    let others = with_model(answering("200 OK", r#"{"data":[{"id":"large"}]}"#)).await;
    assert!(
        others.contains("warning  model") && others.contains("it has large"),
        "{others}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_container_asks_whether_its_server_is_ready() {
    let server = TestServer::answering(&["Hi."]).await;
    let address: SocketAddr = server.address.parse().unwrap();
    assert_eq!(ready::ask(address).await, Ok(()));
    server.stop().await;
    let gone = ready::ask(address).await.unwrap_err();
    assert!(gone.contains("nothing is ready"), "{gone}");
    let other = ready::ask(answering("200 OK", "ready\n")).await.unwrap_err();
    assert_eq!(
        other, "not ready: HTTP 200",
        "somebody else's words are not repeated"
    );
}
