//! `GET /info`: what a page needs to know before anybody signs in.

use crate::app::{App, AppState};
use axum::{Json, extract::State};
use llm::ModelStatus;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::auth::{ModelInfo, ModelState, ServerInfo};

/// The small model that the first start brings, by the letters and digits of its name: the interface tells its users
/// to expect little of it.
const STARTER: &str = "smollm2135m";

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(info))
}

/// What a page needs to know before anybody signs in.
#[utoipa::path(
    get,
    path = "/info",
    tag = "accounts",
    security(()),
    responses((status = 200, body = ServerInfo, description = "As of now."))
)]
async fn info(State(app): State<AppState>) -> Json<ServerInfo> {
    Json(server_info(&app))
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
