//! Prompts on their way: kept until the server says that they are stored, and sent again, with the same id,
//! when the socket was lost in between. As a text they outlive their page, and so do those that the server refused.

use std::{collections::VecDeque, mem};
use wire::{ClientMessageId, MessageId, socket::ClientEvent};

/// A prompt that is not known to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// Made once, when it was written: the server stores it once however often it is sent.
    pub id: ClientMessageId,
    /// As it was written.
    pub text: String,
    /// The stored prompt that it says otherwise; `None`: it comes at the end.
    pub edits: Option<MessageId>,
}

impl Prompt {
    /// How it is said.
    pub fn event(self) -> ClientEvent {
        let Self { id, text, edits } = self;
        match edits {
            None => ClientEvent::Text {
                message: text,
                client_message_id: Some(id),
            },
            Some(message_id) => ClientEvent::Edit {
                message_id,
                message: text,
                client_message_id: Some(id),
            },
        }
    }
}

/// A prompt that the server did not take: it is sent again by its reader only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// As it was written.
    pub prompt: Prompt,
    /// What the server said, for people.
    pub why: String,
}

/// Prompts in the order in which they were written; one at a time is in flight, so that an error without an id
/// can only be about that one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outbox {
    prompts: VecDeque<Prompt>,
    in_flight: bool,
    /// Whether the first was in flight when a socket was lost.
    in_doubt: bool,
}

impl Outbox {
    /// Puts a prompt at the end.
    pub fn put(&mut self, prompt: Prompt) {
        self.prompts.push_back(prompt);
    }

    /// The prompt to send now; `None` while one is in flight.
    pub fn take_off(&mut self) -> Option<Prompt> {
        if self.in_flight {
            return None;
        }
        let prompt = self.prompts.front().cloned()?;
        self.in_flight = true;
        Some(prompt)
    }

    /// The server has stored this one. True when it may have been stored long ago, for an earlier socket, so
    /// that its answer may have come and gone.
    pub fn acknowledged(&mut self, id: ClientMessageId) -> bool {
        let mut late = false;
        if self.prompts.front().is_some_and(|prompt| prompt.id == id) {
            self.in_flight = false;
            late = mem::take(&mut self.in_doubt);
        }
        self.prompts.retain(|prompt| prompt.id != id);
        late
    }

    /// The server did not take the one in flight; it is taken out and returned.
    pub fn refused(&mut self) -> Option<Prompt> {
        if !self.in_flight {
            return None;
        }
        self.in_flight = false;
        self.in_doubt = false;
        self.prompts.pop_front()
    }

    /// Takes out a prompt that was not said yet. False: it was said, and may be stored.
    pub fn withdraw(&mut self, id: ClientMessageId) -> bool {
        let said = self.in_flight || self.in_doubt;
        if said && self.prompts.front().is_some_and(|prompt| prompt.id == id) {
            return false;
        }
        self.prompts.retain(|prompt| prompt.id != id);
        true
    }

    /// The socket is gone: what was in flight is to be sent again.
    pub fn disconnected(&mut self) {
        self.in_doubt |= self.in_flight;
        self.in_flight = false;
    }

    /// All of them, in order.
    pub fn prompts(&self) -> impl Iterator<Item = &Prompt> {
        self.prompts.iter()
    }

    /// As a text from which they go on when the page is loaded again, with those that were refused; empty when there is
    /// none.
    pub fn text(&self, refused: &[Refused]) -> String {
        let mut text = String::new();
        let mut said = self.in_flight || self.in_doubt;
        for prompt in &self.prompts {
            let word = if mem::take(&mut said) { SAID } else { NEW };
            write(&mut text, prompt, word, "");
        }
        for Refused { prompt, why } in refused {
            write(&mut text, prompt, REFUSED, why);
        }
        text
    }

    /// From such a text: the prompts on their way, and those that were refused. What cannot be read is forgotten.
    pub fn parse(text: &str) -> (Self, Vec<Refused>) {
        let (mut outbox, mut refused) = (Self::default(), Vec::new());
        let mut rest = text;
        while let Some((prompt, word, why, behind)) = parsed(rest) {
            if word == REFUSED {
                let why = why.to_owned();
                refused.push(Refused { prompt, why });
            } else {
                // What was in flight may be stored, or not.
                outbox.in_doubt |= word == SAID && outbox.is_empty();
                outbox.put(prompt);
            }
            rest = behind;
        }
        (outbox, refused)
    }

    /// Whether everything written is stored.
    pub fn is_empty(&self) -> bool {
        self.prompts.is_empty()
    }
}

/// How far a prompt is, in such a text.
const NEW: &str = "new";
const SAID: &str = "said";
const REFUSED: &str = "refused";

/// Puts a prompt behind a text: a line with its id, how far it is, what it edits, and the lengths of the two that follow,
/// its own words and why it was refused.
fn write(to: &mut String, prompt: &Prompt, word: &str, why: &str) {
    let Prompt { id, text, edits } = prompt;
    let edits = edits.map(|id| id.to_string()).unwrap_or_default();
    to.push_str(&format!(
        "{id} {word} {edits} {} {}\n{text}{why}",
        text.len(),
        why.len()
    ));
}

