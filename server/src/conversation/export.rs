//! A conversation as a file, to be taken along: as Markdown, to be read by people, or as JSON, with all its branches.
//!
//! It is made piece by piece while it is read: a long one is never whole in memory. Must not know: HTTP, archives.

use crate::app::{App, AppState};
use futures::{Stream, stream};
use serde::Serialize;
use std::{
    collections::{HashMap, HashSet},
    io,
};
use store::{conversation::ConversationRecord, message::MessageRecord};
use wire::{
    ChatbotId, ConversationId, MessageId, Timestamp,
    document::Citation,
    feedback::{Feedback, Verdict},
    message::{MessageRole, MessageStatus},
};

/// Messages that are read at a time.
const SLICE: u32 = 100;

/// What kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Everything, for programs.
    Json,
    /// The branch that is shown, then what else was said, for people.
    Markdown,
}

impl Format {
    /// Of the file's name.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Markdown => "md",
        }
    }
}

/// What it is called where it has no title.
pub fn title(conversation: &ConversationRecord) -> &str {
    conversation.title.as_deref().unwrap_or("Untitled")
}

/// The file, piece by piece; none of them is empty. One that breaks off ends with an error, so that nobody takes it for
/// whole.
pub fn written(
    app: &AppState,
    conversation: ConversationRecord,
    format: Format,
) -> impl Stream<Item = io::Result<Vec<u8>>> + Send + use<> {
    let writing = Writing {
        app: AppState::clone(app),
        pages: Pages::of(conversation.id),
        conversation,
        shown: HashSet::new(),
        next: match format {
            Format::Json => Next::JsonHead,
            Format::Markdown => Next::MarkdownHead,
        },
    };
    stream::try_unfold(writing, |mut writing| async move {
        loop {
            match writing.piece().await? {
                Some(piece) if piece.is_empty() => {}
                piece => return Ok(piece.map(|piece| (piece, writing))),
            }
        }
    })
}

/// A file that is being written.
struct Writing {
    app: AppState,
    conversation: ConversationRecord,
    pages: Pages,
    /// The branch that is shown, in Markdown.
    shown: HashSet<MessageId>,
    next: Next,
}

/// What comes next.
enum Next {
    JsonHead,
    JsonMessages { is_first: bool },
    MarkdownHead,
    Branch { has_others: bool },
    OthersHead,
    Others,
    Nothing,
}

impl Writing {
    /// The next piece, which may be empty; `None` behind the last one.
    async fn piece(&mut self) -> io::Result<Option<Vec<u8>>> {
        let piece = match self.next {
            Next::JsonHead => {
                self.next = Next::JsonMessages { is_first: true };
                json_head(&self.conversation)?
            }
            Next::JsonMessages { is_first } => match self.pages.next(&self.app).await? {
                Some(page) => {
                    self.next = Next::JsonMessages { is_first: false };
                    json_messages(&page, is_first)?
                }
                None => {
                    self.next = Next::Nothing;
                    b"\n  ]\n}\n".to_vec()
                }
            },
            Next::MarkdownHead => {
                let mut parents = Parents::new();
                while let Some(page) = self.pages.next(&self.app).await? {
                    parents.extend(page.iter().map(|message| (message.id, message.parent_id)));
                }
                self.shown = branch(&parents, self.conversation.active_leaf);
                self.next = Next::Branch { has_others: false };
                markdown_head(&self.conversation).into_bytes()
            }
            Next::Branch { has_others } => match self.pages.next(&self.app).await? {
                Some(page) => {
                    let has_others =
                        has_others || page.iter().any(|message| !self.shown.contains(&message.id));
                    self.next = Next::Branch { has_others };
                    self.said_in(&page, true)
                }
                None => {
                    self.next = if has_others {
                        Next::OthersHead
                    } else {
                        Next::Nothing
                    };
                    Vec::new()
                }
            },
            Next::OthersHead => {
                self.next = Next::Others;
                OTHERS.into()
            }
            Next::Others => match self.pages.next(&self.app).await? {
                Some(page) => self.said_in(&page, false),
                None => {
                    self.next = Next::Nothing;
                    Vec::new()
                }
            },
            Next::Nothing => return Ok(None),
        };
        Ok(Some(piece))
    }

    /// Those of these messages that are on the branch that is shown, or those that are not.
    fn said_in(&self, page: &[MessageRecord], of_the_branch: bool) -> Vec<u8> {
        let bot = &self.conversation.chatbot_name;
        let wanted = page
            .iter()
            .filter(|message| self.shown.contains(&message.id) == of_the_branch);
        wanted
            .map(|message| said(bot, message))
            .collect::<String>()
            .into()
    }
}

const OTHERS: &str =
    "\n---\n\n# Other branches\n\nWhat was asked or answered otherwise, in the order in which it was said.\n";

/// What stands before the messages.
#[derive(Serialize)]
struct Conversation<'a> {
    id: ConversationId,
    title: Option<&'a str>,
    chatbot_id: ChatbotId,
    chatbot_name: &'a str,
    created_at: Timestamp,
    updated_at: Timestamp,
    pinned: bool,
    /// The last message of the branch that is shown.
    active_message_id: Option<MessageId>,
}

#[derive(Serialize)]
struct Message<'a> {
    id: MessageId,
    parent_id: Option<MessageId>,
    role: MessageRole,
    status: MessageStatus,
    created_at: Timestamp,
    message: &'a str,
    /// That began the answer, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    citations: &'a [Citation],
    #[serde(skip_serializing_if = "Option::is_none")]
    feedback: Option<Given<'a>>,
}

