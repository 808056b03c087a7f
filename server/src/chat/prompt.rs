//! Takes a prompt in: stored durably, then acknowledged, then answered. Exactly once for one `client_message_id`.

use super::generation::{LiveGeneration, run};
use crate::{
    app::{App, AppState},
    chatbot,
    problem::{ApiError, ApiResult},
    session::{LiveSession, SessionEvent},
};
use llm::{ChatRequest, ChatRole, ChatTurn};
use std::sync::Arc;
use store::{
    chatbot::ChatbotRecord,
    message::{Appended, MessageRecord, NewMessage},
    user::UserRecord,
};
use wire::{
    ClientMessageId, GenerationId, MessageId, ProblemCode, limit,
    message::{MessageRole, MessageStatus},
    socket::ServerEvent,
};

/// Turns of the conversation that the model is given; its window cuts further.
const CONTEXT_MESSAGES: u32 = 200;
/// Characters of a first prompt that become the title.
const TITLE_CHARS: usize = 60;

/// Text that may be a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptText(String);

impl PromptText {
    /// Kept as it was typed; only what cannot be a prompt is refused.
    ///
    /// # Errors
    /// `empty_message`, `message_too_long`, `invalid_text` (a NUL).
    pub fn parse(text: String) -> ApiResult<Self> {
        let limit = usize::try_from(limit::PROMPT_CHARS).unwrap_or(usize::MAX);
        if text.trim().is_empty() {
            return Err(ApiError::new(
                ProblemCode::EmptyMessage,
                "Please write something first.",
            ));
        }
        if text.contains('\0') {
            let detail = "The message contains a NUL character, which cannot be kept. Please remove it.";
            return Err(ApiError::new(ProblemCode::InvalidText, detail));
        }
        // Bytes first: counting characters of what is short enough in any case is needless work.
        if text.len() > limit && text.chars().count() > limit {
            let detail = format!(
                "A message has at most {limit} characters; this one has {}.",
                text.chars().count()
            );
            return Err(ApiError::new(ProblemCode::MessageTooLong, detail));
        }
        Ok(Self(text))
    }
}

/// What came of a prompt.
#[derive(Debug)]
pub enum Taken {
    /// It was new: everyone in the session was told, and the answer has begun.
    Begun,
    /// It was known: only who sent it again is told.
    Repeated(ServerEvent),
}

/// Takes a prompt into the session's conversation. Waits for its turn when another prompt is being taken.
///
/// # Errors
/// `generation_running`, `client_message_id_reused`, `not_found` when the chatbot or the conversation is gone, and the
/// store's.
pub async fn take(
    app: &AppState,
    session: &Arc<LiveSession>,
    user: &UserRecord,
    text: PromptText,
    client_message_id: Option<ClientMessageId>,
) -> ApiResult<Taken> {
    let _turn = session.turn.lock().await;
    let conversation_id = session.record.conversation_id;
    if let Some(id) = client_message_id
        && app.chat.running_in(conversation_id).is_some()
        && let Some(known) = app.store.message_by_client_id(conversation_id, id).await?
    {
        return repeated(&known, &text);
    }
    if app.chat.running_in(conversation_id).is_some() {
        let detail = "An answer is still being written. Wait for it, or stop it.";
        return Err(ApiError::new(ProblemCode::GenerationRunning, detail));
    }
    let (bot, conversation) = futures::join!(
        chatbot::visible(app, user, session.record.chatbot_id),
        app.store.conversation(conversation_id)
    );
    let bot = bot?;
    let Some(conversation) = conversation? else {
        return Err(ApiError::new(
            ProblemCode::NotFound,
            "This conversation was deleted.",
        ));
    };
    let prompt = NewMessage {
        id: MessageId::from_uuid(app.ids.new_uuid()),
        conversation_id,
        parent_id: conversation.active_leaf,
        client_message_id,
        role: MessageRole::User,
        text: text.0.clone(),
        status: MessageStatus::Complete,
        created_at: app.clock.now(),
    };
    let (stored, history) = futures::join!(
        app.store.append_visible_message(prompt),
        history(app, conversation.active_leaf)
    );
    let prompt = match stored? {
        (Appended::New(prompt), true) => prompt,
        // Its process died before the answer began: now it begins.
        (Appended::Existing(prompt), true) if prompt.text == text.0 => prompt,
        (Appended::Existing(prompt), _) => return repeated(&prompt, &text),
        (Appended::New(_), false) => {
            let detail = "Another prompt came first. Please send this one again.";
            return Err(ApiError::new(ProblemCode::GenerationRunning, detail));
        }
    };
    session.tell(SessionEvent::Say(Box::new(acknowledged(&prompt))));
    let live = LiveGeneration::new(
        GenerationId::from_uuid(app.ids.new_uuid()),
        MessageId::from_uuid(app.ids.new_uuid()),
        conversation_id,
        user.id,
    );
    let request = request(&bot, history?, &prompt);
    let live = run::begin(app, live, session.record.id, prompt.id, request);
    session.tell(SessionEvent::Started(live));
    if conversation.title.is_none() {
        app.tasks
            .spawn(give_title(Arc::clone(app), Arc::clone(session), prompt));
    }
    Ok(Taken::Begun)
}

