//! A world in which everything is right, and for each rule one thing in it that is made wrong.

use super::*;
use crate::evidence::{ActiveSession, Batch, Generation, History, Records};
use crate::ledger::{Again, Frame, Ledger, Open, Prompt, View};
use uuid::Uuid;
use wire::message::Outcome;
use wire::{ClientMessageId, ConversationId, GenerationId, SessionId, Timestamp, UserId};

const ORDERS: [Order; 2] = [
    Order {
        number: 1,
        tokens: 6,
        rate: 30,
    },
    Order {
        number: 2,
        tokens: 6,
        rate: 30,
    },
];

fn uuid(kind: u128, number: u64) -> Uuid {
    Uuid::from_u128(kind << 64 | u128::from(number))
}

fn conversation() -> ConversationId {
    ConversationId::from_uuid(uuid(1, 1))
}

fn prompt_id(number: u64) -> MessageId {
    MessageId::from_uuid(uuid(2, number))
}

fn answer_id(number: u64) -> MessageId {
    MessageId::from_uuid(uuid(3, number))
}

fn generation_id(number: u64) -> GenerationId {
    GenerationId::from_uuid(uuid(4, number))
}

fn session(number: u64) -> SessionId {
    SessionId::from_uuid(uuid(5, number))
}

fn user() -> UserId {
    UserId::from_uuid(uuid(6, 1))
}

fn message(
    id: MessageId,
    parent_id: Option<MessageId>,
    role: MessageRole,
    text: String,
    status: MessageStatus,
) -> Message {
    Message {
        id,
        role,
        message: text,
        created_at: Timestamp::from_millis(0),
        parent_id,
        status,
        siblings: Vec::new(),
        citations: Vec::new(),
        drawn: Vec::new(),
        model: None,
        feedback: None,
    }
}

/// What a log of `order` holds up to `end`, in batches of two.
fn batches(order: &Order, end: u64) -> Vec<Batch> {
    (1..=end)
        .step_by(2)
        .map(|first_seq| Batch {
            generation: generation_id(order.number),
            first_seq,
            next_seq: first_seq + 2,
            fence: 1,
            text: Some(tokens(order, first_seq, first_seq + 2)),
        })
        .collect()
}

fn view(order: &Order, end: u64, outcome: Outcome) -> View {
    View {
        message: Some(answer_id(order.number)),
        frames: vec![
            Frame::Start,
            Frame::Chunk {
                first_seq: 1,
                seq: 3,
                text: tokens(order, 1, 4),
            },
            Frame::Chunk {
                first_seq: 4,
                seq: end,
                text: tokens(order, 4, end + 1),
            },
            Frame::Complete {
                outcome,
                text: tokens(order, 1, end + 1),
            },
        ],
    }
}

/// Two prompts; the first was answered whole, the second's writer died after four deltas, and its log was sealed.
fn world() -> (Ledger, Evidence) {
    let mut ledger = Ledger::default();
    let mut messages = Vec::new();
    let mut records = Records::default();
    let ends = [
        (6, Outcome::Complete, MessageStatus::Complete),
        (4, Outcome::Interrupted, MessageStatus::Interrupted),
    ];
    for (order, (end, outcome, status)) in ORDERS.iter().zip(ends) {
        let number = order.number;
        ledger.prompts.push(Prompt {
            order: *order,
            conversation: conversation(),
            client_message_id: ClientMessageId::from_uuid(uuid(7, number)),
            acks: vec![prompt_id(number), prompt_id(number)],
            edits: None,
            stale: false,
        });
        ledger
            .views
            .insert((1, generation_id(number)), view(order, end, outcome));
        let before = messages.last().map(|message: &Message| message.id);
        messages.push(message(
            prompt_id(number),
            before,
            MessageRole::User,
            order.to_string(),
            MessageStatus::Complete,
        ));
        messages.push(message(
            answer_id(number),
            Some(prompt_id(number)),
            MessageRole::Assistant,
            tokens(order, 1, end + 1),
            status,
        ));
        records.generations.push(Generation {
            id: generation_id(number),
            message: answer_id(number),
            offset: 0,
            fence: 1 + u64::from(outcome == Outcome::Interrupted),
            outcome: Some(outcome),
            settled: true,
        });
        records.batches.extend(batches(order, end));
    }
    records.batches.push(Batch {
        generation: generation_id(2),
        first_seq: 5,
        next_seq: 6,
        fence: 2,
        text: None,
    });
    for number in [1, 2] {
        ledger.opens.push(Open {
            user: user(),
            session: Some(session(number)),
        });
    }
    records.sessions.push(ActiveSession {
        user: user(),
        session: session(2),
    });
    let histories = vec![History {
        id: conversation(),
        messages,
    }];
    (ledger, Evidence { histories, records })
}

