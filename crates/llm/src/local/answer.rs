//! An answer under way: what is left to be read and written, and who listens.
//!
//! Must not know: where in the model's memory it is, and what else is there.

use super::sampling::Sampler;
use super::seam::Seam;
use super::utf8::Utf8Joiner;
use crate::channel::Event;
use crate::{ChatEvent, FinishReason, ModelError, TokenUsage};
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::vocab::LlamaVocab;
use std::time::Instant;
use tokio::sync::mpsc;

pub(super) struct Answer {
    pub(super) events: mpsc::UnboundedSender<Event>,
    pub(super) sampler: Sampler,
    /// What the model must be fed before it can say more: the prompt, then each token of its own.
    pub(super) tokens: Vec<LlamaToken>,
    pub(super) prompt_tokens: usize,
    /// What it begins with was said already.
    pub(super) seam: Seam,
    pub(super) written: usize,
    /// How many tokens it may write.
    pub(super) room: usize,
    pub(super) text: Utf8Joiner,
    pub(super) began: Instant,
}

impl Answer {
    pub(super) fn is_cancelled(&self) -> bool {
        self.events.is_closed()
    }

    pub(super) fn tell(&self, event: Event) {
        // Cancelled just now.
        let _ = self.events.send(event);
    }

    /// Draws the next token, and says what it adds. Why the answer is over, if it is.
    pub(super) fn draw(
        &mut self,
        logits: &[f32],
        vocabulary: &LlamaVocab<'_>,
    ) -> Result<Option<FinishReason>, ModelError> {
        // What stands for the shape of the conversation (and is no end) has no text.
        let piece_of = |token| vocabulary.token_to_piece(token, false, None);
        let seam = &self.seam;
        let allowed = |token| seam.allows(&piece_of(token));
        let rule: Option<&dyn Fn(LlamaToken) -> bool> = if seam.is_closed() { None } else { Some(&allowed) };
        let token = self
            .sampler
            .draw(logits, rule)
            .ok_or_else(|| ModelError::BrokeOff("it computed nonsense".to_owned()))?;
        if vocabulary.is_eog(token) {
            return Ok(Some(FinishReason::Stop));
        }
        let piece = piece_of(token);
        let again = !self.seam.is_closed();
        let new = self.seam.pass(&piece);
        // What was said already was paid for already.
        if !(again && new.is_empty()) {
            self.written += 1;
        }
        let text = self.text.push(new);
        if !text.is_empty() {
            self.tell(Ok(ChatEvent::Text(text)));
        }
        if self.written >= self.room {
            return Ok(Some(FinishReason::Length));
        }
        self.tokens.push(token);
        Ok(None)
    }

    /// Its last event.
    pub(super) fn finished(&self, reason: FinishReason) -> ChatEvent {
        let count = |tokens| Some(u32::try_from(tokens).unwrap_or(u32::MAX));
        let usage = TokenUsage {
            prompt_tokens: count(self.prompt_tokens),
            completion_tokens: count(self.written),
        };
        ChatEvent::Finished { reason, usage }
    }
}
