//! What must be true when all is over, whatever happened: the ledger (what users were told) against the evidence (what is
//! stored). Pure: no clock, no network; each rule has a test with a forged world that breaks that rule alone.
//!
//! Start at [`check`]. `history` has the rules about conversations, `log` those about generations and their chunks,
//! `view` those about what sockets showed.

mod history;
mod log;
mod view;

use crate::evidence::{Evidence, Generation};
use crate::ledger::Ledger;
use crate::order::Order;
use std::collections::{HashMap, HashSet};
use std::fmt;
use wire::message::{Message, MessageRole, MessageStatus, Outcome};
use wire::{GenerationId, MessageId};

/// A rule, by what it forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// An acknowledged prompt is missing, or is there more than once.
    NotOnce,
    /// A prompt was acknowledged as two messages.
    TwoAcks,
    /// Acknowledged prompts stand in another order than they were sent in.
    OutOfOrder,
    /// A message does not follow the one before it.
    BrokenChain,
    /// A message of the user's that no user wrote.
    Invented,
    /// A prompt is shown though another was said in its place, or hidden though none was.
    WrongBranch,
    /// A prompt of a replaced session was taken.
    StalePrompt,
    /// An acknowledged prompt has no answer, or several.
    NotAnsweredOnce,
    /// An answer is still being written when nothing is.
    NotFinal,
    /// An answer says what the model did not say there; a complete one is not all of it.
    WrongText,
    /// A log has a gap, an overlap, or text of another place.
    BrokenLog,
    /// A log was written by who had lost it.
    StaleFence,
    /// A generation has not ended, or its text has not moved.
    Unsettled,
    /// A message is not what its log says.
    NotItsLog,
    /// A user has two active sessions.
    TwoSessions,
    /// The active session is not the one that was opened last.
    NotTheLastSession,
    /// A socket showed a gap, an overlap, or what the model did not say.
    BrokenView,
    /// A socket showed an end that is not what is stored.
    ShownNotStored,
    /// A user found it wrong on the spot.
    Complaint,
}

/// A rule that was broken, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub rule: Rule,
    /// Ids, and what was found.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.rule, self.what)
    }
}

/// Everything, looked up by its ids, and the violations found so far.
struct Trial<'a> {
    ledger: &'a Ledger,
    evidence: &'a Evidence,
    /// Visible messages.
    messages: HashMap<MessageId, &'a Message>,
    /// All that are stored, on whichever branch; some were never shown to anybody.
    stored: HashMap<MessageId, &'a Message>,
    found: Vec<Violation>,
}

/// Checks every rule.
pub fn check(ledger: &Ledger, evidence: &Evidence) -> Vec<Violation> {
    let visible = evidence.histories.iter().flat_map(|history| &history.messages);
    let messages: HashMap<_, _> = visible.map(|message| (message.id, message)).collect();
    let hidden = evidence.records.messages.iter();
    let mut stored: HashMap<_, _> = hidden.map(|message| (message.id, message)).collect();
    stored.extend(&messages);
    let mut trial = Trial {
        ledger,
        evidence,
        messages,
        stored,
        found: Vec::new(),
    };
    history::check(&mut trial);
    log::check(&mut trial);
    view::check(&mut trial);
    sessions(&mut trial);
    for complaint in &ledger.complaints {
        trial.say(Rule::Complaint, complaint);
    }
    trial.found
}

impl<'a> Trial<'a> {
    fn say(&mut self, rule: Rule, what: impl fmt::Display) {
        self.found.push(Violation {
            rule,
            what: what.to_string(),
        });
    }

    /// What an answer was to say: its parent is a prompt, and a prompt is an order.
    fn order_of(&self, answer: MessageId) -> Option<Order> {
        let prompt = self.stored.get(&answer)?.parent_id?;
        order(self.stored.get(&prompt)?)
    }

