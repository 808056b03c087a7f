//! What there is of an answer that is being written, for who has no scripts. With scripts it comes by the socket, from its
//! beginning: the island must not find it in what it was given, and passes over what is drawn here.

use super::inert::{Inert, Part};
#[cfg(feature = "ssr")]
use crate::data::{SoFar, Stored};
#[cfg(feature = "ssr")]
use wire::message::{MessageRole, MessageStatus};

/// The place of it, behind the messages. Only the server has something to put there, given by [`write`].
pub(crate) fn so_far() -> Inert {
    #[cfg(feature = "ssr")]
    let written = leptos::prelude::use_context::<Written>().map(|written| written.0);
    #[cfg(not(feature = "ssr"))]
    let written = None;
    Inert::new("noscript", written.into_iter().map(Part::Inert).collect())
}

#[cfg(feature = "ssr")]
#[derive(Clone)]
struct Written(Inert);

/// Has this drawn at that place, where it is the end of what is stored of the conversation: it takes the place of the
/// answer that has no word of it yet.
#[cfg(feature = "ssr")]
pub(crate) fn write(stored: &Stored, so_far: &SoFar, name: &str) {
    if let Some(text) = whole(stored, so_far) {
        leptos::prelude::provide_context(Written(drawn(&text, name)));
    }
}

/// All of the answer's text; `None` while it has none, and where it follows something else.
#[cfg(feature = "ssr")]
fn whole(stored: &Stored, so_far: &SoFar) -> Option<String> {
    let last = stored.messages.last()?;
    let is_it = last.id == so_far.message_id && last.status == MessageStatus::Generating;
    let before = match last.role {
        MessageRole::Assistant if is_it => last.message.as_str(),
        MessageRole::User if last.id == so_far.prompt_id => "",
        _ => return None,
    };
    Some([before, so_far.text.as_str()].concat()).filter(|text| !text.trim().is_empty())
}

#[cfg(feature = "ssr")]
fn drawn(text: &str, name: &str) -> Inert {
    let who = Inert::new("h2", vec![Part::Text(name.to_owned())]).with("class", "unseen");
    let text = Inert::new("div", super::markdown::plain(text))
        .with("class", "message__text prose")
        .with("dir", "auto");
    Inert::new("article", vec![Part::Inert(who), Part::Inert(text)])
        .with("class", "message message--assistant")
        .with("data-role", "assistant")
        .with("data-status", "generating")
}

#[cfg(test)]
#[cfg(feature = "ssr")]
mod tests {
    use super::*;
    use leptos::prelude::*;
    use uuid::Uuid;
    use wire::{ConversationId, MessageId, Timestamp, message::Message};

    fn id(number: u128) -> MessageId {
        MessageId::from_uuid(Uuid::from_u128(number))
    }

    fn message(number: u128, role: MessageRole, text: &str, status: MessageStatus) -> Message {
        Message {
            id: id(number),
            role,
            message: text.into(),
            created_at: Timestamp::from_millis(0),
            parent_id: None,
            status,
            siblings: Vec::new(),
            citations: Vec::new(),
            drawn: Vec::new(),
            model: None,
            feedback: None,
        }
    }

    fn stored(last: Message) -> Stored {
        Stored {
            id: ConversationId::from_uuid(Uuid::nil()),
            title: None,
            messages: vec![last],
            has_more: false,
            session_id: None,
            found: None,
            other_branch: false,
            running: true,
        }
    }

    fn written(text: &str) -> SoFar {
        SoFar {
            prompt_id: id(1),
            message_id: id(2),
            text: text.into(),
        }
    }

    fn shown(last: Message, text: &str) -> Option<String> {
        whole(&stored(last), &written(text))
    }

    #[test]
    fn it_stands_behind_its_prompt_or_what_the_answer_had_before_and_nowhere_else() {
        use MessageRole::{Assistant, User};
        use MessageStatus::{Complete, Generating};
        let prompt = message(1, User, "Why?", Complete);
        assert_eq!(shown(prompt.clone(), "Becau").as_deref(), Some("Becau"));
        assert_eq!(shown(prompt, " "), None);
        let begun = message(2, Assistant, "", Generating);
        assert_eq!(shown(begun, "Becau").as_deref(), Some("Becau"));
        let goes_on = message(2, Assistant, "Because it ", Generating);
        assert_eq!(shown(goes_on, "is").as_deref(), Some("Because it is"));
        // It was settled between two reads: all of it is there.
        assert_eq!(
            shown(message(2, Assistant, "Because.", Complete), "Because."),
            None
        );
        // Another branch is looked at.
        assert_eq!(shown(message(3, User, "Who?", Complete), "Becau"), None);
        assert_eq!(shown(message(4, Assistant, "", Generating), "Becau"), None);
    }

    #[test]
    fn what_a_model_writes_stays_in_its_place() {
        let owner = Owner::new();
        owner.with(|| {
            assert_eq!(so_far().to_html(), "<noscript></noscript>");
            let hostile = "**So** </noscript><script>alert(1)</script> [x](https://a.example/\"</noscript>) `</noscript>`";
            write(
                &stored(message(1, MessageRole::User, "?", MessageStatus::Complete)),
                &written(hostile),
                "</noscript>",
            );
            let html = so_far().to_html();
            assert!(html.contains("<strong>So</strong>"), "{html}");
            assert_eq!(html.matches("</noscript>").count(), 1, "{html}");
            assert!(!html.contains("<script"), "{html}");
        });
    }
}
