//! Generations: one run of the model each, with an append-only log of its chunks. The log is the truth.
//!
//! Lifecycle: `start_generation` → `append_chunks`* → `finish_generation` (compare-and-set on running) →
//! [`settle_message`](crate::message::Messages::settle_message) with the log's text → `mark_settled`; later the log is
//! collected. Each step can be repeated after a crash. Who takes over from a dead node seals the log first
//! (`interrupt_generation`): a stale writer then collides with the seal.
//!
//! An answer that broke off goes on by another generation with a log of its own: `start_generation` with the `offset` at
//! which the answer broke off, [`reopen_message`](crate::message::Messages::reopen_message), then as above. Each settles
//! its own part only, behind the others'.

use crate::{Result, usage::Counting};
use wire::{
    ConversationId, GenerationId, MessageId, SessionId, Timestamp, UserId,
    message::{Outcome, Usage},
};

/// One run of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GenerationRecord {
    /// Which; never reused.
    pub id: GenerationId,
    /// The prompt it answers.
    pub prompt_id: MessageId,
    /// The answer it writes; the message itself may come after this record.
    pub message_id: MessageId,
    /// Bytes of the message's text from before this generation: 0, unless it goes on with an answer that broke off.
    pub offset: u64,
    /// Where.
    pub conversation_id: ConversationId,
    /// Whose.
    pub user_id: UserId,
    /// The session that asked; the generation outlives it.
    pub session_id: SessionId,
    /// Who writes the log.
    pub node_id: String,
    /// The writer's proof: a write with a lower one is refused.
    pub fence: u64,
    /// Renewed by the writer; past it the writer may be dead.
    pub lease_until: Timestamp,
    /// When the model was called.
    pub started_at: Timestamp,
    /// `None` while it runs.
    pub ended: Option<Ended>,
    /// Whether its text has moved into the message.
    pub settled: bool,
}

/// How and when a generation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub outcome: Outcome,
    /// When.
    pub at: Timestamp,
    /// What it took, where the model says.
    pub usage: Option<Usage>,
}

/// Consecutive deltas of one generation, written as one record. At most 250 ms or 2 KiB of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkBatch {
    /// Of which generation.
    pub generation_id: GenerationId,
    /// Must equal the generation's.
    pub fence: u64,
    /// The number of the first delta.
    pub first_seq: u64,
    /// The deltas' texts, joined.
    pub text: String,
    /// Bytes of each delta within `text`, in order: their boundaries.
    pub lengths: Vec<u32>,
}

impl ChunkBatch {
    /// The number of the first delta after this batch.
    pub fn next_seq(&self) -> u64 {
        self.first_seq
            .saturating_add(u64::try_from(self.lengths.len()).unwrap_or(u64::MAX))
    }
}

/// What the log says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogText {
    /// All deltas, joined.
    pub text: String,
    /// The number of the last delta; 0 when there is none.
    pub seq: u64,
}

/// Generations.
#[async_trait::async_trait]
pub trait Generations {
    /// Adds a running generation: the claim on its conversation. `Conflict("generation")` when the id exists,
    /// `Conflict("running")` when another one of this conversation is not settled, on whichever node,
    /// `NotFound("conversation")` when that was deleted.
    async fn start_generation(&self, generation: GenerationRecord) -> Result<()>;

    /// Lets go of a claim: deletes a generation that has no log, since its prompt was not taken. Idempotent; a
    /// generation that has said something, or has ended, stays.
    async fn abandon_generation(&self, id: GenerationId) -> Result<()>;

    /// Asks a running generation to stop, wherever it runs: false when it does not run. Idempotent.
    async fn request_stop(&self, id: GenerationId) -> Result<bool>;

    /// The generations that run on this node and were asked to stop.
    async fn stops_requested(&self, node_id: &str) -> Result<Vec<GenerationId>>;

    /// By id.
    async fn generation(&self, id: GenerationId) -> Result<Option<GenerationRecord>>;

    /// Those that wrote this message, oldest first (by `offset`, then by time): more than one when it was continued. Each
    /// wrote what stands between its own `offset` and the next one's.
    async fn generations_of(&self, message: MessageId) -> Result<Vec<GenerationRecord>>;

    /// Appends batches of any number of generations: a group commit, one durable write where the store can. One result
    /// a batch, in order. A repeated batch (same first `seq`, same content) is `Ok`. `Fenced` when the log is sealed,
    /// the fence is not the generation's, or another batch stands at this `seq`; `Conflict("gap")` when `first_seq`
    /// is not the next. Also `Fenced` when the generation has ended (a repeated batch still is `Ok`),
    /// `NotFound("generation")` when it was deleted, and `Conflict("lengths")` when the boundaries do not cut the text
    /// into whole characters. The outer error is for all of them: nothing is known to be stored.
    async fn append_chunks(&self, batches: Vec<ChunkBatch>) -> Result<Vec<Result<()>>>;

    /// The batches that hold deltas after `after_seq`, in order, at most `limit` of them.
    async fn chunks_after(&self, id: GenerationId, after_seq: u64, limit: u32) -> Result<Vec<ChunkBatch>>;

    /// The log's whole text.
    async fn log_text(&self, id: GenerationId) -> Result<LogText>;

    /// Renews the leases of the node's generations that still run; returns those that are its own no more
    /// (taken over, another node's, deleted; one that it has ended itself is still its own).
    async fn renew_leases(
        &self,
        node_id: &str,
        ids: &[GenerationId],
        lease_until: Timestamp,
    ) -> Result<Vec<GenerationId>>;

    /// Ends a running generation: true when it was running with this fence. A compare-and-set: a finished one is never
    /// touched.
    async fn finish_generation(&self, id: GenerationId, fence: u64, ended: Ended) -> Result<bool>;

    /// Takes a running generation from a writer that is held for dead: seals the log and raises the fence (first),
    /// then ends it as `Interrupted`; true when it was still running with `lease_until` as the caller saw it.
    async fn interrupt_generation(
        &self,
        id: GenerationId,
        seen_lease: Timestamp,
        now: Timestamp,
    ) -> Result<bool>;

    /// Notes that the text has moved into the message, and counts what the generation took ([`crate::usage`]): once,
    /// however often this is said.
    async fn mark_settled(&self, id: GenerationId, counting: &Counting) -> Result<()>;

    /// Generations that run, or have ended and are not settled, and that started at `from` or later: at most `limit`,
    /// oldest first. What a reaper looks at, page by page; several may have started at one instant.
    async fn unsettled_generations(&self, from: Timestamp, limit: u32) -> Result<Vec<GenerationRecord>>;

    /// The generation that writes in this conversation now.
    async fn running_generation(&self, conversation: ConversationId) -> Result<Option<GenerationRecord>>;

    /// The generations that are not settled in these conversations, in no order: at most one in each.
    async fn unsettled_in(&self, conversations: &[ConversationId]) -> Result<Vec<GenerationRecord>>;

    /// Deletes logs of generations settled and ended before `before`. Garbage only. Returns how many generations.
    async fn collect_logs(&self, before: Timestamp) -> Result<u64>;
}
