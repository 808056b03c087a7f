//! Generations and their logs: contiguous from 1, nothing from who had lost them, and moved whole into the message.

use super::{Rule, Trial, tokens};
use crate::evidence::{Batch, Generation};
use std::collections::HashMap;
use wire::GenerationId;

pub(super) fn check(trial: &mut Trial<'_>) {
    let records = &trial.evidence.records;
    let mut logs: HashMap<GenerationId, Vec<&Batch>> = HashMap::new();
    for batch in &records.batches {
        logs.entry(batch.generation).or_default().push(batch);
    }
    for generation in &records.generations {
        let mut log = logs.remove(&generation.id).unwrap_or_default();
        // A seal stands where the next batch would.
        log.sort_by_key(|batch| (batch.first_seq, batch.text.is_some()));
        let text = contiguous(trial, generation, &log);
        fences(trial, generation, &log);
        ended(trial, generation, &text);
    }
    for id in logs.keys() {
        trial.say(Rule::BrokenLog, format_args!("the log of {id} has no generation"));
    }
    for answer in trial.answers() {
        let writers = trial.writers(answer.id);
        if writers.first().is_none_or(|first| first.offset != 0) {
            let what = format!("{} has no generation that began it", answer.id);
            trial.say(Rule::NotItsLog, what);
        }
    }
}

/// The whole text.
fn contiguous(trial: &mut Trial<'_>, generation: &Generation, log: &[&Batch]) -> String {
    let order = trial.order_of(generation.message);
    let before = trial.said_before(generation);
    let (mut whole, mut next) = (String::new(), 1);
    for batch in log {
        let Some(text) = &batch.text else { continue };
        if batch.first_seq != next || batch.next_seq <= batch.first_seq {
            let what = format!(
                "{}: {}..{} where {next} was next",
                generation.id, batch.first_seq, batch.next_seq
            );
            trial.say(Rule::BrokenLog, what);
        } else if order.is_some_and(|order| {
            before.is_none_or(|said| *text != tokens(&order, said + batch.first_seq, said + batch.next_seq))
        }) {
            let what = format!("{}: {}.. says {text:?}", generation.id, batch.first_seq);
            trial.say(Rule::BrokenLog, what);
        }
        next = batch.next_seq;
        whole.push_str(text);
    }
    whole
}

fn fences(trial: &mut Trial<'_>, generation: &Generation, log: &[&Batch]) {
    let seal = log.iter().find(|batch| batch.text.is_none());
    let writer = log.first().map_or(generation.fence, |batch| batch.fence);
    for batch in log.iter().filter(|batch| batch.text.is_some()) {
        let behind_seal =
            seal.is_some_and(|seal| batch.first_seq >= seal.first_seq || batch.fence >= seal.fence);
        // A log has one writer, and who raises the fence writes the seal only.
        if behind_seal || batch.fence != writer || batch.fence > generation.fence {
            let what = format!(
                "{}: {}.. has fence {}, the generation {}, the seal {:?}",
                generation.id,
                batch.first_seq,
                batch.fence,
                generation.fence,
                seal.map(|seal| (seal.first_seq, seal.fence))
            );
            trial.say(Rule::StaleFence, what);
        }
    }
}

fn ended(trial: &mut Trial<'_>, generation: &Generation, text: &str) {
    let Some(outcome) = generation.outcome.filter(|_| generation.settled) else {
        let what = format!(
            "{}: outcome {:?}, settled {}",
            generation.id, generation.outcome, generation.settled
        );
        return trial.say(Rule::Unsettled, what);
    };
    // One whose conversation went on without it is seen by nobody.
    if let Some(message) = trial.messages.get(&generation.message) {
        // How it ended is said by who wrote there last.
        let (part, is_last) = trial.part(generation).unwrap_or_default();
        if part != text || is_last && !trial.ended_as(message, outcome) {
            let what = format!(
                "{} is {:?} {part:?} there, its log {outcome:?} {text:?}",
                message.id, message.status
            );
            trial.say(Rule::NotItsLog, what);
        }
    }
}
