//! Chatbots: who sees them, who edits them, and what may be written into them.
//!
//! Must not know: HTTP. Routes (`http/chatbots.rs`) and pages call the same functions.
//! Start at [`visible`], which every use of a chatbot goes through.

pub mod builtin;

mod check;

use crate::{
    app::{App, AppState},
    audit::{self, Who},
    problem::{ApiError, ApiResult},
};
use std::sync::Arc;
use store::{StoreError, chatbot::ChatbotRecord, user::UserRecord};
use wire::{
    ChatbotId, ProblemCode,
    admin::AuditKind,
    auth::Role,
    chatbot::{Chatbot, ChatbotPatch, ChatbotSettings, NewChatbot, Visibility},
};

/// How often a change is tried again when somebody else changes the same chatbot.
const TRIES: u32 = 5;

/// The chatbots this user may talk with, oldest first.
pub async fn list(app: &App, user: &UserRecord) -> ApiResult<Vec<Chatbot>> {
    let bots = app
        .store
        .chatbots_visible_to(user.id, user.role == Role::Admin)
        .await?;
    Ok(bots.into_iter().map(|bot| shown(bot, user)).collect())
}

/// One chatbot, as this user may see it.
///
/// # Errors
/// `not_found`, also for one that is not for this user.
pub async fn get(app: &App, user: &UserRecord, id: ChatbotId) -> ApiResult<Chatbot> {
    Ok(shown(visible(app, user, id).await?, user))
}

/// One chatbot, whole, if this user may talk with it.
///
/// # Errors
/// `not_found`, also for one that is not for this user.
pub async fn visible(app: &App, user: &UserRecord, id: ChatbotId) -> ApiResult<ChatbotRecord> {
    for_user(app.store.chatbot(id).await?, user)
}

/// What was found, if this user may talk with it.
///
/// # Errors
/// `not_found`, also for one that is not for this user.
pub fn for_user(found: Option<ChatbotRecord>, user: &UserRecord) -> ApiResult<ChatbotRecord> {
    let bot = found.filter(|bot| is_visible(bot, user));
    bot.ok_or_else(|| ApiError::new(ProblemCode::NotFound, "There is no such chatbot"))
}

/// Adds a chatbot that belongs to this user.
///
/// # Errors
/// `invalid_field`.
pub async fn create(app: &App, user: &UserRecord, new: NewChatbot) -> ApiResult<Chatbot> {
    let bot = ChatbotRecord {
        id: ChatbotId::from_uuid(app.ids.new_uuid()),
        owner_id: Some(user.id),
        builtin: None,
        name: check::name(&new.name)?,
        description: check::description(new.description)?,
        system_prompt: check::system_prompt(new.system_prompt)?,
        model: check::model(new.model)?,
        temperature: check::temperature(new.temperature)?,
        colour: new.colour,
        visibility: new.visibility,
        documents_only: new.documents_only,
        starters: check::starters(new.starters)?,
        created_at: app.clock.now(),
        version: 0,
    };
    app.store.create_chatbot(bot.clone()).await?;
    audit::note(app, AuditKind::ChatbotCreated, Who::User(user), &bot.name).await;
    Ok(shown(bot, user))
}