/// The first prompt of a text, how far it is, why it was refused, and what stands behind all that.
fn parsed(text: &str) -> Option<(Prompt, &str, &str, &str)> {
    let (head, behind) = text.split_once('\n')?;
    let mut words = head.split(' ');
    let id = words.next()?.parse().ok()?;
    let word = words.next()?;
    let edits = words.next()?.parse().ok();
    let (text, behind) = behind.split_at_checked(words.next()?.parse().ok()?)?;
    // A page of an earlier version kept no reason.
    let (why, behind) = behind.split_at_checked(words.next().unwrap_or("0").parse().ok()?)?;
    let text = text.to_owned();
    Some((Prompt { id, text, edits }, word, why, behind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn prompt(number: u128) -> Prompt {
        Prompt {
            id: ClientMessageId::from_uuid(Uuid::from_u128(number)),
            text: number.to_string(),
            edits: None,
        }
    }

    #[test]
    fn a_prompt_in_flight_when_the_socket_dies_is_sent_again_with_the_same_id() {
        let mut outbox = Outbox::default();
        outbox.put(prompt(1));
        assert_eq!(outbox.take_off(), Some(prompt(1)));
        assert_eq!(outbox.take_off(), None, "it is in flight");
        outbox.disconnected();
        assert_eq!(outbox.take_off(), Some(prompt(1)));
    }

    #[test]
    fn the_next_prompt_waits_for_the_acknowledgement_of_the_one_before() {
        let mut outbox = Outbox::default();
        outbox.put(prompt(1));
        outbox.put(prompt(2));
        assert_eq!(outbox.take_off(), Some(prompt(1)));
        assert_eq!(outbox.take_off(), None);
        assert!(!outbox.acknowledged(prompt(1).id));
        assert_eq!(outbox.take_off(), Some(prompt(2)));
        outbox.acknowledged(prompt(2).id);
        assert!(outbox.is_empty());
    }

    #[test]
    fn an_acknowledgement_that_comes_after_a_reconnect_still_counts() {
        let mut outbox = Outbox::default();
        outbox.put(prompt(1));
        outbox.take_off();
        outbox.disconnected();
        assert!(
            outbox.acknowledged(prompt(1).id),
            "its answer may be there already"
        );
        assert_eq!(outbox.take_off(), None);
        assert!(outbox.is_empty());
    }

    #[test]
    fn only_a_prompt_in_flight_can_be_refused() {
        let mut outbox = Outbox::default();
        outbox.put(prompt(1));
        assert_eq!(outbox.refused(), None);
        outbox.take_off();
        assert_eq!(outbox.refused(), Some(prompt(1)));
        assert!(outbox.is_empty());
    }
    #[test]
    fn only_what_was_never_said_can_be_taken_back() {
        let mut outbox = Outbox::default();
        outbox.put(prompt(1));
        outbox.put(prompt(2));
        outbox.take_off();
        assert!(!outbox.withdraw(prompt(1).id), "it is in flight");
        outbox.disconnected();
        assert!(!outbox.withdraw(prompt(1).id), "it may be stored");
        assert!(outbox.withdraw(prompt(2).id));
        outbox.acknowledged(prompt(1).id);
        assert!(outbox.is_empty());
    }

    #[test]
    fn prompts_go_on_after_the_page_was_loaded_again() {
        let odd = |number, text: &str, edits| Prompt {
            text: text.into(),
            edits,
            ..prompt(number)
        };
        let edited = MessageId::from_uuid(Uuid::from_u128(9));
        let mut outbox = Outbox::default();
        assert_eq!(outbox.text(&[]), "");
        assert_eq!(Outbox::parse(""), (outbox.clone(), Vec::new()), "nothing");
        outbox.put(odd(1, "two\nlines, \u{1f6f6}\n", None));
        outbox.put(odd(2, "", Some(edited)));
        let refused = [
            Refused {
                prompt: odd(3, "three\n", Some(edited)),
                why: "Zu schnell.\nWarten.".into(),
            },
            Refused {
                prompt: odd(4, "four", None),
                why: String::new(),
            },
        ];
        assert_eq!(
            Outbox::parse(&outbox.text(&refused)),
            (outbox.clone(), refused.to_vec())
        );
        outbox.take_off();
        let (mut again, _) = Outbox::parse(&outbox.text(&refused));
        assert!(!again.withdraw(prompt(1).id), "it was said, and may be stored");
        assert!(again.withdraw(prompt(2).id), "it was not said");
        assert_eq!(again.take_off().map(|prompt| prompt.id), Some(prompt(1).id));
        assert!(
            again.acknowledged(prompt(1).id),
            "its answer may be there already"
        );
    }

    #[test]
    fn what_cannot_be_read_is_forgotten() {
        let mut outbox = Outbox::default();
        outbox.put(prompt(1));
        let text = outbox.text(&[]);
        for broken in [
            "x",
            "\n\n",
            "1 new  5 0\nfive",
            &text[..text.len() - 1],
            &text.replace('-', "")[1..],
        ] {
            assert_eq!(Outbox::parse(broken), Default::default(), "{broken:?}");
        }
        assert_eq!(Outbox::parse(&format!("{text}and more")), (outbox, Vec::new()));
    }
}
