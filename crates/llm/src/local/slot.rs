//! A place in the model's memory, and the answer that is written there.
//!
//! Must not know: who else is answered in the same step.

use super::utf8::Utf8Joiner;
use crate::channel::Event;
use crate::{ChatEvent, FinishReason, ModelError, TokenUsage};
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::llama_batch::{BatchAddError, LlamaBatch};
use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::vocab::LlamaVocab;
use tokio::sync::mpsc;

/// One of the sequences llama.cpp keeps apart.
pub(super) struct Slot {
    id: i32,
    /// The tokens in its memory. They stay when an answer is over: the next prompt often begins with them.
    fed: Vec<LlamaToken>,
    answer: Option<Answer>,
}

/// An answer under way.
pub(super) struct Answer {
    pub(super) events: mpsc::UnboundedSender<Event>,
    pub(super) sampler: LlamaSampler,
    /// What the model must be fed before it can say more: the prompt, then each token of its own.
    pub(super) tokens: Vec<LlamaToken>,
    pub(super) prompt_tokens: usize,
    pub(super) written: usize,
    /// How many tokens it may write.
    pub(super) room: usize,
    pub(super) text: Utf8Joiner,
}

impl Slot {
    pub(super) fn new(id: i32) -> Self {
        Self {
            id,
            fed: Vec::new(),
            answer: None,
        }
    }

    pub(super) fn is_free(&self) -> bool {
        self.answer.is_none()
    }

    /// Tokens at the beginning of `prompt` that are in its memory already.
    pub(super) fn known(&self, prompt: &[LlamaToken]) -> usize {
        self.fed
            .iter()
            .zip(prompt)
            .take_while(|(fed, wanted)| fed == wanted)
            .count()
    }

    /// Begins an answer, and forgets what its prompt does not begin with.
    pub(super) fn begin(&mut self, answer: Answer, context: &mut LlamaContext<'_>) {
        // The last token is fed in any case: the answer is drawn from what comes of it.
        let known = self
            .known(&answer.tokens)
            .min(answer.tokens.len().saturating_sub(1));
        self.forget_from(known, context);
        self.answer = Some(answer);
    }

    /// Some models cannot forget a part: then all of it goes.
    fn forget_from(&mut self, first: usize, context: &mut LlamaContext<'_>) {
        if first >= self.fed.len() {
            return;
        }
        let forgotten =
            u32::try_from(first).is_ok_and(|at| context.kv_cache_seq_rm(self.id, Some(at), None).is_ok());
        if forgotten {
            self.fed.truncate(first);
        } else {
            // All of a sequence can always go.
            let _ = context.kv_cache_seq_rm(self.id, None, None);
            self.fed.clear();
        }
    }

    /// Whether nobody listens to its answer any more.
    pub(super) fn is_cancelled(&self) -> bool {
        self.answer
            .as_ref()
            .is_some_and(|answer| answer.events.is_closed())
    }

    /// Ends the answer, if one is under way: with an event, or silently.
    pub(super) fn end(&mut self, event: Option<Event>) {
        if let (Some(answer), Some(event)) = (self.answer.take(), event) {
            // Cancelled just now.
            let _ = answer.events.send(event);
        }
    }

    /// Tokens still to be fed.
    pub(super) fn pending(&self) -> &[LlamaToken] {
        match &self.answer {
            Some(answer) => answer.tokens.get(self.fed.len()..).unwrap_or_default(),
            None => &[],
        }
    }

    /// Puts up to `room` tokens into the next step. Gives the place from which to draw, if they are the last.
    pub(super) fn feed(
        &mut self,
        batch: &mut LlamaBatch<'_>,
        room: usize,
    ) -> Result<Option<i32>, BatchAddError> {
        let pending = self.pending();
        let now = pending.get(..room).unwrap_or(pending).to_vec();
        let all = now.len() == pending.len();
        for (token, left) in now.iter().zip((0..now.len()).rev()) {
            let position = i32::try_from(self.fed.len()).unwrap_or(i32::MAX);
            batch.add(*token, position, &[self.id], all && left == 0)?;
            self.fed.push(*token);
        }
        Ok((all && !now.is_empty()).then(|| batch.n_tokens() - 1))
    }

    /// Draws the next token after a step, and says what it adds. Whether the answer is over.
    pub(super) fn draw(
        &mut self,
        context: &LlamaContext<'_>,
        place: i32,
        vocabulary: &LlamaVocab<'_>,
    ) -> bool {
        let Some(answer) = &mut self.answer else {
            return false;
        };
        let token = answer.sampler.sample(context, place);
        if vocabulary.is_eog(token) {
            let event = answer.finished(FinishReason::Stop);
            self.end(Some(Ok(event)));
            return true;
        }
        answer.written += 1;
        // What stands for the shape of the conversation (and is no end) has no text.
        let text = answer.text.push(&vocabulary.token_to_piece(token, false, None));
        if !text.is_empty() {
            let _ = answer.events.send(Ok(ChatEvent::Text(text)));
        }
        if answer.written >= answer.room {
            let event = answer.finished(FinishReason::Length);
            self.end(Some(Ok(event)));
            return true;
        }
        answer.tokens.push(token);
        false
    }

    /// Its memory is in doubt after a step that failed.
    pub(super) fn fail(&mut self, error: ModelError, context: &mut LlamaContext<'_>) {
        self.end(Some(Err(error)));
        self.forget_from(0, context);
    }
}

impl Answer {
    fn finished(&self, reason: FinishReason) -> ChatEvent {
        let count = |tokens| Some(u32::try_from(tokens).unwrap_or(u32::MAX));
        let usage = TokenUsage {
            prompt_tokens: count(self.prompt_tokens),
            completion_tokens: count(self.written),
        };
        ChatEvent::Finished { reason, usage }
    }
}
