//! What stands in the export, and where.

use super::{archive::Archive, name};
use crate::{
    app::{App, AppState},
    auth,
    conversation::export::{self, Format},
    library::document,
};
use futures::TryStreamExt;
use serde::Serialize;
use std::{ffi::OsStr, io, path::Path, pin::pin};
use store::{
    chatbot::ChatbotRecord, conversation::ConversationRecord, document::DocumentRecord, user::UserRecord,
};
use wire::{
    ChatbotId, Timestamp,
    auth::{Theme, User},
    chatbot::{ChatbotSettings, Colour, Visibility},
    document::Document,
};

/// Conversations that are read at a time.
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
pub(super) async fn write(app: &AppState, user: &UserRecord, archive: &mut Archive) -> io::Result<()> {
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

async fn write_conversation(
    app: &AppState,
    conversation: &ConversationRecord,
    archive: &mut Archive,
) -> io::Result<()> {
    let path = format!(
        "conversations/{} {}",
        name::day(conversation.created_at),
        name::unique(export::title(conversation), conversation.id.as_uuid())
    );
    for format in [Format::Json, Format::Markdown] {
        let mut file = archive.file(&format!("{path}.{}", format.extension()))?;
        let mut pieces = pin!(export::written(app, conversation.clone(), format));
        while let Some(piece) = pieces.try_next().await? {
            file.write(&piece).await?;
        }
        file.finish().await?;
    }
    Ok(())
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
