//! Chats as a server has them.

use super::phase::Begun;
use super::{READ, Sample, WRITE};
use futures::StreamExt as _;
use futures::future::{join_all, try_join_all};
use futures::stream::select_all;
use llm::local::{LocalConfig, LocalModel};
use llm::{ChatEvent, ChatModel as _, ChatRequest, ChatRole, ChatStream, ChatTurn, ModelError};
use std::error::Error;
use std::path::Path;
use tokio::runtime::Runtime;

pub(crate) struct Ours {
    runtime: Runtime,
    model: LocalModel,
}

impl Ours {
    pub(crate) fn load(path: &Path, threads: u32, chats: usize) -> Result<Self, Box<dyn Error>> {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let model = LocalModel::load(LocalConfig {
            threads,
            parallel: u32::try_from(chats)?,
            seed: Some(1),
            ..LocalConfig::new(path)
        });
        let ours = Self { runtime, model };
        ours.runtime.block_on(ours.read(&["Hi.".to_owned()]))?;
        Ok(ours)
    }

    pub(crate) fn measure(&self, chats: usize, round: usize) -> Result<Sample, Box<dyn Error>> {
        // Nothing is known of a prompt that begins in another way.
        let text = "The quick brown fox jumps over the lazy dog. ".repeat(READ / 10);
        let prompts: Vec<_> = (0..chats)
            .map(|chat| {
                format!("{chats}, {round}, {chat}. {text}Write a very long story about this. Never stop.")
            })
            .collect();
        let begun = Begun::now();
        let read = self.runtime.block_on(self.read(&prompts))?;
        let reading = begun.over(read);
        // Now all is known of them: their answers begin together.
        let begun = Begun::now();
        let written = self.runtime.block_on(self.write(&prompts))?;
        let writing = begun.over(written);
        Ok(Sample { reading, writing })
    }

    /// Reads prompts, and writes one token for each. Tokens read.
    async fn read(&self, prompts: &[String]) -> Result<usize, ModelError> {
        let streams = self.ask(prompts, 1).await?;
        let heard = join_all(streams.into_iter().map(|stream| stream.collect::<Vec<_>>())).await;
        let mut read = 0;
        for event in heard.into_iter().flatten() {
            if let ChatEvent::Finished { usage, .. } = event? {
                read += usize::try_from(usage.prompt_tokens.unwrap_or_default()).unwrap_or_default();
            }
        }
        Ok(read)
    }

    /// Writes answers, until the first is over. Tokens written.
    async fn write(&self, prompts: &[String]) -> Result<usize, ModelError> {
        let mut events = select_all(self.ask(prompts, WRITE).await?);
        let mut written = 0;
        while let Some(event) = events.next().await {
            match event? {
                ChatEvent::Queued(_) => {}
                // A token has a text, but for the few that cut a character.
                ChatEvent::Text(_) => written += 1,
                ChatEvent::Finished { .. } => break,
            }
        }
        Ok(written)
    }

    async fn ask(&self, prompts: &[String], tokens: u32) -> Result<Vec<ChatStream>, ModelError> {
        let request = |prompt: &String| ChatRequest {
            turns: vec![ChatTurn {
                role: ChatRole::User,
                text: prompt.clone(),
            }],
            max_tokens: Some(tokens),
            ..ChatRequest::default()
        };
        try_join_all(prompts.iter().map(|prompt| self.model.answer(request(prompt)))).await
    }
}
