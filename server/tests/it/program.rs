//! The program itself, as an operator starts it: a process with flags, a model server to ask, and a log.

use crate::world::{PATIENCE, Person};
use axum::{Router, response::IntoResponse, routing::post};
use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread::JoinHandle,
};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::spawn_blocking};

/// A running `parlance serve` with a folder of its own.
pub(crate) struct Program {
    address: String,
    child: Running,
    /// Read as it comes, or the program would wait for us.
    log: JoinHandle<String>,
    /// `None`: the test has it.
    _folder: Option<TempDir>,
}

/// Ends with the test, whatever way the test ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ended_already = self.0.kill();
        let _ended_already = self.0.wait();
    }
}

impl Program {
    /// Starts it, and waits until it says where it listens. Nothing of our own environment reaches it.
    pub(crate) async fn start(flags: &[&str], environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = Self::start_in(folder.path(), flags, environment).await;
        Self {
            _folder: Some(folder),
            ..program
        }
    }

    /// The same, in a folder that outlives it.
    pub(crate) async fn start_in(data: &Path, flags: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_parlance"))
            .args(["serve", "--port", "0", "--data"])
            .arg(data)
            .args(flags)
            .env_clear()
            .env("PARLANCE_TITLES", "prompt")
            .env("PARLANCE_GUIDE_DOCUMENTS", "off")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut log = String::new();
            stderr.read_to_string(&mut log).unwrap();
            log
        });
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (port, said) = mpsc::channel();
        // To the end, so that it never waits for us.
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if let Some(url) = line.strip_prefix("Parlance listens on ") {
                    port.send(url.rsplit(':').next().unwrap().to_owned()).unwrap();
                }
            }
        });
        let port = spawn_blocking(move || said.recv_timeout(PATIENCE))
            .await
            .unwrap()
            .expect("the program says where it listens");
        Self {
            address: format!("127.0.0.1:{port}"),
            child: Running(child),
            log,
            _folder: None,
        }
    }

    /// Somebody who has not signed in.
    pub(crate) fn anybody(&self) -> Person {
        Person::at(&self.address)
    }

    /// Ends it as a power cut does: nothing is finished.
    pub(crate) async fn kill(self) {
        let Self {
            mut child, _folder, ..
        } = self;
        child.0.kill().unwrap();
        spawn_blocking(move || child.0.wait().unwrap()).await.unwrap();
    }

    /// Stops it as an operator does; what it logged from first to last.
    pub(crate) async fn stop(self) -> String {
        let Self {
            mut child,
            log,
            _folder,
            ..
        } = self;
        let id = child.0.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(told.success());
        let ending = spawn_blocking(move || (child.0.wait().unwrap(), log.join().unwrap()));
        let (ended, log) = tokio::time::timeout(PATIENCE, ending).await.unwrap().unwrap();
        assert!(ended.success(), "{ended}: {log}");
        log
    }
}

/// A model server that says the same to everybody; its base URL.
pub(crate) async fn model_server(words: &'static [&'static str]) -> String {
    let answer = move || async move {
        let events = words.iter().map(|word| {
            let delta = serde_json::json!({"choices": [{"index": 0, "delta": {"content": word}}]});
            format!("data: {delta}\n\n")
        });
        let usage = serde_json::json!({"prompt_tokens": 5, "completion_tokens": words.len()});
        let finish = serde_json::json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": usage});
        let body = events
            .chain([format!("data: {finish}\n\ndata: [DONE]\n\n")])
            .collect::<String>();
        ([("content-type", "text/event-stream")], body).into_response()
    };
    let address = serve(Router::new().route("/v1/chat/completions", post(answer))).await;
    format!("http://{address}/v1")
}

/// Serves on a free port for as long as the test runs; the address.
pub(crate) async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address.to_string()
}