/// What the user thinks of an answer.
#[derive(Serialize)]
struct Given<'a> {
    #[serde(flatten)]
    feedback: &'a Feedback,
    at: Timestamp,
}

fn json_head(conversation: &ConversationRecord) -> io::Result<Vec<u8>> {
    let mut head = serde_json::to_vec_pretty(&Conversation {
        id: conversation.id,
        title: conversation.title.as_deref(),
        chatbot_id: conversation.chatbot_id,
        chatbot_name: &conversation.chatbot_name,
        created_at: conversation.created_at,
        updated_at: conversation.updated_at,
        pinned: conversation.pinned,
        active_message_id: conversation.active_leaf,
    })?;
    // The object goes on with its messages, one at a time.
    while head.last().is_some_and(|byte| matches!(byte, b'}' | b'\n')) {
        head.pop();
    }
    head.extend_from_slice(b",\n  \"messages\": [");
    Ok(head)
}

fn json_messages(page: &[MessageRecord], mut is_first: bool) -> io::Result<Vec<u8>> {
    let mut lines = Vec::new();
    for message in page {
        let between: &[u8] = if std::mem::take(&mut is_first) {
            b"\n    "
        } else {
            b",\n    "
        };
        lines.extend_from_slice(between);
        serde_json::to_writer(
            &mut lines,
            &Message {
                id: message.id,
                parent_id: message.parent_id,
                role: message.role,
                status: message.status,
                created_at: message.created_at,
                message: &message.text,
                model: message.model.as_deref(),
                citations: &message.citations,
                feedback: message.feedback.as_ref().map(|given| Given {
                    feedback: &given.feedback,
                    at: given.at,
                }),
            },
        )?;
    }
    Ok(lines)
}

fn markdown_head(conversation: &ConversationRecord) -> String {
    let (title, bot) = (title(conversation).replace('\n', " "), &conversation.chatbot_name);
    format!("# {title}\n\nWith {bot}, begun at {}.\n", conversation.created_at)
}

/// Every message follows which one.
type Parents = HashMap<MessageId, Option<MessageId>>;

/// The messages from the root to this one.
fn branch(parents: &Parents, leaf: Option<MessageId>) -> HashSet<MessageId> {
    let mut branch = HashSet::new();
    let mut next = leaf;
    while let Some(id) = next.filter(|id| branch.insert(*id)) {
        next = parents.get(&id).copied().flatten();
    }
    branch
}

fn said(bot: &str, message: &MessageRecord) -> String {
    let who = match message.role {
        MessageRole::User => "You",
        MessageRole::Assistant => bot,
    };
    let how = match message.status {
        MessageStatus::Complete => "",
        MessageStatus::Generating => ", still being written",
        MessageStatus::Stopped => ", stopped",
        MessageStatus::Interrupted => ", interrupted",
        MessageStatus::Failed => ", failed",
        MessageStatus::Cut => ", cut at the limit of length",
    };
    let model = message.model.as_deref();
    let by = model.map(|model| format!(", {model}")).unwrap_or_default();
    let mut text = format!(
        "\n---\n\n**{who}** ({}{by}{how})\n\n{}\n",
        message.created_at, message.text
    );
    for citation in &message.citations {
        let page = citation
            .page
            .map(|page| format!(", page {page}"))
            .unwrap_or_default();
        text.push_str(&format!(
            "\n[{}] {}{page}: {}\n",
            citation.number, citation.document_name, citation.snippet
        ));
    }
    if let Some(given) = &message.feedback {
        text.push_str(&format!("\n> {}\n", thought(&given.feedback)));
    }
    text
}

/// What the user thinks of an answer, on one line.
fn thought(
    Feedback {
        verdict,
        reason,
        comment,
    }: &Feedback,
) -> String {
    let mut text = match verdict {
        Verdict::Up => "👍 You liked this answer".to_owned(),
        Verdict::Down => "👎 You did not like this answer".to_owned(),
    };
    if let Some(reason) = reason {
        text.push_str(&format!(" ({})", reason.name().replace('_', " ")));
    }
    let words: Vec<&str> = comment.split_whitespace().collect();
    if !words.is_empty() {
        text.push_str(&format!(": {}", words.join(" ")));
    }
    text
}

/// A conversation's messages, page by page, in the order in which they were said.
#[derive(Debug)]
struct Pages {
    conversation: ConversationId,
    after: u64,
}

impl Pages {
    fn of(conversation: ConversationId) -> Self {
        Self {
            conversation,
            after: 0,
        }
    }

    /// `None` at the end; then from the beginning again.
    async fn next(&mut self, app: &App) -> io::Result<Option<Vec<MessageRecord>>> {
        let page = app.store.all_messages(self.conversation, self.after, SLICE).await;
        let page = page.map_err(io::Error::other)?;
        let last = page.last().map(|last| last.position);
        self.after = last.unwrap_or(0);
        Ok(last.map(|_| page))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_branch_leads_from_the_root_to_its_leaf_and_ends_even_in_a_circle() {
        let id = |number| MessageId::from_uuid(Uuid::from_u128(number));
        let parents: Parents = [(1, None), (2, Some(1)), (3, Some(1)), (4, Some(4))]
            .map(|(this, parent)| (id(this), parent.map(id)))
            .into_iter()
            .collect();
        assert_eq!(branch(&parents, Some(id(2))), [id(1), id(2)].into());
        assert_eq!(branch(&parents, Some(id(4))), [id(4)].into());
        assert_eq!(branch(&parents, None), HashSet::new());
    }
}
