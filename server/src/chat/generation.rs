//! One run of the model, as this process sees it: its log in memory, from which any number of sockets read at their
//! own pace.
//!
//! The log in the store is the truth; this is its live edge. Sockets keep a cursor (the last `seq` they sent) and read
//! what is behind it in one piece: a slow socket gets larger frames, never a queue, and slows nobody.
//! [`run`] drives the model, [`log_writer`] stores what it says, `read_back` reads it from there again, [`tail`] follows a
//! generation of another node.

pub mod log_writer;
mod read_back;
pub mod run;
pub mod tail;

use crate::app::{App, AppState};
use parking_lot::Mutex;
use std::sync::{Arc, OnceLock};
use store::generation::GenerationRecord;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use wire::{
    ConversationId, GenerationId, MessageId, ProblemCode, Timestamp, UserId,
    document::Citation,
    message::{Outcome, Usage},
};

/// Bytes of text in one frame. JSON can blow a byte up to six (`\u0000`): 48 KiB and the envelope stay below 64 KiB.
const FRAME_TEXT_BYTES: usize = 8 * 1024;

/// A running generation, or one read back from the store.
#[derive(Debug)]
pub struct LiveGeneration {
    /// Which.
    pub id: GenerationId,
    /// The prompt it answers.
    pub prompt_id: MessageId,
    /// The answer it writes.
    pub message_id: MessageId,
    /// Bytes of text that the answer had before: it goes on behind them.
    pub offset: u64,
    /// Where.
    pub conversation_id: ConversationId,
    /// Whose.
    pub user_id: UserId,
    /// The model that writes it, by its name; `None` while that is not known here.
    pub model: OnceLock<String>,
    log: Mutex<Log>,
    /// What it rests on, once that is looked up: never changed then, and empty where nothing is looked up.
    sources: OnceLock<Arc<[Citation]>>,
    changed: watch::Sender<()>,
    /// Cancelled by the reader's Stop.
    stop: CancellationToken,
    /// Cancelled when the program cannot wait any longer.
    interrupt: CancellationToken,
}

/// What a generation answers and writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writes {
    /// The prompt.
    pub prompt_id: MessageId,
    /// The answer.
    pub message_id: MessageId,
    /// Bytes of text that the answer has already.
    pub offset: u64,
}

#[derive(Debug, Default)]
struct Log {
    text: String,
    /// Where each delta ends in `text`: the first one is seq 1.
    ends: Vec<usize>,
    queued: Option<u32>,
    end: Option<End>,
    /// Another node holds us for dead and has sealed the log in the store: what is here may be more than what is true.
    lost: bool,
}

/// How it ended, stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// How.
    pub outcome: Outcome,
    /// When.
    pub at: Timestamp,
    /// What it took.
    pub usage: Option<Usage>,
    /// What to tell the reader when it failed.
    pub fault: Option<Fault>,
    /// All of its text.
    pub text: Arc<str>,
    /// What it rests on.
    pub citations: Arc<[Citation]>,
    /// The model that wrote it, where that is known.
    pub model: Option<String>,
}

/// Why it failed, for its reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// For programs.
    pub code: ProblemCode,
    /// For people.
    pub message: String,
    /// Seconds.
    pub retry_after: Option<u32>,
}

/// Consecutive deltas in one piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Their text.
    pub text: String,
    /// Of the first.
    pub first_seq: u64,
    /// Of the last.
    pub seq: u64,
    /// Whether there is something behind it already: more text, or the end.
    pub more: bool,
}

/// What a reader has not seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Nothing yet; `Some` position while it waits for the model.
    Waiting(Option<u32>),
    /// What it rests on; to be told before its text.
    Sources(Arc<[Citation]>),
    /// More text; ask again behind it.
    Text(Chunk),
    /// All was seen, and it has ended.
    Ended(End),
    /// It was taken from this node: what was shown may not be stored. Read it again from the store.
    Lost,
}

impl LiveGeneration {
    /// Nothing said yet.
    pub fn new(id: GenerationId, writes: Writes, conversation_id: ConversationId, user_id: UserId) -> Self {
        Self {
            id,
            prompt_id: writes.prompt_id,
            message_id: writes.message_id,
            offset: writes.offset,
            conversation_id,
            user_id,
            model: OnceLock::new(),
            log: Mutex::default(),
            sources: OnceLock::new(),
            changed: watch::Sender::new(()),
            stop: CancellationToken::new(),
            interrupt: CancellationToken::new(),
        }
    }

    /// Whether it goes on with text that the answer has already.
    pub fn continues(&self) -> bool {
        self.offset > 0
    }

