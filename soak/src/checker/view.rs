//! What sockets showed: without a gap or an overlap, and at the end what is stored.

use super::{Rule, Trial, tokens};
use crate::ledger::{Frame, View};
use crate::order::Order;
use wire::GenerationId;
use wire::message::{MessageStatus, Outcome};

pub(super) fn check(trial: &mut Trial<'_>) {
    for ((device, generation), view) in &trial.ledger.views {
        // One that nobody knows any more was let go: what it was to say cannot be told.
        let generation_record = trial.generation(*generation);
        let order = view.message.and_then(|answer| trial.order_of(answer));
        let before = generation_record.and_then(|generation| trial.said_before(generation));
        if let Err(what) = replay(view, order.zip(before)) {
            trial.say(
                Rule::BrokenView,
                format_args!("{generation} on device {device}: {what}"),
            );
        }
        if let Some(Frame::Complete { outcome, text }) = view.frames.last() {
            stored(trial, *generation, view, *outcome, text);
        }
    }
}

/// Shows it again, frame by frame.
fn replay(view: &View, order: Option<(Order, u64)>) -> Result<(), String> {
    let (mut shown, mut seen) = (String::new(), 0);
    for frame in &view.frames {
        match frame {
            Frame::Start => (shown, seen) = (String::new(), 0),
            Frame::Chunk { first_seq, seq, text } => {
                if *first_seq != seen + 1 || seq < first_seq {
                    return Err(format!("{first_seq} to {seq} came after {seen}"));
                }
                if order
                    .is_some_and(|(order, said)| *text != tokens(&order, said + first_seq, said + seq + 1))
                {
                    return Err(format!("{first_seq} to {seq} is {text:?}"));
                }
                shown.push_str(text);
                seen = *seq;
            }
            Frame::Complete { text, .. } if *text != shown => {
                return Err(format!("the whole is {text:?}, its parts {shown:?}"));
            }
            Frame::Complete { .. } => {}
        }
    }
    Ok(())
}

fn stored(trial: &mut Trial<'_>, generation: GenerationId, view: &View, outcome: Outcome, text: &str) {
    let message = view.message.and_then(|id| trial.stored.get(&id));
    let part = trial.generation(generation).and_then(|record| trial.part(record));
    let same = match (message, part) {
        // Whoever went on says how the whole ended.
        (Some(message), Some((part, is_last))) => {
            part == text && (!is_last || trial.ended_as(message, outcome))
        }
        (Some(message), None) => message.message == text && message.status == MessageStatus::from(outcome),
        (None, _) => false,
    };
    if !same {
        let what = format!(
            "{generation} was shown as {outcome:?} {text:?}; stored is {:?}",
            message.map(|message| (message.status, &message.message))
        );
        trial.say(Rule::ShownNotStored, what);
    }
}