fn repeated(known: &MessageRecord, text: &PromptText) -> ApiResult<Taken> {
    if known.text == text.0 {
        Ok(Taken::Repeated(acknowledged(known)))
    } else {
        let detail = "This client_message_id was used for another message. Make a new one for each message.";
        Err(ApiError::new(ProblemCode::ClientMessageIdReused, detail))
    }
}

fn acknowledged(prompt: &MessageRecord) -> ServerEvent {
    ServerEvent::MessageReceived {
        message_id: prompt.id,
        timestamp: prompt.created_at,
        client_message_id: prompt.client_message_id,
        role: prompt.role,
        message: prompt.text.clone(),
    }
}

async fn history(app: &App, leaf: Option<MessageId>) -> ApiResult<Vec<MessageRecord>> {
    match leaf {
        Some(leaf) => Ok(app.store.branch(leaf, CONTEXT_MESSAGES).await?.0),
        None => Ok(Vec::new()),
    }
}

/// The system prompt, the conversation so far, the prompt. Answers without text (failed before the first token) are no
/// turns.
fn request(bot: &ChatbotRecord, history: Vec<MessageRecord>, prompt: &MessageRecord) -> ChatRequest {
    let mut turns = Vec::with_capacity(history.len() + 2);
    if !bot.system_prompt.trim().is_empty() {
        turns.push(ChatTurn {
            role: ChatRole::System,
            text: bot.system_prompt.clone(),
        });
    }
    // A repeated prompt is the leaf already.
    let before = history
        .into_iter()
        .filter(|message| message.id != prompt.id && !message.text.is_empty());
    turns.extend(before.map(|message| ChatTurn {
        role: role_of(message.role),
        text: message.text,
    }));
    turns.push(ChatTurn {
        role: ChatRole::User,
        text: prompt.text.clone(),
    });
    ChatRequest {
        turns,
        model: bot.model.clone(),
        temperature: bot.temperature,
    }
}

fn role_of(role: MessageRole) -> ChatRole {
    match role {
        MessageRole::User => ChatRole::User,
        MessageRole::Assistant => ChatRole::Assistant,
    }
}

/// The first line of the first prompt, until something better is known.
async fn give_title(app: AppState, session: Arc<LiveSession>, prompt: MessageRecord) {
    let title = title_of(&prompt.text);
    match app.store.set_first_title(prompt.conversation_id, &title).await {
        Ok(true) => session.tell(SessionEvent::Say(Box::new(ServerEvent::ConversationChanged {
            title,
        }))),
        Ok(false) => {}
        Err(error) => tracing::warn!(%error, "Could not give a title"),
    }
}

fn title_of(text: &str) -> String {
    let line = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    let mut title: String = line.chars().take(TITLE_CHARS).collect();
    if line.chars().nth(TITLE_CHARS).is_some() {
        title.push('…');
    }
    title
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(text: &str) -> ProblemCode {
        PromptText::parse(text.to_owned()).unwrap_err().code
    }

    #[test]
    fn what_cannot_be_a_prompt_is_refused_by_name() {
        assert_eq!(code_of(" \n\t "), ProblemCode::EmptyMessage);
        assert_eq!(code_of("a\0b"), ProblemCode::InvalidText);
        assert_eq!(code_of(&"🫖".repeat(32_001)), ProblemCode::MessageTooLong);
    }

    #[test]
    fn characters_count_not_bytes() {
        assert!(PromptText::parse("🫖".repeat(32_000)).is_ok());
    }

    #[test]
    fn a_prompt_is_kept_as_it_was_typed() {
        let text = "  שלום\n\tworld  ".to_owned();
        assert_eq!(PromptText::parse(text.clone()).unwrap(), PromptText(text));
    }

    #[test]
    fn a_title_is_the_first_line_and_not_long() {
        assert_eq!(title_of("\n  Hello there \nmore"), "Hello there");
        assert_eq!(title_of(&"x".repeat(100)), format!("{}…", "x".repeat(60)));
    }
}
