//! One page against a server that does all it may do, in whatever order the seed says: the socket is lost and comes
//! back, frames are merged, repeated and left out, the conversation is read while it changes, somebody else edits,
//! regenerates, continues and switches. At no moment does the page show a character twice or leave one out, and when
//! it has become quiet it shows what is stored.

use super::*;
use std::collections::{HashMap, VecDeque};
use wire::socket::Running;

/// Marsaglia's xorshift64*: the same seed, the same story.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % bound.max(1)
    }

    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }
}

struct Run {
    id: GenerationId,
    message: MessageId,
    /// Bytes of the message before it.
    offset: u64,
    deltas: Vec<String>,
    outcome: Option<Outcome>,
}

impl Run {
    fn text_after(&self, seq: usize) -> String {
        self.deltas[seq..].concat()
    }

    fn chunk(&self, from: usize, to: usize) -> ServerEvent {
        ServerEvent::ResponseChunk {
            chunk: self.deltas[from..to].concat(),
            generation_id: self.id,
            first_seq: u64::try_from(from + 1).unwrap(),
            seq: u64::try_from(to).unwrap(),
        }
    }

    fn end(&self) -> Option<ServerEvent> {
        Some(ServerEvent::ResponseComplete {
            message_id: self.message,
            timestamp: Timestamp::from_millis(0),
            full_response: self.deltas.concat(),
            generation_id: self.id,
            outcome: self.outcome?,
            usage: None,
            citations: Vec::new(),
            drawn: Vec::new(),
            model: None,
        })
    }
}

/// What is stored, and one socket to it.
#[derive(Default)]
struct Server {
    messages: Vec<Message>,
    leaf: Option<MessageId>,
    runs: Vec<Run>,
    accepted: HashMap<ClientMessageId, MessageId>,
    socket: Option<VecDeque<ServerEvent>>,
    /// Deltas of the last run that were put on the socket.
    told: usize,
}

impl Server {
    fn get(&mut self, id: MessageId) -> &mut Message {
        self.messages.iter_mut().find(|message| message.id == id).unwrap()
    }

    fn running(&self) -> Option<&Run> {
        self.runs.last().filter(|run| run.outcome.is_none())
    }

    fn tell(&mut self, event: ServerEvent) {
        if let Some(socket) = &mut self.socket {
            socket.push_back(event);
        }
    }

    fn add(&mut self, role: MessageRole, text: &str, parent_id: Option<MessageId>) -> MessageId {
        let id = message_id(u128::try_from(self.messages.len() + 1).unwrap());
        let status = match role {
            MessageRole::User => MessageStatus::Complete,
            MessageRole::Assistant => MessageStatus::Generating,
        };
        self.messages.push(Message {
            id,
            role,
            message: text.into(),
            created_at: Timestamp::from_millis(0),
            parent_id,
            status,
            siblings: vec![],
            citations: vec![],
            drawn: Vec::new(),
            model: None,
            feedback: None,
        });
        self.leaf = Some(id);
        id
    }

    fn begin(&mut self, message: MessageId) {
        let id = GenerationId::from_uuid(Uuid::from_u128(u128::try_from(self.runs.len() + 1).unwrap()));
        let written = self.get(message);
        written.status = MessageStatus::Generating;
        let offset = u64::try_from(written.message.len()).unwrap();
        self.runs.push(Run {
            id,
            message,
            offset,
            deltas: vec![],
            outcome: None,
        });
        self.told = 0;
        let start = self.start();
        self.tell(start);
    }

    fn start(&mut self) -> ServerEvent {
        let run = self.runs.last().unwrap();
        let (generation_id, message_id, offset) = (run.id, run.message, run.offset);
        ServerEvent::ResponseStart {
            message: "…".into(),
            generation_id,
            message_id,
            parent_id: self.get(message_id).parent_id.unwrap(),
            continues: offset > 0,
            offset,
        }
    }

    fn answer(&mut self, prompt: MessageId) {
        let message = self.add(MessageRole::Assistant, "", Some(prompt));
        self.begin(message);
    }

