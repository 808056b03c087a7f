//! What pages and answers say, read in the browser.

use super::{
    Bot, ChatData, ChatGiven, Excerpt, Fault, Found, HistoryGiven, Kind, Line, Lines, Paper, Piece,
    SignInGiven, SignUpGiven, Snippet, Stored, WorkshopGiven, given::Given,
};
use crate::json::{
    Value,
    read::{colour, document_fault, document_status, id, messages, model, progress, time},
};
use wire::auth::ModelInfo;

impl Given for ChatGiven {
    const NAME: &'static str = "given-chat";

    fn read(mut value: Value) -> Option<Self> {
        Some(Self {
            data: chat(value.take("data"))?,
            model: model(value.take("model"))?,
        })
    }
}

impl Given for HistoryGiven {
    const NAME: &'static str = "given-history";

    fn read(mut value: Value) -> Option<Self> {
        Some(Self {
            page: lines(value.take("page")),
            current: id(&mut value, "current"),
            words: value.text("words")?,
            bot: value.text("bot")?,
            now: time(&mut value, "now")?,
        })
    }
}

impl Given for ModelInfo {
    const NAME: &'static str = "given-model";

    fn read(value: Value) -> Option<Self> {
        model(value)
    }
}

impl Given for SignUpGiven {
    const NAME: &'static str = "given-sign-up";

    fn read(mut value: Value) -> Option<Self> {
        Some(Self {
            invitation: value.text("invitation"),
            ask_for_code: value.flag("ask_for_code"),
            email: value.text("email")?,
            problem: value.text("problem"),
        })
    }
}

impl Given for SignInGiven {
    const NAME: &'static str = "given-sign-in";

    fn read(mut value: Value) -> Option<Self> {
        Some(Self {
            email: value.text("email")?,
            problem: value.text("problem"),
            forget: value.flag("forget"),
        })
    }
}

impl Given for WorkshopGiven {
    const NAME: &'static str = "given-workshop";

    fn read(mut value: Value) -> Option<Self> {
        Some(Self {
            bot: id(&mut value, "bot"),
        })
    }
}

fn chat(mut value: Value) -> Option<ChatData> {
    let mut bot = value.take("bot");
    Some(ChatData {
        bot: Bot {
            id: id(&mut bot, "id")?,
            name: bot.text("name")?,
            description: bot.text("description")?,
            colour: colour(bot.take("colour"))?,
            starters: bot.text("starters")?,
            editable: false,
            gone: bot.flag("gone"),
        },
        stored: stored(value.take("stored")),
    })
}

fn stored(mut value: Value) -> Option<Stored> {
    Some(Stored {
        id: id(&mut value, "id")?,
        title: value.text("title"),
        messages: messages(value.take("messages"))?,
        has_more: value.flag("has_more"),
        session_id: id(&mut value, "session_id"),
        found: value.small("found"),
        other_branch: value.flag("other_branch"),
        running: false,
    })
}

/// A page of the history.
pub(crate) fn lines(mut value: Value) -> Option<Lines> {
    Some(Lines {
        conversations: value.take("conversations").items(line)?,
        next_cursor: value.text("next_cursor"),
    })
}

fn line(mut value: Value) -> Option<Line> {
    Some(Line {
        id: id(&mut value, "id")?,
        chatbot_name: value.text("chatbot_name")?,
        title: value.text("title"),
        updated_at: time(&mut value, "updated_at")?,
        pinned: value.flag("pinned"),
        running: value.flag("running"),
        found: found(value.take("found")),
    })
}

fn found(mut value: Value) -> Option<Found> {
    Some(Found {
        message_id: id(&mut value, "message_id")?,
        snippet: value.take("snippet").items(snippet)?,
    })
}

fn snippet(mut value: Value) -> Option<Snippet> {
    Some(Snippet {
        text: value.text("text")?,
        matched: value.flag("matched"),
    })
}

