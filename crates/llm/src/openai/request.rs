//! What is sent: the body of `POST /chat/completions`.

use crate::{ChatRequest, ChatRole, ModelError};
use serde::Serialize;

/// Asks for the rest of an answer that was cut off. A request that simply ends in the assistant's words would be shorter,
/// but means something else everywhere: OpenAI begins a new answer, others refuse it, Ollama goes on, vLLM wants
/// `continue_final_message`, DeepSeek and Mistral `prefix`. A question is understood by all of them.
const GO_ON: &str = "Your last message was cut off. Go on with it exactly where it stops, in the middle of a word if \
                     it stops there. Write only what comes next, in the same language and form: repeat nothing of it, \
                     and put no preface, remark or quotation mark before it.";

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
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
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

/// How a server calls the longest answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    /// `max_tokens`: everybody's name for it.
    MaxTokens(Option<u32>),
    /// `max_completion_tokens`: OpenAI's own newer name, without which its newer models refuse.
    MaxCompletionTokens(Option<u32>),
}

pub(super) fn body(request: &ChatRequest, model: &str, limit: Limit) -> Result<Vec<u8>, ModelError> {
    let shortest = |limit: Option<u32>| {
        let wanted = request.max_tokens.map(|wanted| wanted.max(1));
        [limit, wanted].into_iter().flatten().min()
    };
    let (max_tokens, max_completion_tokens) = match limit {
        Limit::MaxTokens(limit) => (shortest(limit), None),
        Limit::MaxCompletionTokens(limit) => (None, shortest(limit)),
    };
    let said = request.turns.iter().map(|turn| Message {
        role: role(turn.role),
        content: &turn.text,
    });
    let unfinished = request
        .turns
        .last()
        .is_some_and(|turn| turn.role == ChatRole::Assistant);
    let messages = said
        .chain(unfinished.then_some(Message {
            role: role(ChatRole::User),
            content: GO_ON,
        }))
        .collect();
    let body = Body {
        model: request.model.as_deref().unwrap_or(model),
        messages,
        stream: true,
        stream_options: StreamOptions { include_usage: true },
        temperature: request.temperature,
        max_tokens,
        max_completion_tokens,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_sent_under_the_name_the_server_knows() {
        let sent = |limit| {
            let body = body(&ChatRequest::default(), "m", limit).unwrap();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            (
                body.get("max_tokens").cloned(),
                body.get("max_completion_tokens").cloned(),
            )
        };
        assert_eq!(sent(Limit::MaxTokens(Some(7))), (Some(7.into()), None));
        assert_eq!(sent(Limit::MaxCompletionTokens(Some(7))), (None, Some(7.into())));
        assert_eq!(sent(Limit::MaxTokens(None)), (None, None));
    }

    #[test]
    fn a_request_may_ask_for_less_than_the_limit_and_never_for_more() {
        let sent = |wanted, limit| {
            let request = ChatRequest {
                max_tokens: wanted,
                ..ChatRequest::default()
            };
            let body = body(&request, "m", Limit::MaxTokens(limit)).unwrap();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            body.get("max_tokens").and_then(serde_json::Value::as_u64)
        };
        assert_eq!(sent(Some(5), Some(7)), Some(5));
        assert_eq!(sent(Some(9), Some(7)), Some(7));
        assert_eq!(sent(Some(9), None), Some(9));
        assert_eq!(sent(Some(0), None), Some(1));
    }
}