    fn prompt(&mut self, text: &str, parent_id: Option<MessageId>, client: Option<ClientMessageId>) {
        let id = self.add(MessageRole::User, text, parent_id);
        self.accepted.extend(client.map(|client| (client, id)));
        self.acknowledge(id, client);
        self.answer(id);
    }

    fn acknowledge(&mut self, id: MessageId, client_message_id: Option<ClientMessageId>) {
        let Message {
            message, parent_id, ..
        } = self.get(id).clone();
        self.tell(ServerEvent::MessageReceived {
            message_id: id,
            timestamp: Timestamp::from_millis(0),
            client_message_id,
            role: MessageRole::User,
            message,
            parent_id,
            prompts_left: None,
        });
    }

    fn says(&mut self, word: String) {
        if self.running().is_some() {
            self.runs.last_mut().unwrap().deltas.push(word);
        }
    }

    /// Puts on the socket what it was not told of the running answer: some of it, all of it, or again.
    fn streams(&mut self, dice: &mut Dice) {
        let Some(run) = self.running() else { return };
        let said = run.deltas.len();
        let from = match dice.below(8) {
            0 => self.told.saturating_sub(2),
            // A piece is left out.
            1 => (self.told + 1).min(said),
            2 => 0,
            _ => self.told,
        };
        if from < said {
            let to = from + 1 + dice.below(said - from);
            let chunk = run.chunk(from, to);
            self.tell(chunk);
            self.told = to;
        }
    }

    fn ends(&mut self, outcome: Outcome) {
        let Some(run) = self.runs.last_mut().filter(|run| run.outcome.is_none()) else {
            return;
        };
        run.outcome = Some(outcome);
        let (message, text, end) = (run.message, run.text_after(0), run.end());
        let message = self.get(message);
        message.message.push_str(&text);
        message.status = outcome.into();
        self.tell(end.unwrap());
    }

    fn branch(&self) -> Vec<Message> {
        let mut branch = Vec::new();
        let mut at = self.leaf;
        while let Some(message) = self.messages.iter().find(|message| Some(message.id) == at) {
            let mut message = message.clone();
            let versions = self
                .messages
                .iter()
                .filter(|other| other.parent_id == message.parent_id);
            message.siblings = versions.map(|other| other.id).collect();
            if message.siblings.len() == 1 {
                message.siblings.clear();
            }
            at = message.parent_id;
            branch.push(message);
        }
        branch.reverse();
        branch
    }

    fn opens(&mut self, cursor: Option<(GenerationId, u64)>) {
        self.socket = Some(VecDeque::new());
        let running = self.running().map(|run| Running {
            generation_id: run.id,
            message_id: run.message,
            seq: u64::try_from(run.deltas.len()).unwrap(),
            parent_id: message_id(0),
            continues: run.offset > 0,
            offset: run.offset,
        });
        let running = running.map(|mut running| {
            running.parent_id = self.get(running.message_id).parent_id.unwrap();
            running
        });
        self.tell(ServerEvent::SessionInfo {
            session_id: SessionId::from_uuid(Uuid::nil()),
            chatbot_name: "Bot".into(),
            message: "Connected".into(),
            running,
        });
        if let Some((id, seq)) = cursor {
            self.resumes(id, seq);
        }
        if self
            .running()
            .is_some_and(|run| cursor.is_none_or(|(id, _)| id != run.id))
        {
            let start = self.start();
            self.tell(start);
            self.told = 0;
        }
    }

    fn resumes(&mut self, id: GenerationId, seq: u64) {
        let seq = usize::try_from(seq).unwrap();
        let run = self.runs.iter().find(|run| run.id == id).unwrap();
        let (said, end) = (run.deltas.len(), run.end());
        let rest = (seq < said).then(|| run.chunk(seq, said));
        for event in rest.into_iter().chain(end) {
            self.tell(event);
        }
        if self.running().is_some_and(|run| run.id == id) {
            self.told = said;
        }
    }

