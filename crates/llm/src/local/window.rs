//! Which turns of a conversation fit into the window.
//!
//! Must not know: llama.cpp, templates: both are asked by functions.

use crate::{ChatRole, ChatTurn};

/// What does not fit even alone.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Misfit<E> {
    /// The instructions and the last turn, in tokens.
    TooLong { tokens: usize },
    /// They cannot be put into words the model understands.
    Unrenderable(E),
}

/// The tokens of as many of the newest turns as fit into `limit`, after the instructions, which always stay.
///
/// `count` says how many tokens a text has, `render` what the model is given for some turns.
pub(super) fn fit<T, E>(
    turns: &[ChatTurn],
    limit: usize,
    count: impl Fn(&str) -> usize,
    render: impl Fn(&[ChatTurn]) -> Result<Vec<T>, E>,
) -> Result<Vec<T>, Misfit<E>> {
    let Conversation { system, turns } = Conversation::of(turns);
    // A count for each turn that may fit: the newest ones, until they alone would be too many.
    let mut counts: Vec<usize> = Vec::new();
    let mut counted = 0;
    for turn in turns.iter().rev() {
        counts.push(count(&turn.text));
        counted += counts.last().unwrap_or(&0);
        if counted > limit {
            break;
        }
    }
    let mut kept = counts.len();
    loop {
        let first = turns.len().saturating_sub(kept);
        let dialogue = skip_answers_without_a_question(turns.get(first..).unwrap_or_default());
        let given: Vec<_> = system.iter().chain(dialogue).cloned().collect();
        let tokens = render(&given).map_err(Misfit::Unrenderable)?;
        if tokens.len() <= limit {
            return Ok(tokens);
        }
        if dialogue.len() <= 1 {
            return Err(Misfit::TooLong { tokens: tokens.len() });
        }
        // The oldest go, at least one, as many as are too much if all have their share of what the template adds.
        kept = dialogue.len();
        let counted: usize = counts.iter().take(kept).sum();
        let mut excess = ((tokens.len() - limit) * counted).div_ceil(tokens.len());
        for oldest in counts.iter().take(kept).skip(1).rev() {
            kept -= 1;
            excess = excess.saturating_sub(*oldest);
            if excess == 0 {
                break;
            }
        }
    }
}

/// Turns as every template takes them: instructions first, then speakers that alternate.
struct Conversation {
    system: Option<ChatTurn>,
    turns: Vec<ChatTurn>,
}

impl Conversation {
    fn of(turns: &[ChatTurn]) -> Self {
        let mut conversation = Self {
            system: None,
            turns: Vec::new(),
        };
        for turn in turns {
            match (turn.role, conversation.turns.last_mut()) {
                (ChatRole::System, _) => match &mut conversation.system {
                    Some(system) => join(system, turn),
                    None => conversation.system = Some(turn.clone()),
                },
                // A question that was never answered stands before the next one.
                (role, Some(last)) if last.role == role => join(last, turn),
                _ => conversation.turns.push(turn.clone()),
            }
        }
        conversation
    }
}

fn join(turn: &mut ChatTurn, next: &ChatTurn) {
    turn.text.push_str("\n\n");
    turn.text.push_str(&next.text);
}

fn skip_answers_without_a_question(turns: &[ChatTurn]) -> &[ChatTurn] {
    match turns {
        [
            ChatTurn {
                role: ChatRole::Assistant,
                ..
            },
            rest @ ..,
        ] if !rest.is_empty() => rest,
        turns => turns,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A token a word, and two around each turn.
    fn fitted(turns: &[(ChatRole, &str)], limit: usize) -> Result<String, Misfit<()>> {
        let turns: Vec<_> = turns
            .iter()
            .map(|(role, text)| ChatTurn {
                role: *role,
                text: (*text).to_owned(),
            })
            .collect();
        let render = |turns: &[ChatTurn]| {
            let words = turns.iter().flat_map(|turn| {
                let mark = match turn.role {
                    ChatRole::System => "S:",
                    ChatRole::User => "U:",
                    ChatRole::Assistant => "A:",
                };
                [mark]
                    .into_iter()
                    .chain(turn.text.split_whitespace())
                    .chain(["."])
            });
            Ok(words.map(str::to_owned).collect::<Vec<_>>())
        };
        fit(&turns, limit, |text| text.split_whitespace().count(), render).map(|tokens| tokens.join(" "))
    }

    use ChatRole::{Assistant, System, User};

    const DIALOGUE: [(ChatRole, &str); 6] = [
        (System, "be kind"),
        (User, "a a"),
        (Assistant, "b b"),
        (User, "c c"),
        (Assistant, "d d"),
        (User, "e e"),
    ];

    #[test]
    fn a_conversation_that_fits_is_given_whole() {
        let whole = "S: be kind . U: a a . A: b b . U: c c . A: d d . U: e e .";
        assert_eq!(fitted(&DIALOGUE, 24).unwrap(), whole);
        assert_eq!(fitted(&DIALOGUE, 1000).unwrap(), whole);
    }

    #[test]
    fn the_oldest_turns_go_and_the_instructions_stay() {
        for limit in 16..24 {
            assert_eq!(
                fitted(&DIALOGUE, limit).unwrap(),
                "S: be kind . U: c c . A: d d . U: e e .",
                "{limit}"
            );
        }
    }

    #[test]
    fn no_answer_is_given_without_its_question() {
        for limit in 8..16 {
            assert_eq!(
                fitted(&DIALOGUE, limit).unwrap(),
                "S: be kind . U: e e .",
                "{limit}"
            );
        }
    }

    #[test]
    fn a_prompt_that_does_not_fit_alone_is_refused_with_its_length() {
        assert_eq!(fitted(&DIALOGUE, 7), Err(Misfit::TooLong { tokens: 8 }));
        assert_eq!(
            fitted(&[(User, "a b c d e f")], 7),
            Err(Misfit::TooLong { tokens: 8 })
        );
        assert_eq!(fitted(&[(User, "a b c d e")], 7).unwrap(), "U: a b c d e .");
    }

    #[test]
    fn a_long_conversation_of_short_turns_is_rendered_a_few_times_only() {
        let renders = std::cell::Cell::new(0);
        let turns: Vec<_> = (0..2001)
            .map(|number| ChatTurn {
                role: if number % 2 == 0 { User } else { Assistant },
                text: "x".to_owned(),
            })
            .collect();
        let render = |turns: &[ChatTurn]| {
            renders.set(renders.get() + 1);
            Ok::<_, ()>(vec![(); turns.len() * 6])
        };
        let tokens = fit(&turns, 600, |_| 1, render).unwrap();
        assert!((500..=600).contains(&tokens.len()), "{}", tokens.len());
        assert!(renders.get() < 20, "{}", renders.get());
    }

    #[test]
    fn speakers_alternate_whatever_failed_before() {
        let turns = [
            (User, "a"),
            (User, "b"),
            (Assistant, "c"),
            (System, "be kind"),
            (Assistant, "d"),
            (User, "e"),
        ];
        assert_eq!(
            fitted(&turns, 100).unwrap(),
            "S: be kind . U: a b . A: c d . U: e ."
        );
        assert_eq!(fitted(&[(Assistant, "hi"), (User, "a")], 100).unwrap(), "U: a .");
    }
}
