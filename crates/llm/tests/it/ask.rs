//! Asking, and waiting for a bounded time.

use futures::StreamExt as _;
use llm::{
    ChatEvent, ChatModel, ChatRequest, ChatRole, ChatStream, ChatTurn, FinishReason, ModelError, TokenUsage,
};
use std::time::Duration;

/// A request of one turn, with as little chance in it as the model allows.
pub fn prompt(text: &str) -> ChatRequest {
    let turns = vec![ChatTurn {
        role: ChatRole::User,
        text: text.to_owned(),
    }];
    ChatRequest {
        turns,
        model: None,
        temperature: Some(0.0),
        max_tokens: None,
    }
}

/// What is not there after this time will never be.
pub async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(120), future)
        .await
        .expect("nothing happened for two minutes")
}

/// All that a model said.
#[derive(Debug, Default)]
pub struct Heard {
    pub queued: Vec<u32>,
    pub deltas: Vec<String>,
    pub finished: Option<(FinishReason, TokenUsage)>,
    pub error: Option<ModelError>,
}

impl Heard {
    pub fn text(&self) -> String {
        self.deltas.concat()
    }
}

/// Asks, and hears the answer to its end. Panics where the order of events is broken.
pub async fn hear(model: &dyn ChatModel, request: ChatRequest) -> Heard {
    match soon(model.answer(request)).await {
        Ok(stream) => hear_out(stream).await,
        Err(error) => Heard {
            error: Some(error),
            ..Heard::default()
        },
    }
}

/// The rest of an answer.
pub async fn hear_out(mut stream: ChatStream) -> Heard {
    let mut heard = Heard::default();
    while let Some(event) = soon(stream.next()).await {
        assert!(
            heard.finished.is_none() && heard.error.is_none(),
            "{event:?} after the end: {heard:?}"
        );
        match event {
            Ok(ChatEvent::Queued(position)) => {
                assert!(heard.deltas.is_empty(), "queued after the first word");
                heard.queued.push(position);
            }
            Ok(ChatEvent::Text(text)) => heard.deltas.push(text),
            Ok(ChatEvent::Finished { reason, usage }) => heard.finished = Some((reason, usage)),
            Err(error) => heard.error = Some(error),
        }
    }
    assert!(
        heard.finished.is_some() || heard.error.is_some(),
        "the stream ended without a reason: {heard:?}"
    );
    heard
}

/// Listens until the first word.
pub async fn first_word(stream: &mut ChatStream) -> String {
    loop {
        match soon(stream.next()).await {
            Some(Ok(ChatEvent::Queued(_))) => {}
            Some(Ok(ChatEvent::Text(text))) => return text,
            other => panic!("no first word, but {other:?}"),
        }
    }
}