/// The rules that are broken when `wrong` is done to the world.
fn broken_by(wrong: impl FnOnce(&mut Ledger, &mut Evidence)) -> Vec<Rule> {
    let (mut ledger, mut evidence) = world();
    wrong(&mut ledger, &mut evidence);
    let mut rules: Vec<Rule> = check(&ledger, &evidence)
        .into_iter()
        .map(|violation| violation.rule)
        .collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

fn shown(ledger: &mut Ledger, number: u64) -> &mut Vec<Frame> {
    &mut ledger.views.get_mut(&(1, generation_id(number))).unwrap().frames
}

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    let (ledger, evidence) = world();
    assert_eq!(check(&ledger, &evidence), []);
}

#[test]
fn an_acknowledged_prompt_that_is_missing_is_found() {
    let rules = broken_by(|ledger, _| {
        let mut lost = ledger.prompts[0].clone();
        lost.order.number = 3;
        ledger.prompts.push(lost);
    });
    assert_eq!(rules, [Rule::NotOnce]);
}

#[test]
fn a_prompt_that_is_stored_twice_is_found() {
    let rules = broken_by(|_, evidence| {
        let messages = &mut evidence.histories[0].messages;
        let copy = Message {
            id: prompt_id(9),
            parent_id: messages.last().map(|message| message.id),
            ..messages[2].clone()
        };
        messages.push(copy);
    });
    assert_eq!(rules, [Rule::NotOnce]);
    let rules = broken_by(|_, evidence| evidence.records.repeated.push("7".into()));
    assert_eq!(rules, [Rule::NotOnce]);
}

#[test]
fn a_prompt_that_is_another_message_than_was_acknowledged_is_found() {
    let rules = broken_by(|ledger, _| ledger.prompts[0].acks = vec![prompt_id(9)]);
    assert_eq!(rules, [Rule::NotOnce]);
    let rules = broken_by(|ledger, _| ledger.prompts[0].acks.push(prompt_id(9)));
    assert_eq!(rules, [Rule::TwoAcks]);
}

#[test]
fn prompts_in_another_order_are_found() {
    let rules = broken_by(|ledger, _| ledger.prompts.reverse());
    assert_eq!(rules, [Rule::OutOfOrder]);
}

#[test]
fn a_message_that_follows_another_than_the_one_before_is_found() {
    let rules = broken_by(|_, evidence| evidence.histories[0].messages[2].parent_id = Some(prompt_id(1)));
    assert_eq!(rules, [Rule::BrokenChain]);
}

#[test]
fn a_prompt_that_nobody_wrote_is_found() {
    let rules = broken_by(|ledger, _| drop(ledger.prompts.remove(1)));
    assert_eq!(rules, [Rule::Invented]);
}

