//! What a socket follows: what is being written when it opens, what it asks to resume, and what has ended since its
//! client's history was read.

use super::Connection;
use crate::{
    chat::{
        authorize,
        generation::{self, LiveGeneration},
        state::{Answer, Input},
    },
    problem::{ApiError, ApiResult},
};
use std::sync::Arc;
use wire::{ConversationId, GenerationId, MessageId, ProblemCode, UserId, socket::Running};

impl Connection {
    /// Says what there is to say when a socket opens, and follows what is written.
    pub(super) async fn open(&mut self, resume: Option<(GenerationId, u64)>) {
        let conversation = self.session.record.conversation_id;
        let (running, unknown) = match generation::writing_in(&self.app, conversation).await {
            Ok(running) => (running, None),
            Err(error) => (None, Some(error.into())),
        };
        let mut answers = Vec::new();
        let mut refused: Option<ApiError> = unknown;
        if let Some((id, after_seq)) = resume {
            match self.find(id, after_seq).await {
                Ok(answer) => answers.push(answer),
                Err(error) => refused = Some(error),
            }
        } else if let Some(message) = self.session.take_broken_off() {
            let running = running.as_ref().map(|running| running.id);
            match self.ended_since(message, running).await {
                Ok(answer) => answers.extend(answer),
                Err(error) => refused = Some(error),
            }
        }
        if let Some(generation) = &running
            && !answers.iter().any(|answer| answer.generation_id == generation.id)
        {
            self.watch(generation);
            answers.push(beginning_of(generation));
        }
        let running = running.map(|generation| Running {
            generation_id: generation.id,
            message_id: generation.message_id,
            seq: generation.seq(),
            parent_id: generation.prompt_id,
            continues: generation.continues(),
            offset: generation.offset,
        });
        self.step(Input::Opened { running, answers }).await;
        if let Some(error) = refused {
            self.step(Input::Refused(error)).await;
        }
    }

    /// The answer that the history of this client was given without, since it was being written, and that has ended since:
    /// from its beginning, as if it still were. `None` when it is, when nothing came of it, and when the conversation has
    /// moved on.
    async fn ended_since(
        &mut self,
        broke_off: MessageId,
        running: Option<GenerationId>,
    ) -> ApiResult<Option<Answer>> {
        let (store, conversation) = (&self.app.store, self.session.record.conversation_id);
        let shown = store.conversation(conversation).await?;
        let last = match shown.and_then(|shown| shown.active_leaf) {
            Some(leaf) => store.message(leaf).await?,
            None => None,
        };
        let writer = last
            .filter(|last| last.id == broke_off || last.parent_id == Some(broke_off))
            .and_then(|last| last.generation_id);
        let Some(writer) = writer else {
            return Ok(None);
        };
        // What begins just now tells of itself. Asked before the record is read: what is neither has ended there.
        let chat = &self.app.chat;
        if running == Some(writer) || chat.is_claimed(conversation) || chat.running(writer).is_some() {
            return Ok(None);
        }
        let Some(record) = store.generation(writer).await? else {
            return Ok(None);
        };
        let generation = generation::of_record(&self.app, &record).await?;
        self.watch(&generation);
        Ok(Some(beginning_of(&generation)))
    }

    /// A generation of this conversation, running or read back, put behind those being followed.
    pub(super) async fn find(&mut self, id: GenerationId, after_seq: u64) -> ApiResult<Answer> {
        authorize::frame(&self.app, &self.session.record, self.sign_in).await?;
        let known = self
            .following
            .iter()
            .map(|(known, _)| known)
            .find(|known| known.id == id)
            .map(Arc::clone);
        let generation = match known.or_else(|| self.app.chat.running(id)) {
            Some(generation) => generation,
            None => match self.app.store.generation(id).await? {
                // Whose it is, before its log is read: that may be long.
                Some(record) if self.is_ours(record.user_id, record.conversation_id) => {
                    generation::of_record(&self.app, &record).await?
                }
                _ => return Err(no_such_generation()),
            },
        };
        if !self.is_ours(generation.user_id, generation.conversation_id) {
            return Err(no_such_generation());
        }
        if !self.following.iter().any(|(known, _)| known.id == id) {
            self.watch(&generation);
        }
        self.app.metrics.resumed();
        // Beyond the end: it was written by a process that died with its last chunks. The text is sent anew.
        let known_to_client = after_seq <= generation.seq();
        let beginning = beginning_of(&generation);
        Ok(if known_to_client {
            Answer {
                seen: after_seq,
                started: true,
                ..beginning
            }
        } else {
            beginning
        })
    }

    fn is_ours(&self, user: UserId, conversation: ConversationId) -> bool {
        let record = &self.session.record;
        (user, conversation) == (record.user_id, record.conversation_id)
    }
}

/// Where an answer begins.
pub(super) fn beginning_of(generation: &LiveGeneration) -> Answer {
    Answer {
        generation_id: generation.id,
        message_id: generation.message_id,
        prompt_id: generation.prompt_id,
        continues: generation.continues(),
        offset: generation.offset,
        seen: 0,
        started: false,
        sourced: false,
    }
}

fn no_such_generation() -> ApiError {
    ApiError::new(
        ProblemCode::NotFound,
        "There is no such answer in this conversation.",
    )
}
