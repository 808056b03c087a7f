//! Other answers and edited prompts: the page shows one branch, and nothing of another.

use super::*;

/// Two prompts with their answers: 1 to 4.
fn two_turns() -> Transcript {
    let history = vec![
        prompt(1, "One?"),
        answer(2, "One.", MessageStatus::Complete),
        prompt(3, "Two?"),
        answer(4, "Two.", MessageStatus::Complete),
    ];
    Transcript::from_history(history, false)
}

/// The same message as another version of what follows `parent`.
fn follows(parent: Option<u128>, mut message: Message, siblings: &[u128]) -> Message {
    message.parent_id = parent.map(message_id);
    message.siblings = siblings.iter().copied().map(message_id).collect();
    message
}

fn start_behind(run: u128, message: u128, parent: u128) -> ServerEvent {
    ServerEvent::ResponseStart {
        message: "…".into(),
        generation_id: generation(run),
        message_id: message_id(message),
        parent_id: message_id(parent),
        continues: false,
        offset: 0,
    }
}

fn received_behind(number: u128, client: Option<u128>, text: &str, parent: Option<u128>) -> ServerEvent {
    ServerEvent::MessageReceived {
        message_id: message_id(number),
        timestamp: NOW,
        client_message_id: client.map(client_id),
        role: MessageRole::User,
        message: text.into(),
        parent_id: parent.map(message_id),
        prompts_left: None,
    }
}

fn edit(transcript: &mut Transcript, number: u128, text: &str, of: u128) {
    let prompt = Prompt {
        id: client_id(number),
        text: text.into(),
        edits: Some(message_id(of)),
    };
    transcript.prompt(prompt, Mark::Sending);
}

fn versions(transcript: &Transcript) -> Vec<Option<(usize, usize)>> {
    transcript.entries().iter().map(Entry::version).collect()
}

#[test]
fn a_new_answer_takes_the_place_of_the_old_one_and_is_its_second_version() {
    let mut transcript = two_turns();
    let key = transcript.entries()[3].key;
    play(&mut transcript, &[start_behind(9, 5, 3), chunk(9, 1..=1, "Zwei")]);
    assert_eq!(
        shown(&transcript),
        [
            "user: One? [complete]",
            "assistant: One. [complete]",
            "user: Two? [complete]",
            "assistant: Zwei [generating]"
        ]
    );
    assert_eq!(
        transcript.entries()[3].key,
        key,
        "what has the focus there keeps it"
    );
    assert_eq!(versions(&transcript), [None, None, None, Some((2, 2))]);
    play(&mut transcript, &[complete(9, 5, "Zwei.", Outcome::Complete)]);
    play(&mut transcript, &[start_behind(10, 6, 3)]);
    assert_eq!(versions(&transcript)[3], Some((3, 3)));
}

#[test]
fn a_new_answer_to_an_earlier_prompt_takes_everything_behind_it_off_the_page() {
    let mut transcript = two_turns();
    play(&mut transcript, &[start_behind(9, 5, 1)]);
    assert_eq!(
        shown(&transcript),
        ["user: One? [complete]", "assistant:  [generating]"]
    );
}

#[test]
fn an_edit_is_seen_in_its_place_at_once_and_its_answer_follows_it() {
    let mut transcript = two_turns();
    edit(&mut transcript, 7, "Three?", 3);
    assert_eq!(
        shown(&transcript),
        [
            "user: One? [complete]",
            "assistant: One. [complete]",
            "user: Three? [sending]"
        ]
    );
    let key = transcript.entries().last().unwrap().key;
    play(
        &mut transcript,
        &[
            received_behind(5, Some(7), "Three?", Some(2)),
            start_behind(9, 6, 5),
            complete(9, 6, "Three.", Outcome::Complete),
        ],
    );
    assert_eq!(
        shown(&transcript)[2..],
        ["user: Three? [complete]", "assistant: Three. [complete]"]
    );
    assert_eq!(transcript.entries()[2].key, key);
    assert_eq!(versions(&transcript), [None, None, Some((2, 2)), None]);
}

#[test]
fn a_refused_edit_brings_back_what_it_was_to_replace_and_keeps_what_was_typed() {
    let mut transcript = two_turns();
    edit(&mut transcript, 7, "Three?", 3);
    transcript.take_changes();
    transcript.mark_prompt(client_id(7), Mark::Unsent("Not now".into()));
    assert!(
        transcript.take_changes().list,
        "what was hidden is to be drawn again"
    );
    assert_eq!(
        shown(&transcript)[2..],
        [
            "user: Two? [complete]",
            "assistant: Two. [complete]",
            "user: Three? [unsent]"
        ]
    );
    let taken = transcript.withdraw(client_id(7)).unwrap();
    assert_eq!(
        (taken.text.as_str(), taken.edits),
        ("Three?", Some(message_id(3)))
    );
}

