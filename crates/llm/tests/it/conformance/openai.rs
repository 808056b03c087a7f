//! The OpenAI model before a real HTTP server.

use super::parts::{ENDLESS, FORBIDDEN, words_for};
use super::{Subject, Work};
use crate::ask::prompt;
use crate::upstream::{Exchange, Upstream};
use llm::{ChatModel, ChatRequest, OpenAiConfig, OpenAiModel};

pub struct Remote {
    model: OpenAiModel,
    work: Work,
}

impl Remote {
    pub async fn start() -> Self {
        let upstream = Upstream::start().await;
        let model = OpenAiModel::new(OpenAiConfig::new(upstream.url(), "test-model")).unwrap();
        let work = Work::none();
        tokio::spawn(serve(upstream, work.clone()));
        Self { model, work }
    }
}

impl Subject for Remote {
    fn model(&self) -> &dyn ChatModel {
        &self.model
    }

    async fn idle(&mut self) {
        self.work.is_over().await;
    }

    fn refused(&self) -> ChatRequest {
        prompt(FORBIDDEN)
    }
}

async fn serve(mut upstream: Upstream, work: Work) {
    loop {
        let exchange = upstream.next().await;
        let work = work.clone();
        tokio::spawn(async move { work.count(answer(exchange)).await });
    }
}

async fn answer(mut exchange: Exchange) {
    let history: Vec<String> = exchange.messages().map(|(_, text)| text.to_owned()).collect();
    let Some(words) = words_for(&history) else {
        return exchange
            .respond("400 Bad Request", "", r#"{"error":{"message":"no"}}"#)
            .await;
    };
    exchange.begin().await;
    for word in &words {
        exchange.text(word).await;
    }
    if history.last().is_some_and(|prompt| prompt == ENDLESS) {
        return exchange.closed_by_client().await;
    }
    exchange
        .finish("stop", history.join(" ").split_whitespace().count(), words.len())
        .await;
}
