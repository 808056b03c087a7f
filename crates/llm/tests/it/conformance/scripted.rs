//! The scripted model, its script played by a task.

use super::parts::{ENDLESS, FORBIDDEN, words_for};
use super::{Subject, Work};
use crate::ask::prompt;
use llm::scripted::{Script, ScriptedCall, ScriptedModel};
use llm::{ChatModel, ChatRequest, ModelError};

pub struct Played {
    model: ScriptedModel,
    work: Work,
}

impl Played {
    pub async fn start() -> Self {
        let (model, script) = ScriptedModel::new();
        let work = Work::none();
        tokio::spawn(play(script, work.clone()));
        Self { model, work }
    }
}

impl Subject for Played {
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

async fn play(mut script: Script, work: Work) {
    while let Some(call) = script.next_call_or_gone().await {
        let work = work.clone();
        tokio::spawn(async move { work.count(play_call(call)).await });
    }
}

async fn play_call(mut call: ScriptedCall) {
    let history: Vec<_> = call
        .request()
        .turns
        .iter()
        .map(|turn| turn.text.clone())
        .collect();
    let Some(words) = words_for(&history) else {
        return call.fail(ModelError::Refused("the script says so".to_owned()));
    };
    for word in words {
        call.say(word);
        tokio::task::yield_now().await;
    }
    if call.prompt() == ENDLESS {
        call.cancelled().await;
    } else {
        call.finish();
    }
}