#[test]
fn a_prompt_of_a_replaced_session_must_not_be_taken() {
    let rules = broken_by(|ledger, _| {
        let mut stale = ledger.prompts[1].clone();
        (stale.stale, stale.order.number) = (true, 3);
        ledger.prompts.push(stale.clone());
    });
    assert_eq!(rules, [Rule::StalePrompt], "an acknowledgement is enough");
    let rules = broken_by(|ledger, _| {
        ledger.prompts[1].stale = true;
        ledger.prompts[1].acks.clear();
    });
    assert_eq!(rules, [Rule::StalePrompt], "and so is its being there");
}

#[test]
fn a_prompt_without_an_answer_is_found() {
    let rules = broken_by(|ledger, evidence| {
        evidence.histories[0].messages.pop();
        ledger.views.remove(&(1, generation_id(2)));
    });
    assert_eq!(rules, [Rule::NotAnsweredOnce]);
}

#[test]
fn an_answer_that_never_ends_is_found() {
    let rules = broken_by(|ledger, evidence| {
        ledger.views.remove(&(1, generation_id(2)));
        evidence.histories[0].messages[3].status = MessageStatus::Generating;
        evidence.records.generations[1].outcome = None;
    });
    assert_eq!(rules, [Rule::NotFinal, Rule::Unsettled]);
    let rules = broken_by(|_, evidence| evidence.records.generations[1].settled = false);
    assert_eq!(rules, [Rule::Unsettled]);
}

#[test]
fn an_answer_taken_for_finished_that_was_not_is_found() {
    let rules = broken_by(|ledger, evidence| {
        evidence.histories[0].messages[3].status = MessageStatus::Complete;
        evidence.records.generations[1].outcome = Some(Outcome::Complete);
        if let Some(Frame::Complete { outcome, .. }) = shown(ledger, 2).last_mut() {
            *outcome = Outcome::Complete;
        }
    });
    assert_eq!(rules, [Rule::WrongText]);
}

#[test]
fn an_interrupted_answer_that_is_no_prefix_is_found() {
    let rules = broken_by(|_, evidence| evidence.histories[0].messages[3].message = " 2:2".into());
    assert_eq!(rules, [Rule::WrongText, Rule::NotItsLog, Rule::ShownNotStored]);
}

#[test]
fn a_log_with_a_gap_an_overlap_or_foreign_text_is_found() {
    let gap = broken_by(|_, evidence| drop(evidence.records.batches.remove(1)));
    assert_eq!(gap, [Rule::BrokenLog, Rule::NotItsLog]);
    let overlap = broken_by(|_, evidence| evidence.records.batches[1].first_seq = 2);
    assert_eq!(overlap, [Rule::BrokenLog]);
    let foreign = broken_by(|_, evidence| evidence.records.batches[1].text = Some(" 2:3 2:4".into()));
    assert_eq!(foreign, [Rule::BrokenLog, Rule::NotItsLog]);
}

#[test]
fn a_log_without_its_generation_and_an_answer_without_one_are_found() {
    let rules = broken_by(|_, evidence| {
        evidence.records.generations.remove(0);
    });
    assert_eq!(rules, [Rule::BrokenLog, Rule::NotItsLog]);
}

#[test]
fn a_batch_behind_the_seal_or_with_another_fence_is_found() {
    let behind = broken_by(|_, evidence| {
        let seal = evidence.records.batches.last_mut().unwrap();
        seal.first_seq = 3;
    });
    assert_eq!(behind, [Rule::StaleFence]);
    let other = broken_by(|_, evidence| evidence.records.batches[1].fence = 2);
    assert_eq!(other, [Rule::StaleFence]);
    let unraised = broken_by(|_, evidence| evidence.records.batches.last_mut().unwrap().fence = 1);
    assert_eq!(unraised, [Rule::StaleFence]);
}

#[test]
fn two_sessions_of_one_user_are_found() {
    let rules = broken_by(|_, evidence| {
        evidence.records.sessions.push(ActiveSession {
            user: user(),
            session: session(2),
        });
    });
    assert_eq!(rules, [Rule::TwoSessions]);
}

