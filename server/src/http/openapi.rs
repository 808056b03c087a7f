//! `GET /openapi.json`: the routes, described by what registers them (`utoipa`), so that neither can be without the other.
//!
//! Schemas are derived from the types of `wire`. Here is what concerns all routes: the frame, how one proves who one is,
//! and the problem that each may answer with.

use crate::app::AppState;
use axum::{
    body::Bytes,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::Value;
use std::sync::LazyLock;
use utoipa::{
    OpenApi,
    openapi::{
        Content, Ref, RefOr, ResponseBuilder,
        path::{Operation, PathItem},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::Problem;

/// Written once; the routes do not change while the program runs.
static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| to_bytes(&document()));

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(openapi))
}

/// This document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "documents",
    security(()),
    responses((status = 200, content_type = "application/json", body = Object, description = "OpenAPI 3.1."))
)]
async fn openapi() -> Response {
    json(DOCUMENT.clone())
}

/// The document before any route is in it.
pub(super) fn frame() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(
        info(
            title = "Parlance",
            description = "The REST API. What is said on the socket: /asyncapi.json. What is promised, in words: docs/protocol.md.",
        ),
        components(schemas(Problem)),
        tags(
            (name = "accounts", description = "Signing up, in and out."),
            (name = "chatbots", description = "The picker and the builder."),
            (name = "chat", description = "Sessions and their socket."),
            (name = "conversations", description = "The history."),
            (name = "administration", description = "For administrators; to others it is not there."),
            (name = "operation", description = "For operators and their tools."),
            (name = "documents", description = "What describes the rest."),
        )
    )]
    struct Frame;
    Frame::openapi()
}

/// The whole document, as JSON.
fn document() -> Value {
    let mut document = super::documented().into_openapi();
    document.info.contact = None;
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        // A handler's name is unique in its module; programs that write clients want one that is everywhere.
        let subject = operation.tags.iter().flatten().next();
        operation.operation_id = subject
            .zip(operation.operation_id.as_ref())
            .map(|(subject, name)| format!("{subject}_{name}"));
        operation
            .responses
            .responses
            .entry("default".into())
            .or_insert_with(problem);
    }
    let components = document.components.get_or_insert_default();
    let schemes = security().map(|(name, scheme)| (name, RefOr::T(scheme)));
    components.security_schemes.extend(schemes);
    plain(serde_json::to_value(document).unwrap_or_default())
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.post,
        &mut item.put,
        &mut item.patch,
        &mut item.delete,
    ]
    .into_iter()
    .flatten()
}

fn problem() -> RefOr<utoipa::openapi::Response> {
    ResponseBuilder::new()
        .description("What went wrong: `code` says it to programs, `detail` to people.")
        .content(
            "application/problem+json",
            Content::new(Some(Ref::from_schema_name("Problem"))),
        )
        .build()
        .into()
}

fn security() -> [(String, SecurityScheme); 5] {
    let bearer = |what: &str| {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(what));
        SecurityScheme::Http(scheme.build())
    };
    let cookie = |name: &str, what: &str| {
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(name, what)))
    };
    [
        ("bearer".into(), bearer("An access token, from signing in.")),
        (
            "metrics".into(),
            bearer("The operator's PARLANCE_METRICS_TOKEN, when there is one."),
        ),
        (
            "refresh".into(),
            cookie(crate::auth::cookies::REFRESH, "Set by signing in."),
        ),
        (
            "session".into(),
            cookie(
                crate::auth::cookies::SESSION,
                "Set by signing in; good for reading.",
            ),
        ),
        (
            "ticket".into(),
            SecurityScheme::ApiKey(ApiKey::Query(ApiKeyValue::with_description(
                "token",
                "From POST /auth/ticket: good once.",
            ))),
        ),
    ]
}

/// Descriptions come from the code's comments: its links, paths and words become those of JSON.
pub(super) fn plain(mut value: Value) -> Value {
    match &mut value {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                match field {
                    Value::String(text) if name == "description" => {
                        *text = text
                            .replace("[`", "`")
                            .replace("`]", "`")
                            .replace("::", ".")
                            .replace("`None`", "`null`");
                    }
                    other => *other = plain(other.take()),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = plain(item.take())),
        _ => {}
    }
    value
}

pub(super) fn to_bytes(document: &Value) -> Bytes {
    document.to_string().into()
}

pub(super) fn json(document: Bytes) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, document).into_response()
}