    /// Wakes whenever there is more to read.
    pub fn watch(&self) -> watch::Receiver<()> {
        let mut watch = self.changed.subscribe();
        watch.mark_changed();
        watch
    }

    /// Asks it to end here. What was said is kept.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Ends it because the program ends.
    pub fn interrupt(&self) {
        self.interrupt.cancel();
    }

    /// The last delta's number so far; 0: none.
    pub fn seq(&self) -> u64 {
        seq_of(self.log.lock().ends.len())
    }

    /// What stands behind `after_seq`.
    pub fn read(&self, after_seq: u64) -> Progress {
        let log = self.log.lock();
        if log.lost {
            return Progress::Lost;
        }
        let seen = usize::try_from(after_seq)
            .unwrap_or(usize::MAX)
            .min(log.ends.len());
        let start = seen
            .checked_sub(1)
            .and_then(|last| log.ends.get(last))
            .copied()
            .unwrap_or(0);
        let unseen = log.ends.get(seen..).unwrap_or_default();
        // At least one: a delta is never larger than a frame.
        let count = unseen
            .partition_point(|end| end - start <= FRAME_TEXT_BYTES)
            .max(1);
        let Some(text) = unseen
            .get(count.min(unseen.len()).wrapping_sub(1))
            .and_then(|end| log.text.get(start..*end))
        else {
            return match &log.end {
                Some(end) => Progress::Ended(end.clone()),
                None => Progress::Waiting(log.queued),
            };
        };
        let count = count.min(unseen.len());
        let more = count < unseen.len() || log.end.is_some();
        Progress::Text(Chunk {
            more,
            text: text.to_owned(),
            first_seq: seq_of(seen) + 1,
            seq: seq_of(seen + count),
        })
    }

    /// Waits for its end; `None`: it was taken from this node.
    pub async fn ended(&self) -> Option<End> {
        let mut watch = self.watch();
        loop {
            match self.read(u64::MAX) {
                Progress::Ended(end) => return Some(end),
                Progress::Lost => return None,
                // An error would mean that this is gone, and we hold it.
                Progress::Waiting(_) | Progress::Text(_) | Progress::Sources(_) => {
                    drop(watch.changed().await)
                }
            }
        }
    }

    /// What it rests on; `None` while that is not looked up.
    pub fn sources(&self) -> Option<Arc<[Citation]>> {
        self.sources.get().map(Arc::clone)
    }

    /// It rests on these, and the readers are told. The first word stands.
    fn rests_on(&self, sources: Vec<Citation>) {
        if self.sources.set(sources.into()).is_ok() {
            self.changed.send_replace(());
        }
    }

    /// The whole text so far.
    pub fn text(&self) -> String {
        self.log.lock().text.clone()
    }

    /// Adds deltas, and wakes the readers. A delta too large for a frame is cut into several; gives their byte lengths.
    fn push(&self, delta: &str, lengths: &mut impl FnMut(&str)) {
        {
            let mut log = self.log.lock();
            log.queued = None;
            let mut rest = delta;
            while !rest.is_empty() {
                let (piece, behind) = rest.split_at(floor_char_boundary(rest, FRAME_TEXT_BYTES));
                log.text.push_str(piece);
                let end = log.text.len();
                log.ends.push(end);
                lengths(piece);
                rest = behind;
            }
        }
        self.changed.send_replace(());
    }

    fn queued(&self, position: u32) {
        self.log.lock().queued = Some(position);
        self.changed.send_replace(());
    }

    fn end(&self, outcome: Outcome, at: Timestamp, usage: Option<Usage>, fault: Option<Fault>) {
        {
            let mut log = self.log.lock();
            let text = Arc::from(log.text.as_str());
            let citations = self.sources().unwrap_or_default();
            log.end = Some(End {
                citations,
                model: self.model.get().cloned(),
                outcome,
                at,
                usage,
                fault,
                text,
            });
        }
        self.changed.send_replace(());
    }

    /// It is this node's no more.
    fn lose(&self) {
        self.log.lock().lost = true;
        self.changed.send_replace(());
    }
}

fn seq_of(index: usize) -> u64 {
    u64::try_from(index).unwrap_or(u64::MAX)
}

/// The largest place at most at `limit` that does not cut a character; the whole text when it is shorter.
fn floor_char_boundary(text: &str, limit: usize) -> usize {
    text.floor_char_boundary(limit)
}