    fn hears(&mut self, event: ClientEvent) {
        let busy = self.running().is_some();
        match event {
            ClientEvent::Text {
                client_message_id: Some(client),
                ..
            }
            | ClientEvent::Edit {
                client_message_id: Some(client),
                ..
            } if self.accepted.contains_key(&client) => {
                self.acknowledge(self.accepted[&client], Some(client));
            }
            ClientEvent::Stop => self.ends(Outcome::Stopped),
            ClientEvent::Resume {
                generation_id,
                after_seq,
            } => self.resumes(generation_id, after_seq),
            _ if busy => self.tell(error(ProblemCode::GenerationRunning)),
            ClientEvent::Text {
                message,
                client_message_id,
            } => self.prompt(&message, self.leaf, client_message_id),
            ClientEvent::Edit {
                message_id,
                message,
                client_message_id,
            } => {
                let parent = self.get(message_id).parent_id;
                self.prompt(&message, parent, client_message_id);
            }
            ClientEvent::Regenerate { message_id } => self.regenerates(message_id),
            ClientEvent::Continue { message_id } => self.goes_on(message_id),
            ClientEvent::Ping => {}
        }
    }

    fn regenerates(&mut self, id: MessageId) {
        let message = self.get(id).clone();
        let prompt = match message.role {
            MessageRole::User => message.id,
            MessageRole::Assistant => message.parent_id.unwrap(),
        };
        self.answer(prompt);
    }

    fn goes_on(&mut self, id: MessageId) {
        let cut_short = Mark::Known(self.get(id).status).is_cut_short();
        if self.leaf == Some(id) && cut_short {
            self.begin(id);
        } else {
            self.tell(error(ProblemCode::InvalidField));
        }
    }

    /// Somebody does something from another page.
    fn another_page(&mut self, dice: &mut Dice, number: usize) {
        let branch = self.branch();
        if self.running().is_some() {
            return;
        }
        let any = (!branch.is_empty()).then(|| branch[dice.below(branch.len())].clone());
        match (dice.below(5), any) {
            (0, Some(Message { id, .. })) => self.regenerates(id),
            (1, Some(message)) if message.role == MessageRole::User => {
                self.prompt(&format!("elsewhere, otherwise {number}"), message.parent_id, None);
            }
            (2, Some(_)) => self.goes_on(branch.last().unwrap().id),
            (3, Some(_)) => {
                let mut leaf = self.messages[dice.below(self.messages.len())].id;
                while let Some(child) = self.messages.iter().rfind(|child| child.parent_id == Some(leaf)) {
                    leaf = child.id;
                }
                self.leaf = Some(leaf);
                self.tell(ServerEvent::ConversationChanged {
                    title: None,
                    active_leaf: Some(leaf),
                });
            }
            _ => self.prompt(&format!("elsewhere {number}"), self.leaf, None),
        }
    }
}

/// A read of the stored conversation: on its way there, or on its way back with what it found.
enum Read {
    Going,
    Coming(Vec<Message>),
}

struct Story {
    dice: Dice,
    server: Server,
    chat: Chat,
    read: Option<Read>,
    written: u128,
}

