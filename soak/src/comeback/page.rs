//! What somebody sees of one answer, put together from frames, as any client does it. Pure.

use wire::message::{Message, MessageStatus, Outcome};
use wire::socket::ServerEvent;
use wire::{GenerationId, MessageId};

/// One page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// The answer's message, once it is known.
    pub(super) message: Option<MessageId>,
    /// What stood there before the run of the model that is being shown.
    before: String,
    /// Of that run.
    shown: String,
    seq: u64,
    generation: Option<GenerationId>,
    /// How it ended, once it has.
    pub(super) ended: Option<Outcome>,
    /// Frames that do not fit: each is a defect.
    pub(super) complaints: Vec<String>,
}

impl Page {
    /// Of an answer as the history has it.
    pub(super) fn of(message: &Message) -> Self {
        Self {
            message: Some(message.id),
            before: message.message.clone(),
            ended: outcome(message.status),
            ..Self::default()
        }
    }

    /// All that is on it.
    pub(super) fn text(&self) -> String {
        format!("{}{}", self.before, self.shown)
    }

    /// The last delta that is on it.
    pub(super) fn seq(&self) -> u64 {
        self.seq
    }

    /// Where it wants to go on when its socket is lost.
    pub(super) fn place(&self) -> Option<(GenerationId, u64)> {
        self.generation.map(|generation| (generation, self.seq))
    }

    /// Takes a frame in.
    pub(super) fn take(&mut self, event: &ServerEvent) {
        match event {
            ServerEvent::ResponseStart {
                generation_id,
                message_id,
                continues,
                ..
            } => {
                if self.generation != Some(*generation_id) {
                    self.before = if *continues { self.text() } else { String::new() };
                }
                (self.shown, self.seq) = (String::new(), 0);
                self.generation = Some(*generation_id);
                self.message = Some(*message_id);
                self.ended = None;
            }
            ServerEvent::ResponseChunk {
                chunk,
                generation_id,
                first_seq,
                seq,
            } => {
                let fits = self.generation == Some(*generation_id) && *first_seq == self.seq + 1;
                if !fits || self.ended.is_some() {
                    let after = self.seq;
                    self.complain(format!(
                        "{first_seq} to {seq} of {generation_id} came after {after}, {:?}",
                        self.ended
                    ));
                }
                self.shown.push_str(chunk);
                self.seq = *seq;
            }
            ServerEvent::ResponseComplete {
                generation_id,
                full_response,
                outcome,
                ..
            } => {
                if self.generation != Some(*generation_id) || self.ended.is_some() {
                    self.complain(format!("an end of {generation_id} that was not awaited"));
                }
                if *full_response != self.shown {
                    let (whole, shown) = (full_response.len(), self.shown.len());
                    self.complain(format!("the whole has {whole} bytes, its parts {shown}"));
                }
                self.ended = Some(*outcome);
            }
            _ => {}
        }
    }

    fn complain(&mut self, what: String) {
        self.complaints.push(what);
    }
}

/// How a message ended; `None` while it is being written.
pub(super) fn outcome(status: MessageStatus) -> Option<Outcome> {
    match status {
        MessageStatus::Generating => None,
        MessageStatus::Complete => Some(Outcome::Complete),
        MessageStatus::Stopped => Some(Outcome::Stopped),
        MessageStatus::Interrupted => Some(Outcome::Interrupted),
        MessageStatus::Failed => Some(Outcome::Failed),
        MessageStatus::Cut => Some(Outcome::Cut),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;
    use wire::Timestamp;

    fn generation(number: u128) -> GenerationId {
        GenerationId::from_uuid(Uuid::from_u128(number))
    }

    fn message() -> MessageId {
        MessageId::from_uuid(Uuid::from_u128(9))
    }

    fn start(number: u128, continues: bool) -> ServerEvent {
        ServerEvent::ResponseStart {
            message: String::new(),
            generation_id: generation(number),
            message_id: message(),
            parent_id: message(),
            continues,
            offset: 0,
        }
    }

    fn chunk(number: u128, first_seq: u64, seq: u64, text: &str) -> ServerEvent {
        ServerEvent::ResponseChunk {
            chunk: text.into(),
            generation_id: generation(number),
            first_seq,
            seq,
        }
    }

    fn end(number: u128, text: &str, outcome: Outcome) -> ServerEvent {
        ServerEvent::ResponseComplete {
            message_id: message(),
            timestamp: Timestamp::from_millis(0),
            full_response: text.into(),
            generation_id: generation(number),
            outcome,
            usage: None,
            citations: Vec::new(),
            drawn: Vec::new(),
            model: None,
        }
    }

    fn page(events: &[ServerEvent]) -> Page {
        let mut page = Page::default();
        events.iter().for_each(|event| page.take(event));
        page
    }

    #[test]
    fn chunks_join_over_as_many_sockets_as_it_takes() {
        let page = page(&[
            start(1, false),
            chunk(1, 1, 2, "ab"),
            chunk(1, 3, 3, "c"),
            end(1, "abc", Outcome::Complete),
        ]);
        assert_eq!(
            (page.text().as_str(), page.ended),
            ("abc", Some(Outcome::Complete))
        );
        assert_eq!(page.complaints, Vec::<String>::new());
    }

    #[test]
    fn what_is_sent_anew_takes_the_place_of_what_was_shown() {
        let page = page(&[
            start(1, false),
            chunk(1, 1, 3, "abc"),
            start(1, false),
            chunk(1, 1, 2, "ab"),
            end(1, "ab", Outcome::Interrupted),
        ]);
        assert_eq!(page.text(), "ab");
        assert_eq!(page.complaints, Vec::<String>::new());
    }

    #[test]
    fn a_continued_answer_stands_behind_what_was_there_also_when_it_is_sent_anew() {
        let page = page(&[
            start(1, false),
            chunk(1, 1, 2, "ab"),
            end(1, "ab", Outcome::Interrupted),
            start(2, true),
            chunk(2, 1, 1, "c"),
            start(2, true),
            chunk(2, 1, 2, "cd"),
            end(2, "cd", Outcome::Complete),
        ]);
        assert_eq!(page.text(), "abcd");
        assert_eq!(page.complaints, Vec::<String>::new());
    }

    #[test]
    fn a_gap_an_overlap_and_a_frame_behind_the_end_are_seen() {
        let wrong = [
            vec![start(1, false), chunk(1, 2, 2, "b")],
            vec![start(1, false), chunk(1, 1, 2, "ab"), chunk(1, 2, 3, "bc")],
            vec![start(1, false), chunk(2, 1, 1, "a")],
            vec![
                start(1, false),
                end(1, "", Outcome::Complete),
                chunk(1, 1, 1, "a"),
            ],
            vec![
                start(1, false),
                end(1, "", Outcome::Complete),
                end(1, "", Outcome::Complete),
            ],
            vec![
                start(1, false),
                chunk(1, 1, 1, "a"),
                end(1, "b", Outcome::Complete),
            ],
        ];
        for events in wrong {
            assert_eq!(page(&events).complaints.len(), 1, "{events:?}");
        }
    }
}
