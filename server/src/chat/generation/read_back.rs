//! A generation out of the store: from its log, and from its message when the log was collected.

use super::{LiveGeneration, Writes};
use store::{
    Store,
    generation::{ChunkBatch, Ended, GenerationRecord},
};

impl LiveGeneration {
    /// Reads a generation back from its log: for a client that comes back after the end, or after a restart.
    ///
    /// # Errors
    /// The store's.
    pub async fn read_back(store: &dyn Store, record: &GenerationRecord) -> store::Result<Self> {
        let generation = Self::of(record);
        generation.read_log(store).await?;
        if let Some(ended) = record.ended {
            generation.read_end(store, record, ended).await?;
        }
        Ok(generation)
    }

    pub(super) fn of(record: &GenerationRecord) -> Self {
        let writes = Writes {
            prompt_id: record.prompt_id,
            message_id: record.message_id,
            offset: record.offset,
        };
        Self::new(record.id, writes, record.conversation_id, record.user_id)
    }

    /// Reads what it rests on, which is stored before its first batch.
    async fn read_sources(&self, store: &dyn Store) -> store::Result<()> {
        if self.sources.get().is_none()
            && let Some(message) = store.message(self.message_id).await?
        {
            self.rests_on(message.citations);
            if let Some(model) = message.model {
                self.model.get_or_init(|| model);
            }
        }
        Ok(())
    }

    /// Reads what stands in the stored log behind what is known here: whether there was something.
    pub(super) async fn read_log(&self, store: &dyn Store) -> store::Result<bool> {
        /// Batches read at once.
        const PAGE: u32 = 256;
        let before = self.seq();
        loop {
            let batches = store.chunks_after(self.id, self.seq(), PAGE).await?;
            if !batches.is_empty() {
                self.read_sources(store).await?;
            }
            batches.iter().for_each(|batch| self.append_unknown(batch));
            if batches.len() < usize::try_from(PAGE).unwrap_or(0) {
                break;
            }
        }
        let grew = self.seq() > before;
        if grew {
            self.changed.send_replace(());
        }
        Ok(grew)
    }

    /// The end, as the store has it; all of the log was read before.
    pub(super) async fn read_end(
        &self,
        store: &dyn Store,
        record: &GenerationRecord,
        ended: Ended,
    ) -> store::Result<()> {
        self.read_sources(store).await?;
        if record.settled && self.seq() == 0 {
            // Its log was collected: the text has moved into the message.
            let text = own_part(store, record).await?;
            self.push(&text, &mut |_| {});
        }
        self.end(ended.outcome, ended.at, ended.usage, None);
        Ok(())
    }

    fn append_unknown(&self, batch: &ChunkBatch) {
        let mut rest = batch.text.as_str();
        for (seq, length) in (batch.first_seq..).zip(&batch.lengths) {
            let (delta, behind) = rest
                .split_at_checked(usize::try_from(*length).unwrap_or(0))
                .unwrap_or((rest, ""));
            if seq > self.seq() {
                self.append(delta);
            }
            rest = behind;
        }
    }

    /// One delta exactly as it was stored.
    fn append(&self, delta: &str) {
        let mut log = self.log.lock();
        log.text.push_str(delta);
        let end = log.text.len();
        log.ends.push(end);
    }
}

/// What a settled generation has added to its message: up to where the next one went on.
async fn own_part(store: &dyn Store, record: &GenerationRecord) -> store::Result<String> {
    let Some(message) = store.message(record.message_id).await? else {
        return Ok(String::new());
    };
    let all = store.generations_of(record.message_id).await?;
    let mut behind = all.iter().skip_while(|other| other.id != record.id).skip(1);
    let place = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
    let end = behind
        .next()
        .map_or(message.text.len(), |next| place(next.offset));
    let part = message.text.get(place(record.offset)..end);
    Ok(part.unwrap_or_default().to_owned())
}
