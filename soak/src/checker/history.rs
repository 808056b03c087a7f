//! Conversations: every acknowledged prompt once, in order, answered once, with what the model said.

use super::{Rule, Trial, is_final, order};
use crate::evidence::History;
use crate::ledger::Prompt;
use std::collections::{HashMap, HashSet};
use wire::MessageId;
use wire::message::{Message, MessageRole, MessageStatus};

pub(super) fn check(trial: &mut Trial<'_>) {
    for prompt in &trial.ledger.prompts {
        if prompt.stale {
            stale(trial, prompt);
        } else if let Some(ack) = prompt.acks.first() {
            if prompt.acks.iter().any(|other| other != ack) {
                trial.say(Rule::TwoAcks, format_args!("{}: {:?}", prompt.order, prompt.acks));
            }
            acknowledged(trial, prompt);
        }
    }
    for history in &trial.evidence.histories {
        chain(trial, history);
        in_order(trial, history);
    }
    for answer in trial.answers() {
        text(trial, answer);
    }
    for repeated in &trial.evidence.records.repeated {
        trial.say(
            Rule::NotOnce,
            format_args!("client_message_id {repeated} is stored twice"),
        );
    }
}

fn stale(trial: &mut Trial<'_>, prompt: &Prompt) {
    let stored = trial
        .messages
        .values()
        .any(|message| order(message) == Some(prompt.order));
    if stored || !prompt.acks.is_empty() {
        let how = if stored { "stored" } else { "acknowledged" };
        trial.say(
            Rule::StalePrompt,
            format_args!("{}: {how}, though its session had been replaced", prompt.order),
        );
    }
}

fn acknowledged(trial: &mut Trial<'_>, prompt: &Prompt) {
    let mut histories = trial.evidence.histories.iter();
    let messages = histories
        .find(|history| history.id == prompt.conversation)
        .map(|history| history.messages.as_slice())
        .unwrap_or_default();
    let copies: Vec<&Message> = messages
        .iter()
        .filter(|message| message.role == MessageRole::User && order(message) == Some(prompt.order))
        .collect();
    let edits: Vec<&Prompt> = trial
        .ledger
        .prompts
        .iter()
        .filter(|other| other.edits.is_some_and(|id| prompt.acks.contains(&id)))
        .collect();
    let replaced = edits.iter().any(|edit| !edit.acks.is_empty());
    let kept = prompt.acks.iter().all(|ack| trial.stored.contains_key(ack));
    if copies.is_empty() && (!edits.is_empty() || may_be_hidden(trial, prompt)) {
        if !kept {
            let what = format!("{} is gone, though it was only hidden", prompt.order);
            trial.say(Rule::NotOnce, what);
        }
        return;
    }
    if replaced {
        let what = format!("{} is shown, and another was said in its place", prompt.order);
        return trial.say(Rule::WrongBranch, what);
    }
    let [copy] = copies.as_slice() else {
        let what = format!(
            "{} in {} is shown {} times; stored: {kept}",
            prompt.order,
            prompt.conversation,
            copies.len()
        );
        return trial.say(Rule::NotOnce, what);
    };
    if !prompt.acks.contains(&copy.id) {
        let what = format!(
            "{} is {}, acknowledged as {:?}",
            prompt.order, copy.id, prompt.acks
        );
        trial.say(Rule::NotOnce, what);
    }
    let answers: Vec<&Message> = messages
        .iter()
        .filter(|message| message.role == MessageRole::Assistant && message.parent_id == Some(copy.id))
        .collect();
    match answers.as_slice() {
        [answer] if !is_final(answer.status) => {
            trial.say(Rule::NotFinal, format_args!("{}: {}", prompt.order, answer.id));
        }
        [_] => {}
        several => {
            let what = format!("{} ({}) has {} answers", prompt.order, copy.id, several.len());
            trial.say(Rule::NotAnsweredOnce, what);
        }
    }
    beside(trial, prompt, copy.id);
}

/// Whether another answer to an earlier prompt may have come late, and have taken the place of all that followed.
fn may_be_hidden(trial: &Trial<'_>, prompt: &Prompt) -> bool {
    let prompts = trial.ledger.prompts.iter();
    let earlier = prompts
        .take_while(|other| other.client_message_id != prompt.client_message_id)
        .filter(|other| other.conversation == prompt.conversation);
    let asked: HashSet<MessageId> = earlier.flat_map(|other| other.acks.iter().copied()).collect();
    let mut lost = trial.ledger.again.iter().filter(|again| again.lost);
    lost.any(|again| asked.contains(&again.prompt))
}

/// Answers stand beside each other only where another one was asked for. Those that were never shown to their end may
/// have been let go.
fn beside(trial: &mut Trial<'_>, prompt: &Prompt, id: MessageId) {
    let answers = trial.answers();
    let count = answers
        .iter()
        .filter(|answer| answer.parent_id == Some(id))
        .count();
    let asked = trial
        .ledger
        .again
        .iter()
        .filter(|again| again.prompt == id)
        .count();
    if count > 1 + asked {
        let what = format!(
            "{} ({id}) has {count} answers; {asked} more were asked for",
            prompt.order
        );
        trial.say(Rule::NotAnsweredOnce, what);
    }
}

fn chain(trial: &mut Trial<'_>, history: &History) {
    let mut before = None;
    for message in &history.messages {
        if message.parent_id != before {
            let what = format!("{} follows {:?}, not {before:?}", message.id, message.parent_id);
            trial.say(Rule::BrokenChain, what);
        }
        before = Some(message.id);
    }
}

fn in_order(trial: &mut Trial<'_>, history: &History) {
    let sent: HashMap<u64, usize> = trial
        .ledger
        .prompts
        .iter()
        .enumerate()
        .filter(|(_, prompt)| prompt.conversation == history.id)
        .map(|(index, prompt)| (prompt.order.number, index))
        .collect();
    let mut last = None;
    for message in history
        .messages
        .iter()
        .filter(|message| message.role == MessageRole::User)
    {
        let place = order(message).and_then(|order| sent.get(&order.number).copied());
        match place {
            None => trial.say(Rule::Invented, format_args!("{} in {}", message.id, history.id)),
            // The same one twice is another rule's.
            Some(_) if place < last => {
                trial.say(
                    Rule::OutOfOrder,
                    format_args!("{} in {}", message.message, history.id),
                );
            }
            Some(_) => last = place,
        }
    }
}

fn text(trial: &mut Trial<'_>, answer: &Message) {
    let Some(order) = trial.order_of(answer.id) else {
        return trial.say(Rule::BrokenChain, format_args!("{} answers no prompt", answer.id));
    };
    let script = order.script();
    let right = match answer.status {
        MessageStatus::Complete => answer.message == script,
        _ => script.starts_with(&answer.message),
    };
    if !right {
        let what = format!("{order}: {:?} says {:?}", answer.status, answer.message);
        trial.say(Rule::WrongText, what);
    }
}