/// Changes what the patch names.
///
/// # Errors
/// `invalid_field`, `not_found`; `forbidden` for a chatbot that this user only may talk with.
pub async fn change(app: &App, user: &UserRecord, id: ChatbotId, patch: ChatbotPatch) -> ApiResult<Chatbot> {
    for _ in 0..TRIES {
        let bot = apply(editable(app, user, id).await?, patch.clone())?;
        match app.store.update_chatbot(bot.clone()).await {
            Ok(()) => {
                audit::note(
                    app,
                    AuditKind::ChatbotChanged,
                    Who::User(user),
                    &changed(&bot, &patch),
                )
                .await;
                return Ok(shown(bot, user));
            }
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let busy = ApiError::new(
        ProblemCode::StoreUnavailable,
        "Others change this chatbot just now",
    );
    Err(busy.retry_after(1))
}

/// Takes it away. Its conversations stay readable.
///
/// # Errors
/// As [`change`].
pub async fn delete(app: &AppState, user: &UserRecord, id: ChatbotId) -> ApiResult<()> {
    let bot = editable(app, user, id).await?;
    let deleting = Arc::clone(app);
    app.to_its_end(async move {
        let App { store, library, .. } = &*deleting;
        // Its documents first: who does not get further can ask for it again. Then those that came meanwhile.
        store.delete_documents_of(id).await?;
        store.delete_chatbot(id, deleting.clock.now()).await?;
        library.indexes.forget(id);
        store.delete_documents_of(id).await?;
        Ok(())
    })
    .await?;
    audit::note(app, AuditKind::ChatbotDeleted, Who::User(user), &bot.name).await;
    Ok(())
}

/// One chatbot, whole, if this user may change it.
///
/// # Errors
/// `not_found`; `forbidden` for a chatbot that this user only may talk with.
pub async fn editable(app: &App, user: &UserRecord, id: ChatbotId) -> ApiResult<ChatbotRecord> {
    let bot = visible(app, user, id).await?;
    if !is_editable(&bot, user) {
        return Err(ApiError::new(
            ProblemCode::Forbidden,
            "This chatbot belongs to somebody else",
        ));
    }
    Ok(bot)
}

fn is_visible(bot: &ChatbotRecord, user: &UserRecord) -> bool {
    bot.visibility == Visibility::Everyone || is_editable(bot, user)
}

fn is_editable(bot: &ChatbotRecord, user: &UserRecord) -> bool {
    user.role == Role::Admin || bot.owner_id == Some(user.id)
}

/// What was changed, by the fields' names; who may use it, by its word.
fn changed(bot: &ChatbotRecord, patch: &ChatbotPatch) -> String {
    let visibility = match bot.visibility {
        Visibility::Private => "visibility private",
        Visibility::Everyone => "visibility everyone",
    };
    let fields = [
        (patch.name.is_some(), "name"),
        (patch.description.is_some(), "description"),
        (patch.system_prompt.is_some(), "system prompt"),
        (patch.model.is_some(), "model"),
        (patch.temperature.is_some(), "temperature"),
        (patch.colour.is_some(), "colour"),
        (patch.documents_only.is_some(), "documents only"),
        (patch.visibility.is_some(), visibility),
    ];
    let fields = fields
        .into_iter()
        .filter_map(|(is_there, name)| is_there.then_some(name));
    format!("{}: {}", bot.name, fields.collect::<Vec<_>>().join(", "))
}

fn apply(mut bot: ChatbotRecord, patch: ChatbotPatch) -> ApiResult<ChatbotRecord> {
    if let Some(name) = patch.name {
        bot.name = check::name(&name)?;
    }
    if let Some(description) = patch.description {
        bot.description = check::description(description)?;
    }
    if let Some(system_prompt) = patch.system_prompt {
        bot.system_prompt = check::system_prompt(system_prompt)?;
    }
    if let Some(model) = patch.model {
        bot.model = check::model(model)?;
    }
    if let Some(temperature) = patch.temperature {
        bot.temperature = check::temperature(temperature)?;
    }
    bot.colour = patch.colour.unwrap_or(bot.colour);
    bot.visibility = patch.visibility.unwrap_or(bot.visibility);
    bot.documents_only = patch.documents_only.unwrap_or(bot.documents_only);
    if let Some(starters) = patch.starters {
        bot.starters = check::starters(starters)?;
    }
    Ok(bot)
}

fn shown(bot: ChatbotRecord, user: &UserRecord) -> Chatbot {
    let settings = is_editable(&bot, user).then_some(ChatbotSettings {
        system_prompt: bot.system_prompt,
        model: bot.model,
        temperature: bot.temperature,
        documents_only: bot.documents_only,
    });
    Chatbot {
        id: bot.id,
        name: bot.name,
        description: bot.description,
        colour: bot.colour,
        visibility: bot.visibility,
        starters: bot.starters,
        owner_id: bot.owner_id,
        created_at: bot.created_at,
        settings,
    }
}