/// The generation that writes in this conversation, on whichever node.
///
/// # Errors
/// The store's.
pub async fn writing_in(
    app: &AppState,
    conversation: ConversationId,
) -> store::Result<Option<Arc<LiveGeneration>>> {
    if let Some(known) = app.chat.known_in(conversation) {
        return Ok(Some(known));
    }
    if app.alone {
        return Ok(None);
    }
    match app.store.running_generation(conversation).await? {
        Some(record) if has_begun(app, &record).await? => Ok(Some(tail::follow(app, &record))),
        _ => Ok(None),
    }
}

/// Whether another node's generation is more than a claim: its answer has a place, or is its to go on with. A claim may
/// still be let go, and then it never was; what was told of it could not be taken back. Once it has begun, the next look
/// tells of it.
///
/// # Errors
/// The store's.
pub async fn has_begun(app: &App, record: &GenerationRecord) -> store::Result<bool> {
    let message = app.store.message(record.message_id).await?;
    // Nodes of the version before do not say who writes an answer; none of them goes on with one.
    let is_its = |writer: Option<GenerationId>| match writer {
        Some(writer) => writer == record.id,
        None => record.offset == 0,
    };
    Ok(message.is_some_and(|message| is_its(message.generation_id)))
}

/// A stored generation, to be read: from its log as it is, or followed while another node writes it.
///
/// # Errors
/// The store's.
pub async fn of_record(app: &AppState, record: &GenerationRecord) -> store::Result<Arc<LiveGeneration>> {
    if !record.settled && !app.alone {
        return Ok(tail::follow(app, record));
    }
    let generation = LiveGeneration::read_back(&*app.store, record).await?;
    if record.ended.is_none() {
        // Nobody else is there to write it, and what runs here is not read back: its end could not be stored. The reaper
        // stores this one.
        generation.end(Outcome::Interrupted, app.clock.now(), None, None);
    }
    Ok(Arc::new(generation))
}

/// Stops what writes in this conversation, wherever it runs.
///
/// # Errors
/// The store's.
pub async fn stop_in(app: &App, conversation: ConversationId) -> store::Result<()> {
    if let Some(here) = app.chat.running_in(conversation) {
        here.stop();
        return Ok(());
    }
    if !app.alone
        && let Some(elsewhere) = app.store.running_generation(conversation).await?
    {
        app.store.request_stop(elsewhere.id).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn generation() -> LiveGeneration {
        let id = Uuid::now_v7();
        let writes = Writes {
            prompt_id: MessageId::from_uuid(id),
            message_id: MessageId::from_uuid(id),
            offset: 0,
        };
        LiveGeneration::new(
            GenerationId::from_uuid(id),
            writes,
            ConversationId::from_uuid(id),
            UserId::from_uuid(id),
        )
    }

    fn say(generation: &LiveGeneration, delta: &str) {
        generation.push(delta, &mut |_| {});
    }

    #[test]
    fn a_reader_gets_all_it_has_not_seen_in_one_piece() {
        let generation = generation();
        for delta in ["Hel", "lo", ", ", "Ali", "ce"] {
            say(&generation, delta);
        }
        let chunk = Chunk {
            text: "lo, Alice".into(),
            first_seq: 2,
            seq: 5,
            more: false,
        };
        assert_eq!(generation.read(1), Progress::Text(chunk));
        assert_eq!(generation.read(5), Progress::Waiting(None));
    }

    #[test]
    fn the_end_is_seen_after_the_last_delta_only() {
        let generation = generation();
        say(&generation, "all");
        assert!(matches!(
            generation.read(0),
            Progress::Text(Chunk { more: false, .. })
        ));
        generation.end(Outcome::Complete, Timestamp::from_millis(1), None, None);
        assert!(matches!(
            generation.read(0),
            Progress::Text(Chunk { more: true, .. })
        ));
        assert!(matches!(generation.read(1), Progress::Ended(end) if &*end.text == "all"));
    }

    #[test]
    fn no_frame_is_larger_than_its_bound_and_none_cuts_a_character() {
        let generation = generation();
        let large = "🫖".repeat(10_000);
        say(&generation, &large);
        say(&generation, "end");
        let (mut seen, mut text) = (0, String::new());
        while let Progress::Text(chunk) = generation.read(seen) {
            assert!(chunk.text.len() <= FRAME_TEXT_BYTES);
            assert_eq!(chunk.first_seq, seen + 1);
            seen = chunk.seq;
            text.push_str(&chunk.text);
        }
        assert_eq!(text, format!("{large}end"));
    }

    #[test]
    fn a_reader_ahead_of_the_log_gets_no_text_twice() {
        let generation = generation();
        say(&generation, "a");
        assert_eq!(generation.read(99), Progress::Waiting(None));
    }
}