impl Story {
    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(event) if self.server.socket.is_some() => self.server.hears(event),
                Effect::Reread if self.read.is_none() => {
                    self.chat.reading();
                    self.read = Some(Read::Going);
                }
                _ => {}
            }
        }
    }

    fn hear(&mut self) {
        let heard = self.server.socket.as_mut().and_then(VecDeque::pop_front);
        if let Some(event) = heard {
            let effects = self.chat.apply(&event);
            self.carry_out(effects);
        }
    }

    fn read_on(&mut self) {
        match self.read.take() {
            Some(Read::Going) => self.read = Some(Read::Coming(self.server.branch())),
            Some(Read::Coming(messages)) => {
                let effects = self.chat.reread(messages, false);
                self.carry_out(effects);
            }
            None => {}
        }
    }

    fn connect(&mut self) {
        if self.server.socket.is_none() {
            self.server.opens(self.chat.cursor());
        }
    }

    fn write(&mut self) {
        self.written += 1;
        let prompts: Vec<_> = self
            .chat
            .transcript
            .shown()
            .filter(|entry| entry.role == MessageRole::User)
            .filter_map(|entry| entry.message_id)
            .collect();
        let edits = prompts.get(self.dice.below(prompts.len() * 2)).copied();
        let prompt = Prompt {
            id: id(self.written),
            text: format!("mine {}", self.written),
            edits,
        };
        let effects = self.chat.submit(prompt);
        self.carry_out(effects);
    }

    fn wish(&mut self) {
        let answers: Vec<_> = self
            .chat
            .transcript
            .shown()
            .filter_map(|entry| entry.message_id)
            .collect();
        let Some(message_id) = answers.get(self.dice.below(answers.len())).copied() else {
            return;
        };
        let event = match self.chat.transcript.leaf() {
            Some(message_id) if self.dice.one_in(2) => ClientEvent::Continue { message_id },
            _ => ClientEvent::Regenerate { message_id },
        };
        let effects = self.chat.wish(event);
        self.carry_out(effects);
    }

    fn step(&mut self, number: usize) {
        match self.dice.below(24) {
            0..=5 => self.server.says(format!("w{number} ")),
            6..=8 => self.server.streams(&mut self.dice),
            9..=14 => self.hear(),
            15..=16 => self.read_on(),
            17 => {
                self.server.socket = None;
                self.chat.disconnected();
            }
            18 => self.connect(),
            19 => self.server.another_page(&mut self.dice, number),
            20 => self.write(),
            21 => self.wish(),
            22 => {
                let effects = self.chat.stop();
                self.carry_out(effects);
            }
            _ => {
                let outcomes = [Outcome::Complete, Outcome::Failed, Outcome::Interrupted];
                self.server.ends(outcomes[self.dice.below(3)]);
            }
        }
    }

    /// Whatever is on the page of a stored answer is the beginning of it.
    fn expect_no_gap(&self, seed: u64, number: usize) {
        for entry in self.chat.transcript.entries() {
            let Some(id) = entry.message_id else { continue };
            let stored = self.server.messages.iter().find(|message| message.id == id);
            let mut whole = stored.unwrap().message.clone();
            if let Some(run) = self.server.running().filter(|run| run.message == id) {
                whole.push_str(&run.text_after(0));
            }
            assert!(
                whole.starts_with(&entry.text),
                "seed {seed}, step {number}: {:?} of {whole:?}",
                entry.text
            );
        }
    }

    /// The line holds, the model ends, all is heard and read.
    fn become_quiet(&mut self) {
        self.connect();
        for _ in 0..400 {
            self.server.ends(Outcome::Complete);
            self.hear();
            self.read_on();
        }
    }
}

#[test]
fn whatever_happens_no_character_is_repeated_or_skipped_and_every_prompt_is_stored_once() {
    for seed in 1..=400 {
        let mut story = Story {
            dice: Dice(seed),
            server: Server::default(),
            chat: Chat::default(),
            read: None,
            written: 0,
        };
        for number in 0..300 {
            story.step(number);
            story.expect_no_gap(seed, number);
        }
        story.become_quiet();
        while let Some(id) = story
            .chat
            .transcript
            .entries()
            .iter()
            .find(|entry| matches!(entry.mark, Mark::Unsent(_)))
            .and_then(|entry| entry.client_message_id)
        {
            let effects = story.chat.send_again(id);
            story.carry_out(effects);
            story.become_quiet();
        }
        assert!(!story.chat.is_busy() && !story.chat.is_sending(), "seed {seed}");
        for number in 1..=story.written {
            let text = format!("mine {number}");
            let stored = story
                .server
                .messages
                .iter()
                .filter(|message| message.message == text);
            assert_eq!(stored.count(), 1, "seed {seed}: {text}");
        }
        let shown: Vec<_> = story.chat.transcript.shown().collect();
        let branch = story.server.branch();
        assert_eq!(shown.len(), branch.len(), "seed {seed}");
        for (entry, message) in shown.into_iter().zip(branch) {
            assert_eq!(entry.message_id, Some(message.id), "seed {seed}");
            assert_eq!(entry.text, message.message, "seed {seed}");
            assert_eq!(entry.mark, Mark::Known(message.status), "seed {seed}");
            assert_eq!(entry.siblings, message.siblings, "seed {seed}");
        }
    }
}