#[test]
fn a_session_that_was_replaced_must_not_be_the_active_one() {
    let rules = broken_by(|_, evidence| evidence.records.sessions[0].session = session(1));
    assert_eq!(rules, [Rule::NotTheLastSession]);
    let rules = broken_by(|ledger, evidence| {
        evidence.records.sessions[0].session = session(3);
        ledger.opens.push(Open {
            user: user(),
            session: None,
        });
    });
    assert_eq!(rules, [], "one whose answer was lost may be the active one");
}

#[test]
fn a_socket_that_showed_a_gap_or_an_overlap_is_found() {
    let gap = broken_by(|ledger, _| drop(shown(ledger, 1).remove(1)));
    assert_eq!(gap, [Rule::BrokenView]);
    let overlap = broken_by(|ledger, _| {
        let again = shown(ledger, 1)[1].clone();
        shown(ledger, 1).insert(2, again);
    });
    assert_eq!(overlap, [Rule::BrokenView]);
}

#[test]
fn text_that_is_sent_anew_counts_from_its_new_start() {
    let rules = broken_by(|ledger, _| {
        let frames = shown(ledger, 1);
        frames.truncate(2);
        frames.extend(view(&ORDERS[0], 6, Outcome::Complete).frames);
    });
    assert_eq!(rules, []);
}

#[test]
fn a_whole_that_is_not_its_parts_is_found() {
    let rules = broken_by(|ledger, _| {
        shown(ledger, 2).remove(2);
    });
    assert_eq!(rules, [Rule::BrokenView]);
}

#[test]
fn an_end_that_is_shown_and_not_stored_is_found() {
    let rules = broken_by(|ledger, _| {
        *shown(ledger, 2) = view(&ORDERS[1], 6, Outcome::Interrupted).frames;
    });
    assert_eq!(rules, [Rule::ShownNotStored]);
}

#[test]
fn more_shown_than_stored_is_right_while_no_end_was_shown() {
    let rules = broken_by(|ledger, _| {
        *shown(ledger, 2) = view(&ORDERS[1], 6, Outcome::Interrupted).frames;
        shown(ledger, 2).pop();
    });
    assert_eq!(rules, [], "a socket is ahead of the disk");
}

#[test]
fn a_users_complaint_counts() {
    let rules = broken_by(|ledger, _| ledger.complaints.push("a pong without a ping".into()));
    assert_eq!(rules, [Rule::Complaint]);
}

/// The second answer broke off after four deltas and went on: another generation wrote the last two, behind them.
fn gone_on(ledger: &mut Ledger, evidence: &mut Evidence) {
    let order = ORDERS[1];
    let first = tokens(&order, 1, 5);
    evidence.histories[0].messages[3].message = order.script();
    evidence.histories[0].messages[3].status = MessageStatus::Complete;
    evidence.records.generations.push(Generation {
        id: generation_id(3),
        message: answer_id(2),
        offset: first.len(),
        fence: 1,
        outcome: Some(Outcome::Complete),
        settled: true,
    });
    evidence.records.batches.push(Batch {
        generation: generation_id(3),
        first_seq: 1,
        next_seq: 3,
        fence: 1,
        text: Some(tokens(&order, 5, 7)),
    });
    let text = tokens(&order, 5, 7);
    let frames = vec![
        Frame::Start,
        Frame::Chunk {
            first_seq: 1,
            seq: 2,
            text: text.clone(),
        },
        Frame::Complete {
            outcome: Outcome::Complete,
            text,
        },
    ];
    let message = Some(answer_id(2));
    ledger
        .views
        .insert((1, generation_id(3)), View { message, frames });
}

#[test]
fn an_answer_that_went_on_is_right() {
    assert_eq!(broken_by(gone_on), []);
}

