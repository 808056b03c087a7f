//! Any interleaving of what can happen to a socket, generated, and what must hold in each of them.
//!
//! A [`World`] has answers that grow and end, and one client that follows them over as many sockets as it likes: it stops,
//! resumes, sends junk, loses its connection. It plays the part of `connection.rs` (reads behind the cursor, in pieces of
//! any size) and holds every frame against what the answers are. Start at [`World::hear`]: the rules.

use super::*;
use proptest::{collection::vec, prelude::*};
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;
use wire::{Timestamp, message::Outcome};

/// Answers of a world.
const ANSWERS: usize = 4;

/// Something that happens.
#[derive(Debug, Clone)]
enum Happening {
    /// An answer begins, if another one can.
    Begin,
    /// The one that is being written says so many deltas more.
    Say(u8),
    /// It ends.
    End,
    /// The socket is free: it is told what is behind its cursor, at most so many deltas.
    Pump(u8),
    /// The model is busy.
    Queue(u32),
    /// Word of an answer comes twice.
    TellAgain(prop::sample::Index),
    /// A chunk that has no business here: from somewhere, so long.
    Stray(u8, u8),
    /// The client asks to go on with an answer behind a delta that it has.
    Resume(prop::sample::Index, u8),
    /// The client wants the answer to end here.
    Stop,
    /// The client says what means nothing to the answer.
    Talk(Talk),
    /// The connection is gone; the client comes back, to go on with what it has, or as if it knew nothing.
    Reconnect { resumes: bool },
    /// The server closes the socket; the client comes back.
    Close(Closing),
}

#[derive(Debug, Clone, Copy)]
enum Talk {
    Ping,
    Junk,
    Binary,
    Refused,
    Title,
}

#[derive(Debug, Clone, Copy)]
enum Closing {
    Shutdown,
    Overrun,
    Lost,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        3 => Just(Happening::Begin),
        8 => (1..6_u8).prop_map(Happening::Say),
        3 => Just(Happening::End),
        10 => (1..5_u8).prop_map(Happening::Pump),
        1 => (0..3_u32).prop_map(Happening::Queue),
        2 => any::<prop::sample::Index>().prop_map(Happening::TellAgain),
        2 => (1..20_u8, 1..4_u8).prop_map(|(first, length)| Happening::Stray(first, length)),
        2 => (any::<prop::sample::Index>(), 0..10_u8).prop_map(|(which, back)| Happening::Resume(which, back)),
        1 => Just(Happening::Stop),
        2 => prop_oneof![
            Just(Talk::Ping),
            Just(Talk::Junk),
            Just(Talk::Binary),
            Just(Talk::Refused),
            Just(Talk::Title)
        ]
        .prop_map(Happening::Talk),
        2 => any::<bool>().prop_map(|resumes| Happening::Reconnect { resumes }),
        1 => prop_oneof![Just(Closing::Shutdown), Just(Closing::Overrun), Just(Closing::Lost)]
            .prop_map(Happening::Close),
    ]
}

/// An answer, whole or in the making.
struct Written {
    answer: Answer,
    deltas: Vec<String>,
    ended: Option<Outcome>,
}

impl Written {
    fn text(&self, first_seq: u64, seq: u64) -> String {
        let skipped = usize::try_from(first_seq - 1).unwrap();
        let count = usize::try_from(seq + 1 - first_seq).unwrap();
        self.deltas.iter().skip(skipped).take(count).cloned().collect()
    }

    fn seq(&self) -> u64 {
        u64::try_from(self.deltas.len()).unwrap()
    }
}

/// What the client shows of an answer.
#[derive(Default)]
struct Shown {
    seq: u64,
    /// On the socket that is open.
    started: bool,
    complete: bool,
}

/// Answers, a socket, and a client that remembers over all its sockets.
struct World {
    answers: Vec<Written>,
    socket: SocketState,
    /// As `connection.rs` keeps it: what the socket follows, in order.
    following: VecDeque<GenerationId>,
    shown: HashMap<GenerationId, Shown>,
    stops: usize,
    sockets: usize,
}

