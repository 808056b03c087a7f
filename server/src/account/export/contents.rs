//! What stands in the export, and where.

use super::{archive::Archive, name};
use crate::{app::App, auth, library::document};
use serde::Serialize;
use std::{
    collections::{HashMap, HashSet},
    ffi::OsStr,
    io,
    path::Path,
};
use store::{
    chatbot::ChatbotRecord, conversation::ConversationRecord, document::DocumentRecord,
    message::MessageRecord, user::UserRecord,
};
use wire::{
    ChatbotId, ConversationId, MessageId, Timestamp,
    auth::{Theme, User},
    chatbot::{ChatbotSettings, Colour, Visibility},
    document::{Citation, Document},
    feedback::{Feedback, Verdict},
    message::{MessageRole, MessageStatus},
};

/// Conversations, and messages, that are read at a time.
const SLICE: u32 = 100;

/// Said first.
const README: &str = "\
This is everything that was in your Parlance account when this file was made.

account.json    who you are, how you want to see the pages, and where you were signed in
conversations/  each as Markdown, to be read, and as JSON, with all its branches; which model
                answered, and what you thought of it
chatbots/       yours, each with its settings and the files you gave it, as they were

Your password is not in it: nobody but you knows it.
";

/// Writes all of it.
///
/// # Errors
/// The store's, or the client went away.
pub(super) async fn write(app: &App, user: &UserRecord, archive: &mut Archive) -> io::Result<()> {
    archive.put("README.txt", README.as_bytes()).await?;
    archive
        .put("account.json", &json(&account(app, user).await?)?)
        .await?;
    let mut after = None;
    loop {
        let slice = app.store.all_conversations(user.id, after, SLICE).await;
        let slice = slice.map_err(io::Error::other)?;
        let Some(last) = slice.last() else { break };
        after = Some(last.id);
        for conversation in slice.iter().filter(|one| one.active_leaf.is_some()) {
            write_conversation(app, conversation, archive).await?;
        }
    }
    let bots = app.store.chatbots_visible_to(user.id, false).await;
    for bot in bots.map_err(io::Error::other)? {
        if bot.owner_id == Some(user.id) {
            write_chatbot(app, bot, archive).await?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct Account {
    exported_at: Timestamp,
    user: User,
    settings: Settings,
    sign_ins: Vec<SignIn>,
}

/// Also where they are as they were from the start: who reads the file cannot know what that is.
#[derive(Serialize)]
struct Settings {
    theme: Theme,
    /// `None`: as the browser asks.
    language: Option<String>,
}

#[derive(Serialize)]
struct SignIn {
    device: Option<String>,
    created_at: Timestamp,
    last_used_at: Timestamp,
}

async fn account(app: &App, user: &UserRecord) -> io::Result<Account> {
    let now = app.clock.now();
    let sign_ins = app.store.sign_ins_of(user.id, now).await;
    let shown = |sign_in: store::sign_in::SignIn| SignIn {
        device: sign_in.device,
        created_at: sign_in.created_at,
        last_used_at: sign_in.last_used_at,
    };
    Ok(Account {
        exported_at: now,
        user: auth::account::shown(user),
        settings: Settings {
            theme: user.profile.theme,
            language: user.profile.language.clone(),
        },
        sign_ins: sign_ins
            .map_err(io::Error::other)?
            .into_iter()
            .map(shown)
            .collect(),
    })
}

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

async fn write_conversation(
    app: &App,
    conversation: &ConversationRecord,
    archive: &mut Archive,
) -> io::Result<()> {
    let title = conversation.title.as_deref().unwrap_or("Untitled");
    let path = format!(
        "conversations/{} {}",
        name::day(conversation.created_at),
        name::unique(title, conversation.id.as_uuid())
    );
    let parents = write_json(app, conversation, &format!("{path}.json"), archive).await?;
    let shown = branch(&parents, conversation.active_leaf);
    write_markdown(app, conversation, &format!("{path}.md"), &shown, archive).await
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

async fn write_json(
    app: &App,
    conversation: &ConversationRecord,
    path: &str,
    archive: &mut Archive,
) -> io::Result<Parents> {
    let mut head = json(&Conversation {
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
    let mut file = archive.file(path)?;
    file.write(&head).await?;
    file.write(b",\n  \"messages\": [").await?;
    let mut parents = Parents::new();
    let mut pages = Pages::of(conversation.id);
    while let Some(page) = pages.next(app).await? {
        for message in &page {
            let line = serde_json::to_vec(&Message {
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
            })?;
            let between: &[u8] = if parents.is_empty() { b"\n    " } else { b",\n    " };
            file.write(between).await?;
            file.write(&line).await?;
            parents.insert(message.id, message.parent_id);
        }
    }
    file.write(b"\n  ]\n}\n").await?;
    file.finish().await?;
    Ok(parents)
}

/// The branch that is shown, then what else was said.
async fn write_markdown(
    app: &App,
    conversation: &ConversationRecord,
    path: &str,
    shown: &HashSet<MessageId>,
    archive: &mut Archive,
) -> io::Result<()> {
    let bot = &conversation.chatbot_name;
    let mut file = archive.file(path)?;
    let title = conversation
        .title
        .as_deref()
        .unwrap_or("Untitled")
        .replace('\n', " ");
    let head = format!("# {title}\n\nWith {bot}, begun at {}.\n", conversation.created_at);
    file.write(head.as_bytes()).await?;
    let mut has_others = false;
    for of_the_branch in [true, false] {
        if !of_the_branch && !std::mem::take(&mut has_others) {
            break;
        }
        if !of_the_branch {
            let head = "\n---\n\n# Other branches\n\nWhat was asked or answered otherwise, in the order in which it was said.\n";
            file.write(head.as_bytes()).await?;
        }
        let mut pages = Pages::of(conversation.id);
        while let Some(page) = pages.next(app).await? {
            for message in page {
                if shown.contains(&message.id) == of_the_branch {
                    file.write(said(bot, &message).as_bytes()).await?;
                } else {
                    has_others = true;
                }
            }
        }
    }
    file.finish().await
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

    async fn next(&mut self, app: &App) -> io::Result<Option<Vec<MessageRecord>>> {
        let page = app.store.all_messages(self.conversation, self.after, SLICE).await;
        let page = page.map_err(io::Error::other)?;
        let Some(last) = page.last() else { return Ok(None) };
        self.after = last.position;
        Ok(Some(page))
    }
}

#[derive(Serialize)]
struct Chatbot {
    id: ChatbotId,
    name: String,
    description: String,
    colour: Colour,
    visibility: Visibility,
    starters: Vec<String>,
    created_at: Timestamp,
    settings: ChatbotSettings,
    documents: Vec<Document>,
}

async fn write_chatbot(app: &App, bot: ChatbotRecord, archive: &mut Archive) -> io::Result<()> {
    let folder = format!("chatbots/{}", name::unique(&bot.name, bot.id.as_uuid()));
    let documents = app.store.documents(bot.id).await.map_err(io::Error::other)?;
    let about = json(&Chatbot {
        id: bot.id,
        name: bot.name,
        description: bot.description,
        colour: bot.colour,
        visibility: bot.visibility,
        starters: bot.starters,
        created_at: bot.created_at,
        settings: ChatbotSettings {
            system_prompt: bot.system_prompt,
            model: bot.model,
            temperature: bot.temperature,
            documents_only: bot.documents_only,
        },
        documents: documents.iter().map(document::shown).collect(),
    })?;
    archive.put(&format!("{folder}/chatbot.json"), &about).await?;
    for (number, document) in (1..).zip(&documents) {
        let path = format!("{folder}/documents/{}", file_name(number, document));
        write_document(app, document, &path, archive).await?;
    }
    Ok(())
}

/// Its own name behind a number: two of one name are two files.
fn file_name(number: u32, document: &DocumentRecord) -> String {
    let path = Path::new(&document.name);
    let text = |part: Option<&OsStr>| name::part(&part.unwrap_or_default().to_string_lossy());
    match path.extension() {
        // Also of a name that is too long to be kept.
        Some(extension) => format!("{number:03} {}.{}", text(path.file_stem()), text(Some(extension))),
        None => format!("{number:03} {}", text(path.file_name())),
    }
}

async fn write_document(
    app: &App,
    document: &DocumentRecord,
    path: &str,
    archive: &mut Archive,
) -> io::Result<()> {
    let mut file = archive.file(path)?;
    let mut index = 0;
    while let Some(part) = app
        .store
        .part(document.id, index)
        .await
        .map_err(io::Error::other)?
    {
        file.write(&part).await?;
        index += 1;
    }
    file.finish().await
}

fn json(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    Ok(text)
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