#[test]
fn an_answer_that_went_on_from_another_place_is_found() {
    let gap = broken_by(|ledger, evidence| {
        gone_on(ledger, evidence);
        evidence.records.batches.last_mut().unwrap().text = Some(" 2:6 2:7".into());
    });
    assert_eq!(gap, [Rule::BrokenLog, Rule::NotItsLog]);
    let lost = broken_by(|ledger, evidence| {
        gone_on(ledger, evidence);
        evidence.histories[0].messages[3].message = tokens(&ORDERS[1], 1, 5);
    });
    assert_eq!(lost, [Rule::WrongText, Rule::NotItsLog, Rule::ShownNotStored]);
    let unbegun = broken_by(|ledger, evidence| {
        gone_on(ledger, evidence);
        evidence.records.generations.remove(1);
        evidence
            .records
            .batches
            .retain(|batch| batch.generation != generation_id(2));
    });
    assert_eq!(unbegun, [Rule::NotItsLog, Rule::ShownNotStored]);
    let shown = broken_by(|ledger, evidence| {
        gone_on(ledger, evidence);
        if let Some(Frame::Chunk { text, .. }) = shown(ledger, 3).get_mut(1) {
            *text = tokens(&ORDERS[1], 1, 3);
        }
    });
    assert_eq!(shown, [Rule::BrokenView]);
}

/// The second prompt was said otherwise: a third one stands in its place, with an answer of its own.
fn edited(ledger: &mut Ledger, evidence: &mut Evidence) {
    let order = Order {
        number: 3,
        ..ORDERS[0]
    };
    ledger.prompts.push(Prompt {
        order,
        conversation: conversation(),
        client_message_id: ClientMessageId::from_uuid(uuid(7, 3)),
        acks: vec![prompt_id(3)],
        edits: Some(prompt_id(2)),
        stale: false,
    });
    let messages = &mut evidence.histories[0].messages;
    evidence.records.messages = messages.split_off(2);
    let (prompt, answer) = (prompt_id(3), answer_id(3));
    messages.push(message(
        prompt,
        Some(answer_id(1)),
        MessageRole::User,
        order.to_string(),
        MessageStatus::Complete,
    ));
    messages.push(message(
        answer,
        Some(prompt),
        MessageRole::Assistant,
        order.script(),
        MessageStatus::Complete,
    ));
    evidence.records.generations.push(Generation {
        id: generation_id(3),
        message: answer,
        offset: 0,
        fence: 1,
        outcome: Some(Outcome::Complete),
        settled: true,
    });
    evidence.records.batches.extend(batches(&order, 6));
}

#[test]
fn a_prompt_that_was_said_otherwise_gives_way_and_stays() {
    assert_eq!(broken_by(edited), []);
    let gone = broken_by(|ledger, evidence| {
        edited(ledger, evidence);
        evidence.records.messages.remove(0);
        ledger.views.remove(&(1, generation_id(2)));
    });
    assert_eq!(gone, [Rule::NotOnce]);
    let changed = broken_by(|ledger, evidence| {
        edited(ledger, evidence);
        evidence.records.messages[1].message = tokens(&ORDERS[1], 1, 3);
    });
    assert_eq!(
        changed,
        [Rule::ShownNotStored],
        "the hidden answer is no longer what was shown"
    );
}

#[test]
fn a_prompt_that_is_shown_though_another_took_its_place_is_found() {
    let rules = broken_by(|ledger, _| ledger.prompts[1].edits = Some(prompt_id(1)));
    assert_eq!(rules, [Rule::WrongBranch]);
}

/// Another answer to the second prompt is shown in the place of the first.
fn answered_again(ledger: &mut Ledger, evidence: &mut Evidence) {
    let order = ORDERS[1];
    let hidden = evidence.histories[0].messages.pop().unwrap();
    evidence.records.messages.push(hidden);
    ledger.again.push(Again {
        prompt: prompt_id(2),
        lost: false,
    });
    evidence.histories[0].messages.push(message(
        answer_id(3),
        Some(prompt_id(2)),
        MessageRole::Assistant,
        order.script(),
        MessageStatus::Complete,
    ));
    evidence.records.generations.push(Generation {
        id: generation_id(3),
        message: answer_id(3),
        offset: 0,
        fence: 1,
        outcome: Some(Outcome::Complete),
        settled: true,
    });
    evidence
        .records
        .batches
        .extend(batches(&order, 6).into_iter().map(|batch| Batch {
            generation: generation_id(3),
            ..batch
        }));
}

