//! The service worker: a script that the browser keeps, which shows `/offline` when the server cannot be reached. It is told
//! the name of the build, so that a new build brings a new one and forgets what the one before kept.

use super::{files_of, site};
use crate::app::AppState;
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

const SCRIPT: &str = include_str!("service-worker.js");
/// The page that it keeps.
const OFFLINE: &str = "/offline";
/// It asks this server, and nobody else.
const POLICY: &str = "default-src 'none'; connect-src 'self'";

/// `GET /service-worker.js`.
pub(super) async fn script(State(app): State<AppState>) -> Response {
    let sheet = files_of(&site(&app), OFFLINE).style;
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, of_build(&sheet)).into_response()
}

/// The style sheet of that page has the name of its build.
fn of_build(sheet: &str) -> String {
    SCRIPT.replace("@BUILD@", sheet)
}

#[cfg(test)]
mod tests {
    use super::of_build;

    #[test]
    fn each_build_has_a_service_worker_of_its_own() {
        let script = of_build("pages.0123");
        assert!(script.contains("'parlance-pages.0123'"));
        assert!(script.contains("'/pkg/pages.0123.css'"));
        assert!(!script.contains('@'));
    }
}
