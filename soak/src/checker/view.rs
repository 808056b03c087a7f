//! What sockets showed: without a gap or an overlap, and at the end what is stored.

use super::{Rule, Trial, tokens};
use crate::ledger::{Frame, View};
use crate::order::Order;
use wire::GenerationId;
use wire::message::{MessageStatus, Outcome};

pub(super) fn check(trial: &mut Trial<'_>) {
    for ((device, generation), view) in &trial.ledger.views {
        let order = view.message.and_then(|answer| trial.order_of(answer));
        if let Err(what) = replay(view, order) {
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
fn replay(view: &View, order: Option<Order>) -> Result<(), String> {
    let (mut shown, mut seen) = (String::new(), 0);
    for frame in &view.frames {
        match frame {
            Frame::Start => (shown, seen) = (String::new(), 0),
            Frame::Chunk { first_seq, seq, text } => {
                if *first_seq != seen + 1 || seq < first_seq {
                    return Err(format!("{first_seq} to {seq} came after {seen}"));
                }
                if order.is_some_and(|order| *text != tokens(&order, *first_seq, seq + 1)) {
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
    let message = view.message.and_then(|id| trial.messages.get(&id));
    let same = message
        .is_some_and(|message| message.message == text && message.status == MessageStatus::from(outcome));
    if !same {
        let what = format!(
            "{generation} was shown as {outcome:?} {text:?}; stored is {:?}",
            message.map(|message| (message.status, &message.message))
        );
        trial.say(Rule::ShownNotStored, what);
    }
}
