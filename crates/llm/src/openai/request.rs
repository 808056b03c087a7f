//! What is sent: the body of `POST /chat/completions`.

use crate::{ChatRequest, ChatRole, ModelError};
use serde::Serialize;

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    stream: bool,
    stream_options: StreamOptions,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

pub(super) fn body(
    request: &ChatRequest,
    model: &str,
    max_tokens: Option<u32>,
) -> Result<Vec<u8>, ModelError> {
    let messages = request
        .turns
        .iter()
        .map(|turn| Message {
            role: role(turn.role),
            content: &turn.text,
        })
        .collect();
    let body = Body {
        model: request.model.as_deref().unwrap_or(model),
        messages,
        stream: true,
        stream_options: StreamOptions { include_usage: true },
        temperature: request.temperature,
        max_tokens,
    };
    serde_json::to_vec(&body).map_err(|error| ModelError::Refused(error.to_string()))
}

fn role(role: ChatRole) -> &'static str {
    match role {
        ChatRole::System => "system",
        ChatRole::User => "user",
        ChatRole::Assistant => "assistant",
    }
}