impl World {
    fn new() -> Self {
        let socket = SocketState::new(SessionId::from_uuid(Uuid::from_u128(1)), "Ada".into());
        let mut world = Self {
            answers: Vec::new(),
            socket,
            following: VecDeque::new(),
            shown: HashMap::new(),
            stops: 0,
            sockets: 0,
        };
        world.open(false);
        world
    }

    fn written(&self, id: GenerationId) -> Option<&Written> {
        self.answers
            .iter()
            .find(|written| written.answer.generation_id == id)
    }

    fn writing(&mut self) -> Option<&mut Written> {
        self.answers.last_mut().filter(|written| written.ended.is_none())
    }

    /// A new socket, told of what runs, and of what the client wants to go on with.
    fn open(&mut self, resumes: bool) {
        self.socket = SocketState::new(SessionId::from_uuid(Uuid::from_u128(1)), "Ada".into());
        self.following.clear();
        self.sockets += 1;
        for shown in self.shown.values_mut() {
            shown.started = false;
        }
        let mut answers = Vec::new();
        if resumes && let Some(last) = self.answers.last().map(|last| last.answer) {
            let shown = self.shown.entry(last.generation_id).or_default();
            (shown.started, shown.complete) = (true, false);
            answers.push(Answer {
                seen: shown.seq,
                started: true,
                ..last
            });
        } else if let Some(running) = self.writing().map(|running| running.answer) {
            answers.push(running);
        }
        let running = self.writing().map(|running| Running {
            generation_id: running.answer.generation_id,
            message_id: running.answer.message_id,
            seq: running.seq(),
            parent_id: running.answer.prompt_id,
            offset: running.answer.offset,
            continues: false,
        });
        self.following
            .extend(answers.iter().map(|answer| answer.generation_id));
        self.step(Input::Opened { running, answers });
    }

    fn follow(&mut self, answer: Answer) {
        if !self.following.contains(&answer.generation_id) {
            self.following.push_back(answer.generation_id);
        }
        self.step(Input::Follow(answer));
    }

    /// What `connection.rs` does when the socket is free; false when there is nothing to tell.
    fn pump(&mut self, most: u64) -> bool {
        let Some(current) = self.socket.current().copied() else {
            return false;
        };
        assert_eq!(
            self.following.front(),
            Some(&current.generation_id),
            "the socket reads another answer than it sends"
        );
        let written = self
            .written(current.generation_id)
            .expect("an answer that was begun");
        let progress = if current.seen < written.seq() {
            let seq = written.seq().min(current.seen + most);
            Progress::Text(Chunk {
                text: written.text(current.seen + 1, seq),
                first_seq: current.seen + 1,
                seq,
                more: seq < written.seq() || written.ended.is_some(),
            })
        } else if let Some(outcome) = written.ended {
            let text: Arc<str> = Arc::from(written.text(1, written.seq()));
            self.following.pop_front();
            Progress::Ended(End {
                outcome,
                at: Timestamp::from_millis(1),
                usage: None,
                fault: None,
                text,
                citations: Arc::from([]),
                model: None,
            })
        } else {
            return false;
        };
        self.step(Input::Progress(progress));
        true
    }

    fn step(&mut self, input: Input) {
        let effects = self.socket.step(input);
        let closes = effects.iter().any(|effect| matches!(effect, Effect::Close(_)));
        for effect in effects {
            match effect {
                Effect::Send(event) => self.hear(event),
                Effect::Stop => self.stops += 1,
                Effect::Find {
                    generation_id,
                    after_seq,
                } => self.find(generation_id, after_seq),
                Effect::Ask(_) => panic!("nobody asked anything"),
                Effect::Close(_) => {}
            }
        }
        if closes {
            self.open(true);
        }
    }

