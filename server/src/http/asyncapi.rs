//! `GET /asyncapi.json`: what is said on the socket, from the very types that say it (`wire::socket`).
//!
//! A message a variant. The tests hold every sample that the wire has pinned against its message here.

use super::openapi::{plain, to_bytes};
use crate::app::AppState;
use axum::{body::Bytes, response::Response};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;
use utoipa::{PartialSchema, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::socket::{ClientEvent, ServerEvent};

/// Written once.
static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| to_bytes(&document()));

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(asyncapi))
}

/// What is said on the socket.
#[utoipa::path(
    get,
    path = "/asyncapi.json",
    tag = "documents",
    security(()),
    responses((status = 200, content_type = "application/json", body = Object, description = "AsyncAPI 3.0."))
)]
async fn asyncapi() -> Response {
    super::openapi::json(DOCUMENT.clone())
}

fn document() -> Value {
    let mut schemas = Vec::new();
    ClientEvent::schemas(&mut schemas);
    ServerEvent::schemas(&mut schemas);
    let schemas: Map<String, Value> = schemas
        .into_iter()
        .map(|(name, schema)| (name, as_json(&schema)))
        .collect();
    let from_client = messages("client", "message_type", &as_json(&ClientEvent::schema()));
    let from_server = messages("server", "type", &as_json(&ServerEvent::schema()));
    let of_channel = |messages: &Map<String, Value>| -> Vec<Value> {
        let reference = |key| json!({"$ref": format!("#/channels/chat/messages/{key}")});
        messages.keys().map(reference).collect()
    };
    let (heard, said) = (of_channel(&from_client), of_channel(&from_server));
    let all: Map<String, Value> = from_client.into_iter().chain(from_server).collect();
    let in_channel: Map<String, Value> = all
        .keys()
        .map(|key| {
            (
                key.clone(),
                json!({"$ref": format!("#/components/messages/{key}")}),
            )
        })
        .collect();
    plain(json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Parlance",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The chat's socket: text frames of JSON. The REST API: /openapi.json. The order of frames, \
                            close codes and limits, in words: docs/protocol.md.",
        },
        "defaultContentType": "application/json",
        "channels": {
            "chat": {
                "address": "/ws/chat/{session_id}",
                "description": "One session's socket; any number of them share a session.",
                "parameters": {"session_id": {"description": "From POST /chatbot/{id}/session."}},
                "messages": in_channel,
                "bindings": {"ws": {"method": "GET", "query": query(), "bindingVersion": "0.1.0"}},
            },
        },
        "operations": {
            "hear": {
                "action": "receive",
                "channel": {"$ref": "#/channels/chat"},
                "summary": "What a client says.",
                "messages": heard,
            },
            "say": {
                "action": "send",
                "channel": {"$ref": "#/channels/chat"},
                "summary": "What the server says.",
                "messages": said,
            },
        },
        "components": {"messages": all, "schemas": schemas},
    }))
}

/// The query of the handshake, as in /openapi.json.
fn query() -> Value {
    json!({
        "type": "object",
        "properties": {
            "token": {"type": "string", "description": "An access token, or a ticket to this session."},
            "generation_id": {"type": "string", "format": "uuid", "description": "The answer to go on with."},
            "after_seq": {
                "type": "integer",
                "minimum": 0,
                "description": "The last delta of it that is known.",
            },
        },
    })
}

/// A message for each variant of a tagged enum, under the word that tags it.
fn messages(from: &str, tag: &str, tagged: &Value) -> Map<String, Value> {
    let variants = tagged
        .get("oneOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let message = |variant: &Value| {
        let word = word_of(variant, tag)?;
        let message = json!({
            "name": word,
            "summary": variant.get("description"),
            "payload": variant,
        });
        Some((format!("{from}.{word}"), message))
    };
    variants.filter_map(message).collect()
}

fn word_of(variant: &Value, tag: &str) -> Option<String> {
    let words = variant.get("properties")?.get(tag)?.get("enum")?;
    words.get(0)?.as_str().map(Into::into)
}

fn as_json(schema: &impl serde::Serialize) -> Value {
    serde_json::to_value(schema).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_is_a_message() {
        let document = document();
        let words = |action: &str| {
            document["operations"][action]["messages"]
                .as_array()
                .unwrap()
                .len()
        };
        assert_eq!(words("hear"), 7);
        assert_eq!(words("say"), 12);
    }
}