    /// All answers that are visible, or were shown to their end before another took their place.
    fn answers(&self) -> Vec<&'a Message> {
        let shown = self.ledger.views.values().filter(|view| view.is_complete());
        let shown: HashSet<MessageId> = shown.filter_map(|view| view.message).collect();
        let seen =
            |message: &&Message| self.messages.contains_key(&message.id) || shown.contains(&message.id);
        let answers = self.stored.values().copied();
        answers
            .filter(|message| message.role == MessageRole::Assistant)
            .filter(seen)
            .collect()
    }

    /// The generations that wrote a message, in order.
    fn writers(&self, message: MessageId) -> Vec<&'a Generation> {
        let all = self.evidence.records.generations.iter();
        let mut writers: Vec<_> = all.filter(|generation| generation.message == message).collect();
        writers.sort_by_key(|generation| (generation.offset, generation.id));
        writers
    }

    /// What a generation wrote of its message, and whether it was the last one to write there.
    fn part(&self, generation: &Generation) -> Option<(&'a str, bool)> {
        let message = self.stored.get(&generation.message)?;
        let writers = self.writers(generation.message);
        let place = writers.iter().position(|writer| writer.id == generation.id)?;
        let end = writers
            .get(place + 1)
            .map_or(message.message.len(), |next| next.offset);
        Some((
            message.message.get(generation.offset..end)?,
            place + 1 == writers.len(),
        ))
    }

    /// Whether a message ended as the last generation that is known to have written there. One that was let go, since its
    /// node died between opening the message again and its first word, leaves no record: the message is interrupted then.
    /// One whose node was held for dead between its claim and that has a record, and never touched the message: it is as
    /// the one before left it.
    fn ended_as(&self, message: &Message, outcome: Outcome) -> bool {
        let let_go =
            message.status == MessageStatus::Interrupted && self.ledger.continued.contains(&message.id);
        let untouched = match self.writers(message.id).as_slice() {
            [.., before, last] => {
                last.outcome == Some(Outcome::Interrupted)
                    && last.offset == message.message.len()
                    && before.outcome.map(MessageStatus::from) == Some(message.status)
            }
            _ => false,
        };
        let_go || untouched || message.status == MessageStatus::from(outcome)
    }

    /// Tokens of the order that stood there before a generation went on; `None` when they cannot be counted.
    fn said_before(&self, generation: &Generation) -> Option<u64> {
        let text = &self.stored.get(&generation.message)?.message;
        let order = self.order_of(generation.message)?;
        order.count(text.get(..generation.offset)?).map(u64::from)
    }

    fn generation(&self, id: GenerationId) -> Option<&'a Generation> {
        let mut all = self.evidence.records.generations.iter();
        all.find(|generation| generation.id == id)
    }
}

fn order(prompt: &Message) -> Option<Order> {
    prompt.message.parse().ok()
}

/// The tokens `first..next` of an answer, joined.
fn tokens(order: &Order, first: u64, next: u64) -> String {
    let tokens = first..next.min(u64::from(order.tokens) + 1);
    tokens
        .filter_map(|index| Some(order.numbered(u32::try_from(index).ok()?)))
        .collect()
}

fn is_final(status: MessageStatus) -> bool {
    status != MessageStatus::Generating
}

fn sessions(trial: &mut Trial<'_>) {
    let (ledger, sessions) = (trial.ledger, &trial.evidence.records.sessions);
    for (index, active) in sessions.iter().enumerate() {
        if sessions
            .iter()
            .skip(index + 1)
            .any(|other| other.user == active.user)
        {
            trial.say(Rule::TwoSessions, format_args!("{}", active.user));
        }
        // One whose answer was lost may be open or not; nothing older may be.
        let of_user = ledger.opens.iter().rev().filter(|open| open.user == active.user);
        let mut possible = Vec::new();
        for open in of_user {
            possible.push(open.session);
            if open.session.is_some() {
                break;
            }
        }
        let known = possible.contains(&Some(active.session));
        let unknown_one = possible.contains(&None)
            && !ledger
                .opens
                .iter()
                .any(|open| open.session == Some(active.session));
        if !known && !unknown_one {
            trial.say(
                Rule::NotTheLastSession,
                format_args!(
                    "{} of {}; the last were {possible:?}",
                    active.session, active.user
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests;