    fn find(&mut self, id: GenerationId, after_seq: u64) {
        let answer = self.written(id).expect("the client knows no other").answer;
        self.follow(Answer {
            seen: after_seq,
            started: true,
            ..answer
        });
    }

    /// The rules: what may come now.
    fn hear(&mut self, event: ServerEvent) {
        match event {
            ServerEvent::ResponseStart { generation_id, .. } => {
                let shown = self.shown.entry(generation_id).or_default();
                assert!(
                    !shown.started,
                    "started twice on one socket, or though it was resumed"
                );
                *shown = Shown {
                    started: true,
                    ..Shown::default()
                };
            }
            ServerEvent::ResponseChunk {
                chunk,
                generation_id,
                first_seq,
                seq,
            } => {
                let shown = self
                    .shown
                    .get_mut(&generation_id)
                    .expect("a chunk of what never began");
                assert!(shown.started, "a chunk before its start");
                assert!(!shown.complete, "a chunk behind the end");
                assert_eq!(first_seq, shown.seq + 1, "lost, repeated or out of order");
                shown.seq = seq;
                let written = self.written(generation_id).expect("written");
                assert_eq!(chunk, written.text(first_seq, seq), "text of another place");
            }
            ServerEvent::ResponseComplete {
                generation_id,
                full_response,
                outcome,
                ..
            } => {
                let written = self.written(generation_id).expect("written");
                assert_eq!(full_response, written.text(1, written.seq()));
                assert_eq!(Some(outcome), written.ended, "ended as it did, and not before");
                let seq = written.seq();
                let shown = self
                    .shown
                    .get_mut(&generation_id)
                    .expect("the end of what never began");
                assert!(
                    shown.started && !shown.complete,
                    "an end without a beginning, or twice"
                );
                assert_eq!(shown.seq, seq, "ended before all was shown");
                shown.complete = true;
            }
            _ => {}
        }
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Begin => {
                if self.answers.len() < ANSWERS && self.writing().is_none() {
                    let id = Uuid::from_u128(100 + u128::try_from(self.answers.len()).unwrap());
                    let answer = Answer {
                        generation_id: GenerationId::from_uuid(id),
                        message_id: MessageId::from_uuid(id),
                        prompt_id: MessageId::from_uuid(id),
                        continues: false,
                        offset: 0,
                        seen: 0,
                        started: false,
                        sourced: false,
                    };
                    self.answers.push(Written {
                        answer,
                        deltas: Vec::new(),
                        ended: None,
                    });
                    self.follow(answer);
                }
            }
            Happening::Say(count) => {
                let answer = self.answers.len();
                if let Some(writing) = self.writing() {
                    for _ in 0..count {
                        let delta = format!(" {answer}:{}", writing.deltas.len() + 1);
                        writing.deltas.push(delta);
                    }
                }
            }
            Happening::End => {
                if let Some(writing) = self.writing() {
                    writing.ended = Some(Outcome::Complete);
                }
            }
            Happening::Pump(most) => drop(self.pump(most.into())),
            Happening::Queue(position) => self.step(Input::Progress(Progress::Waiting(Some(position)))),
            // Whoever tells of an answer tells each socket once, but a resume and the news of it may cross.
            Happening::TellAgain(which) => {
                let told = self.following.iter().copied().collect::<Vec<_>>();
                if !told.is_empty() {
                    let id = *which.get(&told);
                    let answer = self.written(id).expect("written").answer;
                    self.step(Input::Follow(answer));
                }
            }
            Happening::Stray(first_seq, length) => self.stray(first_seq.into(), length.into()),
            Happening::Resume(which, back) => self.resume(which, back.into()),
            Happening::Stop => {
                let before = self.stops;
                self.say(r#"{"message_type":"stop"}"#);
                assert_eq!(self.stops, before + 1);
                if let Some(writing) = self.writing() {
                    writing.ended = Some(Outcome::Stopped);
                }
            }
            Happening::Talk(talk) => self.talk(talk),
            Happening::Reconnect { resumes } => self.open(resumes),
            Happening::Close(Closing::Shutdown) => self.step(Input::Closed(CloseReason::ServerShutdown)),
            Happening::Close(Closing::Overrun) => self.step(Input::Overrun),
            Happening::Close(Closing::Lost) => self.step(Input::Progress(Progress::Lost)),
        }
    }

