//! Where the reader is, and whether that is the chat already on the page.

use wire::{ChatbotId, ConversationId};

/// What the address names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Place {
    /// `/new/{chatbot_id}`: a chat in which nothing was said.
    New(ChatbotId),
    /// `/c/{conversation_id}`.
    Conversation(ConversationId),
    /// No chat: an address with something else than an id in it.
    #[default]
    Nowhere,
}

impl Place {
    /// Reads the path of an address.
    pub fn parse(path: &str) -> Self {
        let mut parts = path.trim_matches('/').split('/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("new"), Some(id), None) => id.parse().map_or(Self::Nowhere, Self::New),
            (Some("c"), Some(id), None) => id.parse().map_or(Self::Nowhere, Self::Conversation),
            _ => Self::Nowhere,
        }
    }

    /// The address of a conversation.
    pub fn path_of(id: ConversationId) -> String {
        format!("/c/{id}")
    }
}

/// Which chat the page shows. It changes when the reader goes elsewhere, and does not when the chat that they
/// are in gets its own address: what they are typing must survive that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Showing {
    /// What to load.
    pub place: Place,
    /// Counts the chats shown, so that "New chat" twice is two chats.
    pub turn: u32,
}

impl Showing {
    /// What to show at `place`. `became` is the conversation that the chat on the page has become, if it was
    /// a new one.
    pub fn next(self, place: Place, became: Option<ConversationId>) -> Self {
        let same = match (became, place) {
            (Some(id), Place::Conversation(other)) => id == other,
            (Some(_), _) => false,
            (None, place) => place == self.place,
        };
        if same { self } else { Self { place, turn: self.turn.wrapping_add(1) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn bot() -> ChatbotId {
        ChatbotId::from_uuid(Uuid::from_u128(1))
    }

    fn conversation(number: u128) -> ConversationId {
        ConversationId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn addresses_of_chats_are_read_and_others_lead_nowhere() {
        let id = "00000000-0000-0000-0000-000000000001";
        assert_eq!(Place::parse(&format!("/new/{id}")), Place::New(bot()));
        assert_eq!(Place::parse(&format!("/c/{id}/")), Place::Conversation(conversation(1)));
        for path in ["/", "/c", "/c/1", "/c/../etc", "/new/selected_chatbot_id", &format!("/c/{id}/x")] {
            assert_eq!(Place::parse(path), Place::Nowhere, "{path}");
        }
    }

    #[test]
    fn a_new_chat_that_gets_its_address_is_still_the_same_chat() {
        let showing = Showing { place: Place::New(bot()), turn: 1 };
        assert_eq!(showing.next(Place::Conversation(conversation(7)), Some(conversation(7))), showing);
    }

    #[test]
    fn new_chat_after_a_new_chat_is_another_one() {
        let showing = Showing { place: Place::New(bot()), turn: 1 };
        let next = showing.next(Place::New(bot()), Some(conversation(7)));
        assert_eq!(next, Showing { place: Place::New(bot()), turn: 2 });
    }

    #[test]
    fn going_to_another_conversation_shows_that_one() {
        let showing = Showing { place: Place::Conversation(conversation(1)), turn: 1 };
        let next = showing.next(Place::Conversation(conversation(2)), None);
        assert_eq!(next, Showing { place: Place::Conversation(conversation(2)), turn: 2 });
        assert_eq!(next.next(Place::Conversation(conversation(2)), None), next);
    }
}
