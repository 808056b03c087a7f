//! Prompts on their way: kept until the server says that they are stored, and sent again, with the same id,
//! when the socket was lost in between.

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

    /// As a text from which they go on when the page is loaded again; empty when there is none.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut said = self.in_flight || self.in_doubt;
        for prompt in &self.prompts {
            let said = if mem::take(&mut said) { "said" } else { "new" };
            let edits = prompt.edits.map(|id| id.to_string()).unwrap_or_default();
            let (id, length) = (prompt.id, prompt.text.len());
            text.push_str(&format!("{id} {said} {edits} {length}\n{}", prompt.text));
        }
        text
    }

    /// From such a text. What cannot be read is forgotten.
    pub fn parse(text: &str) -> Self {
        let mut outbox = Self::default();
        let mut rest = text;
        while let Some((prompt, said, behind)) = parsed(rest) {
            // What was in flight may be stored, or not.
            outbox.in_doubt |= said && outbox.is_empty();
            outbox.put(prompt);
            rest = behind;
        }
        outbox
    }

    /// Whether everything written is stored.
    pub fn is_empty(&self) -> bool {
        self.prompts.is_empty()
    }
}

/// The first prompt of a text, whether it was said, and what stands behind it.
fn parsed(text: &str) -> Option<(Prompt, bool, &str)> {
    let (head, behind) = text.split_once('\n')?;
    let mut words = head.split(' ');
    let id = words.next()?.parse().ok()?;
    let said = words.next()? == "said";
    let edits = words.next()?.parse().ok();
    let (text, behind) = behind.split_at_checked(words.next()?.parse().ok()?)?;
    let text = text.to_owned();
    Some((Prompt { id, text, edits }, said, behind))
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
        assert_eq!(Outbox::parse(&outbox.text()), outbox, "nothing");
        outbox.put(odd(1, "two\nlines, \u{1f6f6}\n", None));
        outbox.put(odd(2, "", Some(edited)));
        assert_eq!(Outbox::parse(&outbox.text()), outbox);
        outbox.take_off();
        let mut again = Outbox::parse(&outbox.text());
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
        let text = outbox.text();
        for broken in [
            "x",
            "\n\n",
            "1 new  5\nfive",
            &text[..text.len() - 1],
            &text.replace('-', "")[1..],
        ] {
            assert!(Outbox::parse(broken).is_empty(), "{broken:?}");
        }
        assert_eq!(Outbox::parse(&format!("{text}and more")), outbox);
    }
}
