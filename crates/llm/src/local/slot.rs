//! A place in the model's memory, and the answer that is written there.
//!
//! Must not know: who else is answered in the same step.

use super::answer::Answer;
use crate::ModelError;
use crate::channel::Event;
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::llama_batch::{BatchAddError, LlamaBatch};
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::vocab::LlamaVocab;
use std::time::Duration;

/// One of the sequences llama.cpp keeps apart.
pub(super) struct Slot {
    id: i32,
    /// The tokens in its memory. They stay when an answer is over: the next prompt often begins with them.
    fed: Vec<LlamaToken>,
    /// How many of them, at the beginning, were lent by another slot, and take no memory of their own.
    lent: usize,
    /// Tokens in the step that is being made, behind those that are fed.
    planned: usize,
    /// When an answer was begun here: larger is later.
    used: u64,
    answer: Option<Answer>,
    /// The answer must wait until there is memory for it.
    put_off: bool,
}

impl Slot {
    pub(super) fn new(id: i32) -> Self {
        Self {
            id,
            fed: Vec::new(),
            lent: 0,
            planned: 0,
            used: 0,
            answer: None,
            put_off: false,
        }
    }

    pub(super) fn is_free(&self) -> bool {
        self.answer.is_none()
    }

    pub(super) fn is_running(&self) -> bool {
        self.answer.is_some() && !self.put_off
    }

    pub(super) fn is_put_off(&self) -> bool {
        self.put_off
    }

    /// Larger is later.
    pub(super) fn used(&self) -> u64 {
        self.used
    }

    /// Tokens in its memory.
    pub(super) fn len(&self) -> usize {
        self.fed.len()
    }

    /// Tokens that need memory of their own: what is there, or what its answer needs before it can be written.
    pub(super) fn weight(&self) -> usize {
        let needed = self.answer.as_ref().map_or(0, |answer| answer.tokens.len());
        self.fed.len().max(needed).saturating_sub(self.lent)
    }

    /// Tokens at the beginning of `prompt` that are in its memory already.
    pub(super) fn known(&self, prompt: &[LlamaToken]) -> usize {
        self.fed
            .iter()
            .zip(prompt)
            .take_while(|(fed, wanted)| fed == wanted)
            .count()
    }

    /// Takes the first `count` tokens of another slot's memory into its own, instead of all that it has.
    pub(super) fn borrow(&mut self, lender: i32, first: &[LlamaToken], context: &mut LlamaContext<'_>) {
        self.forget(context);
        let count = u32::try_from(first.len()).ok();
        if count.is_some_and(|count| {
            context
                .kv_cache_seq_cp(lender, self.id, Some(0), Some(count))
                .is_ok()
        }) {
            self.fed.extend_from_slice(first);
            self.lent = first.len();
        }
    }

    /// What it can lend of a prompt.
    pub(super) fn lend(&self, prompt: &[LlamaToken]) -> (i32, Vec<LlamaToken>) {
        let known = self.known(prompt);
        (self.id, self.fed.iter().take(known).copied().collect())
    }

    /// Begins an answer, and forgets what its prompt does not begin with.
    pub(super) fn begin(&mut self, answer: Answer, used: u64, context: &mut LlamaContext<'_>) {
        // The last token is fed in any case: the answer is drawn from what comes of it.
        let known = self
            .known(&answer.tokens)
            .min(answer.tokens.len().saturating_sub(1));
        self.forget_from(known, context);
        self.used = used;
        self.answer = Some(answer);
    }

    /// Its answer waits. What it has in memory stays, until others need the room: it is read again then.
    pub(super) fn put_off(&mut self) {
        self.put_off = self.answer.is_some();
    }

    /// Its answer need wait no longer.
    pub(super) fn let_in(&mut self) {
        self.put_off = false;
    }

    pub(super) fn forget(&mut self, context: &mut LlamaContext<'_>) {
        self.forget_from(0, context);
    }

    /// Some models cannot forget a part: then all of it goes.
    fn forget_from(&mut self, first: usize, context: &mut LlamaContext<'_>) {
        self.planned = 0;
        if first >= self.fed.len() {
            return;
        }
        let part = first > 0
            && u32::try_from(first).is_ok_and(|at| context.kv_cache_seq_rm(self.id, Some(at), None).is_ok());
        if part {
            self.fed.truncate(first);
        } else {
            // All of a sequence can always go.
            let _ = context.kv_cache_seq_rm(self.id, None, None);
            self.fed.clear();
        }
        self.lent = self.lent.min(self.fed.len());
    }

    /// Whether nobody listens to its answer any more.
    pub(super) fn is_cancelled(&self) -> bool {
        self.answer.as_ref().is_some_and(Answer::is_cancelled)
    }

    /// Ends the answer with an event, or silently. How long it took, if one was under way.
    pub(super) fn end(&mut self, event: Option<Event>) -> Option<Duration> {
        self.put_off = false;
        self.planned = 0;
        let answer = self.answer.take()?;
        if let Some(event) = event {
            answer.tell(event);
        }
        Some(answer.began.elapsed())
    }

    /// Its memory is in doubt after a step that failed.
    pub(super) fn fail(&mut self, error: ModelError, context: &mut LlamaContext<'_>) -> Option<Duration> {
        let took = self.end(Some(Err(error)));
        self.forget(context);
        took
    }

    /// How many tokens are still to be fed now.
    pub(super) fn pending(&self) -> usize {
        match &self.answer {
            Some(answer) if !self.put_off => answer.tokens.len().saturating_sub(self.fed.len()),
            _ => 0,
        }
    }

    /// Puts up to `room` tokens into the next step. Gives the place from which to draw, if they are the last.
    pub(super) fn plan(
        &mut self,
        batch: &mut LlamaBatch<'_>,
        room: usize,
    ) -> Result<Option<i32>, BatchAddError> {
        self.planned = 0;
        let pending = self.pending();
        let Some(answer) = &self.answer else {
            return Ok(None);
        };
        let last = pending <= room;
        let count = pending.min(room);
        let tokens = answer.tokens.iter().skip(self.fed.len()).take(count);
        for (index, token) in tokens.enumerate() {
            let position = i32::try_from(self.fed.len() + index).unwrap_or(i32::MAX);
            batch.add(*token, position, &[self.id], last && index + 1 == count)?;
            self.planned = index + 1;
        }
        Ok((last && count > 0).then(|| batch.n_tokens() - 1))
    }

    /// The step was made: what was planned is in its memory.
    pub(super) fn keep(&mut self) {
        if let Some(answer) = &self.answer {
            let tokens = answer.tokens.iter().skip(self.fed.len()).take(self.planned);
            let tokens: Vec<_> = tokens.copied().collect();
            self.fed.extend(tokens);
        }
        self.planned = 0;
    }

    /// Draws the next token by what a step came to, and says what it adds. How long the answer took, if it is over.
    pub(super) fn draw(&mut self, logits: &[f32], vocabulary: &LlamaVocab<'_>) -> Option<Duration> {
        let answer = self.answer.as_mut()?;
        let end = match answer.draw(logits, vocabulary) {
            Ok(None) => return None,
            Ok(Some(reason)) => Ok(answer.finished(reason)),
            Err(error) => Err(error),
        };
        self.end(Some(end))
    }
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slot")
            .field("id", &self.id)
            .field("fed", &self.fed.len())
            .field("lent", &self.lent)
            .field("pending", &self.pending())
            .field("put_off", &self.put_off)
            .finish_non_exhaustive()
    }
}