#[test]
fn another_answer_stands_beside_the_first_where_it_was_asked_for() {
    assert_eq!(broken_by(answered_again), []);
    let unasked = broken_by(|ledger, evidence| {
        answered_again(ledger, evidence);
        ledger.again.clear();
    });
    assert_eq!(unasked, [Rule::NotAnsweredOnce]);
    let lost = broken_by(|ledger, evidence| {
        answered_again(ledger, evidence);
        evidence.records.messages.clear();
    });
    assert_eq!(lost, [Rule::ShownNotStored], "the first one stays");
}

/// The second prompt is not shown any more, and nothing was said in its place.
fn hidden_by(lost: bool) -> Vec<Rule> {
    broken_by(|ledger, evidence| {
        ledger.again.push(Again {
            prompt: prompt_id(1),
            lost,
        });
        evidence.records.messages = evidence.histories[0].messages.split_off(2);
    })
}

#[test]
fn another_answer_that_came_late_may_hide_what_was_said_since() {
    assert_eq!(hidden_by(true), []);
    assert_eq!(
        hidden_by(false),
        [Rule::NotOnce],
        "one that was seen cannot come again"
    );
}

/// The second answer was stopped; it is stored as interrupted.
fn interrupted_though_stopped(continued: bool) -> Vec<Rule> {
    broken_by(|ledger, evidence| {
        if continued {
            ledger.continued.push(answer_id(2));
        }
        evidence.records.generations[1].outcome = Some(Outcome::Stopped);
        if let Some(Frame::Complete { outcome, .. }) = shown(ledger, 2).last_mut() {
            *outcome = Outcome::Stopped;
        }
    })
}

#[test]
fn an_answer_that_was_to_go_on_may_have_broken_off_before_its_first_word() {
    assert_eq!(interrupted_though_stopped(true), []);
    assert_eq!(
        interrupted_though_stopped(false),
        [Rule::NotItsLog, Rule::ShownNotStored],
        "nobody asked it to go on"
    );
}

/// The second answer was stopped, and stored as `stored`; it was to go on, and whose turn that was did not come to it.
fn claimed_and_never_begun(stored: MessageStatus) -> Vec<Rule> {
    broken_by(|ledger, evidence| {
        evidence.records.generations[1].outcome = Some(Outcome::Stopped);
        if let Some(Frame::Complete { outcome, .. }) = shown(ledger, 2).last_mut() {
            *outcome = Outcome::Stopped;
        }
        let message = &mut evidence.histories[0].messages[3];
        message.status = stored;
        let offset = message.message.len();
        evidence.records.generations.push(Generation {
            id: generation_id(3),
            message: answer_id(2),
            offset,
            fence: 2,
            outcome: Some(Outcome::Interrupted),
            settled: true,
        });
        evidence.records.batches.push(Batch {
            generation: generation_id(3),
            first_seq: 1,
            next_seq: 2,
            fence: 2,
            text: None,
        });
    })
}

#[test]
fn an_answer_that_was_claimed_to_go_on_and_never_did_is_as_it_was_before() {
    assert_eq!(claimed_and_never_begun(MessageStatus::Stopped), []);
    assert_eq!(claimed_and_never_begun(MessageStatus::Interrupted), []);
    assert_eq!(
        claimed_and_never_begun(MessageStatus::Complete),
        [Rule::WrongText, Rule::NotItsLog],
        "it ended so by nobody"
    );
}
