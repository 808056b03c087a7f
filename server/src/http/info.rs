//! `GET /info`: what a page needs to know before anybody signs in.

use crate::app::{App, AppState};
use axum::{Json, Router, extract::State, routing::get};
use llm::ModelStatus;
use wire::auth::{ModelInfo, ModelState, ServerInfo};

/// The small model that the first start brings, by the letters and digits of its name: the interface tells its users
/// to expect little of it.
const STARTER: &str = "smollm2135m";

pub(crate) fn routes() -> Router<AppState> {
    Router::new().route(
        "/info",
        get(|State(app): State<AppState>| async move { Json(server_info(&app)) }),
    )
}

/// As of now.
pub(crate) fn server_info(app: &App) -> ServerInfo {
    let name = app.model.name();
    ServerInfo {
        version: env!("CARGO_PKG_VERSION").into(),
        registration: app.config.auth.registration.into(),
        model: ModelInfo {
            starter: is_starter(&name),
            name,
            state: match app.model.status() {
                ModelStatus::Loading { .. } => ModelState::Loading,
                ModelStatus::Ready => ModelState::Ready,
                ModelStatus::Failed(_) => ModelState::Failed,
            },
        },
    }
}

fn is_starter(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    plain.to_ascii_lowercase().contains(STARTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_starter_is_known_however_its_name_is_written() {
        for name in [
            "SmolLM2-135M-Instruct",
            "SmolLM2 135M Instruct",
            "smollm2-135m-instruct.q4_1",
        ] {
            assert!(is_starter(name), "{name}");
        }
        assert!(!is_starter("SmolLM2-1.7B-Instruct"));
        assert!(!is_starter("gpt-5-mini"));
    }
}