    /// A chunk that does not follow what was sent: it must not pass.
    fn stray(&mut self, first_seq: u64, length: u64) {
        let next = self.socket.current().map_or(0, |current| current.seen + 1);
        if first_seq != next {
            self.step(Input::Progress(Progress::Text(Chunk {
                text: "stray".into(),
                first_seq,
                seq: first_seq + length - 1,
                more: false,
            })));
        }
    }

    /// By a frame, on the open socket: it counts from where the client says it is.
    fn resume(&mut self, which: prop::sample::Index, back: u64) {
        if self.answers.is_empty() {
            return;
        }
        let id = which.get(&self.answers).answer.generation_id;
        let shown = self.shown.entry(id).or_default();
        shown.seq = shown.seq.saturating_sub(back);
        (shown.started, shown.complete) = (true, false);
        let event = ClientEvent::Resume {
            generation_id: id,
            after_seq: shown.seq,
        };
        self.say(&serde_json::to_string(&event).unwrap());
    }

    fn talk(&mut self, talk: Talk) {
        match talk {
            Talk::Ping => self.say(r#"{"message_type":"ping"}"#),
            Talk::Junk => self.say("{"),
            Talk::Binary => self.step(Input::Frame(Frame::Binary)),
            Talk::Refused => self.step(Input::Refused(ApiError::of(ProblemCode::GenerationRunning))),
            Talk::Title => self.step(Input::Say(ServerEvent::ConversationChanged {
                title: Some("Kettles".into()),
                active_leaf: None,
            })),
        }
    }

    fn say(&mut self, text: &str) {
        self.step(Input::Frame(Frame::Text(text.into())));
    }

    /// Everything ends, and the socket is free for long enough.
    fn settle(&mut self) {
        self.happen(Happening::End);
        while self.pump(3) {}
    }
}

proptest! {
    #[test]
    fn no_chunk_is_lost_repeated_or_reordered_whatever_happens(happenings in vec(happening(), 0..120)) {
        let mut world = World::new();
        for happening in happenings {
            world.happen(happening);
        }
        world.settle();
        prop_assert!(world.following.is_empty() && world.socket.current().is_none());
        if let Some((id, seq)) = world.answers.last().map(|last| (last.answer.generation_id, last.seq())) {
            // Whoever looks again sees all of it, also after the end.
            world.open(true);
            world.settle();
            let shown = &world.shown[&id];
            prop_assert!(shown.complete);
            prop_assert_eq!(shown.seq, seq);
        }
    }

    #[test]
    fn a_socket_that_stays_open_shows_every_answer_whole(happenings in vec(happening(), 0..120)) {
        let mut world = World::new();
        let stays = |happening: &Happening| {
            !matches!(happening, Happening::Reconnect { .. } | Happening::Close(_))
        };
        for happening in happenings.into_iter().filter(stays) {
            world.happen(happening);
        }
        world.settle();
        prop_assert_eq!(world.sockets, 1);
        for written in &world.answers {
            let shown = &world.shown[&written.answer.generation_id];
            prop_assert!(shown.complete);
            prop_assert_eq!(shown.seq, written.seq());
        }
    }

    #[test]
    fn a_close_says_why_and_nothing_more_of_an_answer(deltas in 0..20_u8) {
        let mut world = World::new();
        for happening in [Happening::Begin, Happening::Say(deltas), Happening::Pump(3)] {
            world.happen(happening);
        }
        let effects = world.socket.step(Input::Closed(CloseReason::Idle));
        let reason = ServerEvent::SessionClosed { reason: CloseReason::Idle };
        prop_assert_eq!(effects, [Effect::Send(reason), Effect::Close(close_code::IDLE)]);
    }
}