/// A document in its chatbot's list.
pub(crate) fn paper(mut value: Value) -> Option<Paper> {
    Some(Paper {
        id: id(&mut value, "id")?,
        name: value.text("name")?,
        bytes: value.number("bytes")?,
        status: document_status(value.take("status"))?,
        progress: progress(value.take("progress")),
        failure: fault(value.take("failure")),
        pages: value.small("pages"),
        chunks: value.small("chunks"),
    })
}

fn fault(mut value: Value) -> Option<Fault> {
    Some(Fault {
        fault: document_fault(value.take("fault"))?,
        detail: value.text("detail")?,
    })
}

/// A part of a document's text.
pub(crate) fn excerpt(mut value: Value) -> Option<Excerpt> {
    Some(Excerpt {
        name: value.text("name")?,
        from: value.small("from")?,
        blocks: value.take("blocks").items(piece)?,
        next: value.small("next"),
    })
}

fn piece(mut value: Value) -> Option<Piece> {
    let kind = match value.text("kind")?.as_str() {
        "heading" => Kind::Heading,
        "paragraph" => Kind::Paragraph,
        "list_item" => Kind::ListItem,
        "table" => Kind::Table,
        "code" => Kind::Code,
        _ => return None,
    };
    Some(Piece {
        kind,
        level: value.small("level").and_then(|level| level.try_into().ok()),
        start: value.small("start")?,
        page: value.small("page"),
        text: value.text("text")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;
    use uuid::Uuid;
    use wire::{
        ChatbotId, ConversationId, DocumentId, MessageId, SessionId, Timestamp,
        auth::ModelState,
        chatbot::Colour,
        document::{
            BlockKind, Document, DocumentFailure, DocumentFault, DocumentStatus, DocumentText, Progress,
            TextBlock,
        },
        message::{Message, MessageRole, MessageStatus},
    };

    const ID: Uuid = Uuid::from_u128(7);

    fn sent(thing: &impl Serialize) -> Value {
        Value::parse(&serde_json::to_string(thing).unwrap()).unwrap()
    }

    fn info() -> ModelInfo {
        ModelInfo {
            name: "small".into(),
            starter: true,
            state: ModelState::Ready,
        }
    }

    #[test]
    fn a_chat_arrives_in_the_browser_as_the_server_drew_it() {
        let stored = Stored {
            id: ConversationId::from_uuid(ID),
            title: Some("Title".into()),
            messages: vec![Message {
                id: MessageId::from_uuid(ID),
                role: MessageRole::Assistant,
                message: "Hello".into(),
                created_at: Timestamp::from_millis(1_705_314_605_042),
                parent_id: Some(MessageId::from_uuid(ID)),
                status: MessageStatus::Stopped,
                siblings: Vec::new(),
                citations: Vec::new(),
                drawn: Vec::new(),
                model: None,
                feedback: None,
            }],
            has_more: true,
            session_id: Some(SessionId::from_uuid(ID)),
            found: Some(4),
            other_branch: true,
            running: false,
        };
        for stored in [None, Some(stored)] {
            let given = ChatGiven {
                data: ChatData {
                    bot: Bot {
                        id: ChatbotId::from_uuid(ID),
                        name: "Ada".into(),
                        description: String::new(),
                        colour: Colour::Moss,
                        starters: "How?\nWhy?".into(),
                        editable: false,
                        gone: stored.is_some(),
                    },
                    stored,
                },
                model: info(),
            };
            assert_eq!(ChatGiven::read(sent(&given)), Some(given));
        }
        assert_eq!(ModelInfo::read(sent(&info())), Some(info()));
    }

    #[test]
    fn the_history_arrives_in_the_browser_as_the_server_drew_it() {
        let line = Line {
            id: ConversationId::from_uuid(ID),
            chatbot_name: "Ada".into(),
            title: None,
            updated_at: Timestamp::from_millis(1_705_314_605_042),
            pinned: false,
            running: true,
            found: None,
        };
        let found = Line {
            title: Some("Kettles".into()),
            pinned: true,
            running: false,
            found: Some(Found {
                message_id: MessageId::from_uuid(ID),
                snippet: vec![Snippet {
                    text: "kettle".into(),
                    matched: true,
                }],
            }),
            ..line.clone()
        };
        let page = Lines {
            conversations: vec![line, found],
            next_cursor: Some("next".into()),
        };
        for page in [None, Some(page)] {
            let given = HistoryGiven {
                current: page.as_ref().map(|_| ConversationId::from_uuid(ID)),
                page,
                words: "kettle".into(),
                bot: String::new(),
                now: Timestamp::from_millis(1_705_314_605_042),
            };
            assert_eq!(HistoryGiven::read(sent(&given)), Some(given));
        }
    }

    #[test]
    fn the_forms_are_told_what_they_are_about() {
        for bot in [None, Some(ChatbotId::from_uuid(ID))] {
            let given = WorkshopGiven { bot };
            assert_eq!(WorkshopGiven::read(sent(&given)), Some(given));
        }
        for invitation in [None, Some("code".to_owned())] {
            let given = SignUpGiven {
                ask_for_code: invitation.is_none(),
                email: "ada@example.org".into(),
                problem: invitation.clone(),
                invitation: invitation.clone(),
            };
            assert_eq!(SignUpGiven::read(sent(&given)), Some(given));
            let given = SignInGiven {
                email: String::new(),
                forget: invitation.is_some(),
                problem: invitation,
            };
            assert_eq!(SignInGiven::read(sent(&given)), Some(given));
        }
    }

    #[test]
    fn a_document_is_read_as_the_wire_says_it() {
        let bare = Document {
            id: DocumentId::from_uuid(ID),
            chatbot_id: ChatbotId::from_uuid(ID),
            name: "Zephyr.pdf".into(),
            media_type: None,
            bytes: u64::from(u32::MAX) + 1,
            sha256: String::new(),
            status: DocumentStatus::Queued,
            progress: None,
            failure: None,
            pages: None,
            chunks: None,
            created_at: Timestamp::from_millis(1),
        };
        let full = Document {
            status: DocumentStatus::Failed,
            progress: Some(Progress {
                done: 1,
                total: Some(2),
            }),
            failure: Some(DocumentFailure {
                fault: DocumentFault::Encrypted,
                detail: "It needs a password.".into(),
            }),
            pages: Some(3),
            chunks: Some(4),
            ..bare.clone()
        };
        for document in [bare, full] {
            let read = paper(sent(&document)).unwrap();
            assert_eq!(
                (read.id, read.bytes, read.status),
                (document.id, document.bytes, document.status)
            );
            assert_eq!(
                (read.progress, read.pages, read.chunks),
                (document.progress, document.pages, document.chunks)
            );
            let detail = document.failure.as_ref().map(|failure| failure.detail.clone());
            assert_eq!(read.failure.clone().map(|failure| failure.detail), detail);
            #[cfg(feature = "pages")]
            assert_eq!(
                Paper::from(document),
                read,
                "drawn by the server as by the browser"
            );
        }
    }

    #[test]
    fn a_text_is_read_as_the_wire_says_it() {
        let kinds = [
            (BlockKind::Heading { level: 2 }, Kind::Heading),
            (BlockKind::Paragraph, Kind::Paragraph),
            (BlockKind::ListItem, Kind::ListItem),
            (BlockKind::Table, Kind::Table),
            (BlockKind::Code, Kind::Code),
        ];
        for (kind, here) in kinds {
            let text = DocumentText {
                document_id: DocumentId::from_uuid(ID),
                name: "Zephyr.pdf".into(),
                from: 7,
                blocks: vec![TextBlock {
                    kind,
                    start: 12,
                    page: Some(3),
                    text: "Warranty".into(),
                }],
                next: None,
            };
            let read = excerpt(sent(&text)).unwrap();
            let level = (here == Kind::Heading).then_some(2);
            assert_eq!((read.from, read.next), (7, None));
            let piece = Piece {
                kind: here,
                level,
                start: 12,
                page: Some(3),
                text: "Warranty".into(),
            };
            assert_eq!(read.blocks, [piece]);
            #[cfg(feature = "pages")]
            assert_eq!(Excerpt::from(text), read, "drawn by the server as by the browser");
        }
    }
}
