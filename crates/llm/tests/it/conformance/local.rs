//! The local model, with the small model that comes with `cargo xtask`.

use super::Subject;
use crate::ask::prompt;
use crate::local::{load_with, ready};
use llm::local::LocalModel;
use llm::{ChatModel, ChatRequest};

pub struct Local(LocalModel);

impl Local {
    pub async fn start() -> Self {
        let model = load_with(|_| ());
        ready(&model).await;
        Self(model)
    }
}

impl Subject for Local {
    fn model(&self) -> &dyn ChatModel {
        &self.0
    }

    async fn idle(&mut self) {
        self.0.load_changes().wait_for(|load| *load == 0).await.unwrap();
    }

    fn refused(&self) -> ChatRequest {
        prompt(&"A word and another. ".repeat(2000))
    }
}