#[test]
fn the_first_prompt_can_be_edited_too() {
    let mut transcript = two_turns();
    play(&mut transcript, &[received_behind(5, None, "Uno?", None)]);
    assert_eq!(shown(&transcript), ["user: Uno? [complete]"]);
    assert_eq!(versions(&transcript), [Some((2, 2))]);
}

#[test]
fn what_is_only_here_survives_a_change_of_branch() {
    let mut transcript = two_turns();
    write(&mut transcript, 7, "On its way");
    play(&mut transcript, &[received_behind(5, None, "Uno?", None)]);
    assert_eq!(
        shown(&transcript),
        ["user: Uno? [complete]", "user: On its way [sending]"]
    );
}

#[test]
fn a_message_behind_one_that_is_not_here_is_shown_and_the_rest_is_read() {
    let mut transcript = two_turns();
    let event = received_behind(9, None, "From far away", Some(8));
    assert_eq!(transcript.apply(&event), Some(Need::Reread));
    assert_eq!(
        shown(&transcript).last().unwrap(),
        "user: From far away [complete]"
    );
}

#[test]
fn an_acknowledgement_that_comes_twice_cuts_nothing_off() {
    let mut transcript = two_turns();
    let before = shown(&transcript);
    play(&mut transcript, &[received(1, None, "One?"), start(9, 4)]);
    assert_eq!(shown(&transcript)[..3], before[..3]);
}

#[test]
fn reading_again_shows_the_branch_that_was_chosen_elsewhere() {
    let mut transcript = two_turns();
    let key = transcript.entries()[1].key;
    write(&mut transcript, 7, "On its way");
    transcript.merge(
        vec![
            prompt(1, "One?"),
            follows(Some(1), answer(5, "Uno.", MessageStatus::Complete), &[2, 5]),
            follows(Some(5), prompt(6, "And?"), &[]),
        ],
        false,
    );
    assert_eq!(
        shown(&transcript),
        [
            "user: One? [complete]",
            "assistant: Uno. [complete]",
            "user: And? [complete]",
            "user: On its way [sending]"
        ]
    );
    assert_eq!(transcript.entries()[1].key, key, "the switch that was pressed");
    assert_eq!(versions(&transcript)[1], Some((2, 2)));
    assert_eq!(transcript.leaf(), Some(message_id(6)));
}

#[test]
fn an_answer_of_another_branch_is_not_followed_any_more() {
    let mut transcript = answering();
    let other = follows(Some(1), answer(5, "Another", MessageStatus::Complete), &[2, 5]);
    transcript.merge(vec![prompt(1, "Tell me a story"), other], false);
    assert_eq!(transcript.cursor(), None);
    assert!(!transcript.is_generating());
    play(&mut transcript, &[chunk(9, 3..=3, " a")]);
    assert_eq!(transcript.entries()[1].text, "Another");
}

#[test]
fn what_was_read_before_the_branch_changed_stays_above_it_and_what_leads_elsewhere_does_not() {
    let mut transcript = two_turns();
    // The newest page of a long branch that parts from this one behind message 2.
    transcript.merge(vec![follows(Some(2), prompt(8, "Otherwise"), &[3, 8])], true);
    assert_eq!(
        shown(&transcript),
        [
            "user: One? [complete]",
            "assistant: One. [complete]",
            "user: Otherwise [complete]"
        ]
    );
    assert!(!transcript.has_more(), "its beginning is here");
    // One that parts from it who knows where.
    transcript.merge(vec![follows(Some(70), prompt(71, "Far away"), &[])], true);
    assert_eq!(shown(&transcript), ["user: Far away [complete]"]);
    assert!(transcript.has_more());
}

#[test]
fn reading_again_tells_of_versions_that_were_made_elsewhere() {
    let mut transcript = two_turns();
    let history = vec![
        prompt(1, "One?"),
        follows(Some(1), answer(2, "One.", MessageStatus::Complete), &[2, 8, 9]),
    ];
    transcript.merge(history, false);
    assert_eq!(versions(&transcript), [None, Some((1, 3)), None, None]);
}
