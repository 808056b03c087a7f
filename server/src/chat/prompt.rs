//! Takes a prompt in: stored durably, then acknowledged, then answered. Exactly once for one `client_message_id`.

use super::authorize;
use super::generation::{LiveGeneration, log_writer::retried_for, run};
use crate::{
    app::{App, AppState},
    chatbot,
    problem::{ApiError, ApiResult},
    session::LiveSession,
};
use llm::{ChatRequest, ChatRole, ChatTurn};
use std::{sync::Arc, time::Duration};
use store::{
    StoreError,
    chatbot::ChatbotRecord,
    conversation::ConversationRecord,
    generation::GenerationRecord,
    message::{Appended, MessageRecord, NewMessage},
};
use tokio::time::Instant;
use wire::{
    ClientMessageId, GenerationId, MessageId, ProblemCode, SignInId, limit,
    message::{MessageRole, MessageStatus},
    socket::ServerEvent,
};

/// Turns of the conversation that the model is given; its window cuts further.
const CONTEXT_MESSAGES: u32 = 200;
/// How often a prompt is appended when the conversation has moved on meanwhile.
const ATTEMPTS: u32 = 3;
/// How long a prompt waits for a store that does not answer, before its sender is told.
const STORE_PATIENCE: Duration = Duration::from_secs(10);
/// The same, for the claim before it.
const CLAIM_PATIENCE: Duration = Duration::from_secs(5);
/// How long a prompt that is stored and not shown is waited for: longer than a dead node keeps its claim.
const SHOWN_PATIENCE: Duration = Duration::from_secs(15);
/// Between two looks at it.
const SHOWN_PAUSE: Duration = Duration::from_millis(300);
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

/// Takes a prompt into the session's conversation, if whoever sent it may. Waits for its turn when another prompt is being
/// taken.
///
/// Among several nodes, the turn is a claim in the store: the record of the generation that will answer, of which a
/// conversation has one. It is taken first, beside what is read, and let go when the prompt is not taken.
///
/// # Errors
/// Those of [`authorize::frame`]; `generation_running`, `client_message_id_reused`, `not_found` when the chatbot or the
/// conversation is gone, and the store's.
pub async fn take(
    app: &AppState,
    session: &Arc<LiveSession>,
    sign_in: SignInId,
    text: PromptText,
    client_message_id: Option<ClientMessageId>,
) -> ApiResult<Taken> {
    let _turn = session.turn.lock().await;
    for _attempt in 0..ATTEMPTS {
        if let Some(taken) = try_to_take(app, session, sign_in, &text, client_message_id).await? {
            return Ok(taken);
        }
    }
    Err(another_runs())
}

/// `None`: what stood in the way has gone.
async fn try_to_take(
    app: &AppState,
    session: &Arc<LiveSession>,
    sign_in: SignInId,
    text: &PromptText,
    client_message_id: Option<ClientMessageId>,
) -> ApiResult<Option<Taken>> {
    let record = &session.record;
    if app.chat.running_in(record.conversation_id).is_some() {
        authorize::frame(app, record, sign_in).await?;
        return while_one_runs(app, session, text, client_message_id).await;
    }
    let prompt_id = MessageId::from_uuid(app.ids.new_uuid());
    let mut live = LiveGeneration::new(
        GenerationId::from_uuid(app.ids.new_uuid()),
        prompt_id,
        MessageId::from_uuid(app.ids.new_uuid()),
        record.conversation_id,
        record.user_id,
    );
    let _held = app.chat.hold_claim(live.id);
    // All at once: the prompt's way to the model is as long as what is asked one after another.
    let (user, bot, conversation, claimed) = futures::join!(
        authorize::frame(app, record, sign_in),
        app.store.chatbot(record.chatbot_id),
        app.store.conversation(record.conversation_id),
        claim(app, run::record(app, &live, record.id, prompt_id))
    );
    let is_claimed = match claimed {
        Ok(()) => true,
        Err(StoreError::Conflict(_)) => false,
        Err(error) => {
            // It may be stored all the same.
            let_go(app, &live).await;
            return Err(error.into());
        }
    };
    let stored = async {
        let user = user?;
        if !is_claimed {
            return Ok(None);
        }
        let bot = chatbot::for_user(bot?, &user)?;
        let prompt = (prompt_id, client_message_id, text);
        let stored = store_prompt(app, session, conversation?, live.id, prompt).await?;
        Ok(Some((bot, stored)))
    };
    let (bot, stored) = match stored.await {
        Ok(Some((bot, Stored::New(stored)))) => (bot, stored),
        Ok(Some((_, Stored::Repeated(acknowledgement)))) => {
            let_go(app, &live).await;
            return Ok(Some(Taken::Repeated(acknowledgement)));
        }
        Ok(None) => return while_one_runs(app, session, text, client_message_id).await,
        Err(error) => {
            let_go(app, &live).await;
            return Err(error);
        }
    };
    let prompt = stored.prompt;
    if prompt.id != prompt_id {
        live.prompt_id = prompt.id;
        match claim_again(app, run::record(app, &live, record.id, prompt.id)).await {
            Ok(true) => {}
            Ok(false) => return Ok(Some(Taken::Repeated(acknowledged(&prompt)))),
            Err(error) => {
                let_go(app, &live).await;
                return Err(error.into());
            }
        }
    }
    session.tell_prompt(prompt.id, acknowledged(&prompt));
    let request = request(&bot, stored.history, &prompt);
    let live = run::begin(app, live, record.id, prompt.id, request);
    session.tell_answer(live);
    if stored.is_first {
        app.tasks
            .spawn(give_title(Arc::clone(app), Arc::clone(session), prompt));
    }
    Ok(Some(Taken::Begun))
}

/// Takes the conversation for this generation, over all nodes; one node needs no claim, it knows what runs.
async fn claim(app: &App, generation: GenerationRecord) -> Result<(), StoreError> {
    if app.alone {
        return Ok(());
    }
    match retried_for(CLAIM_PATIENCE, || app.store.start_generation(generation.clone())).await {
        // By an attempt whose answer was lost; unless it was taken over since.
        Err(StoreError::Conflict("generation")) if is_held(app, generation.id).await? => Ok(()),
        claimed => claimed,
    }
}

/// Whether the claim is still this node's.
async fn is_held(app: &App, id: GenerationId) -> Result<bool, StoreError> {
    let record = app.store.generation(id).await?;
    Ok(record.is_some_and(|record| record.ended.is_none() && record.fence == run::FIRST_FENCE))
}

/// The prompt was stored before, by a process that died: the claim must name that one, so that whoever finds this process
/// dead, too, knows where its answer belongs. False when another node was faster.
async fn claim_again(app: &App, generation: GenerationRecord) -> Result<bool, StoreError> {
    if app.alone {
        return Ok(true);
    }
    app.store.abandon_generation(generation.id).await?;
    match claim(app, generation).await {
        Ok(()) => Ok(true),
        Err(StoreError::Conflict(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The reaper does it otherwise, a lease later.
async fn let_go(app: &App, live: &LiveGeneration) {
    if !app.alone
        && let Err(error) = app.store.abandon_generation(live.id).await
    {
        tracing::warn!(%error, "Could not let go of a conversation; it is free again when the lease has run out");
    }
}

/// What is answered while an answer is being written: a known prompt is acknowledged again, another one refused. One that
/// is stored and not visible is on its way on another node, or will never be shown, if that is dead: it is not
/// acknowledged before that is known. `None`: nothing is being written any more, and it is still not visible.
async fn while_one_runs(
    app: &App,
    session: &LiveSession,
    text: &PromptText,
    client_message_id: Option<ClientMessageId>,
) -> ApiResult<Option<Taken>> {
    let conversation = session.record.conversation_id;
    let Some(id) = client_message_id else {
        return Err(another_runs());
    };
    let end = Instant::now() + SHOWN_PATIENCE;
    while let Some(known) = app.store.message_by_client_id(conversation, id).await? {
        let acknowledgement = repeated(&known, text)?;
        // Asked before what is visible: a prompt is shown before its answer is settled.
        let is_over = !app.alone && app.store.unsettled_in(&[conversation]).await?.is_empty();
        if app.alone || is_visible(app, &known).await? {
            return Ok(Some(Taken::Repeated(acknowledgement)));
        }
        if is_over {
            return Ok(None);
        }
        if Instant::now() > end {
            return Err(ApiError::of(ProblemCode::StoreUnavailable).retry_after(2));
        }
        tokio::time::sleep(SHOWN_PAUSE).await;
    }
    Err(another_runs())
}

/// Whether a message is on the branch that is shown, as far as a model would be told of it.
async fn is_visible(app: &App, message: &MessageRecord) -> ApiResult<bool> {
    let conversation = app.store.conversation(message.conversation_id).await?;
    let leaf = conversation.and_then(|conversation| conversation.active_leaf);
    Ok(history(app, leaf)
        .await?
        .iter()
        .any(|shown| shown.id == message.id))
}

fn another_runs() -> ApiError {
    let detail = "An answer is still being written. Wait for it, or stop it.";
    ApiError::new(ProblemCode::GenerationRunning, detail)
}

/// What came of storing a prompt.
enum Stored {
    New(StoredPrompt),
    Repeated(ServerEvent),
}

struct StoredPrompt {
    prompt: MessageRecord,
    history: Vec<MessageRecord>,
    /// Of its conversation, which has no title yet.
    is_first: bool,
}

/// Appends the prompt to the branch that is shown, durably. One that was stored before, by a process that died before
/// it was visible, is stored anew.
async fn store_prompt(
    app: &App,
    session: &LiveSession,
    mut conversation: Option<ConversationRecord>,
    generation_id: GenerationId,
    (prompt_id, client_message_id, text): (MessageId, Option<ClientMessageId>, &PromptText),
) -> ApiResult<Stored> {
    let conversation_id = session.record.conversation_id;
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            if !app.alone && !is_held(app, generation_id).await? {
                return Err(another_runs());
            }
            conversation = app.store.conversation(conversation_id).await?;
        }
        let Some(conversation) = &conversation else {
            let detail = "This conversation was deleted.";
            return Err(ApiError::new(ProblemCode::NotFound, detail));
        };
        let prompt = NewMessage {
            id: prompt_id,
            conversation_id,
            parent_id: conversation.active_leaf,
            client_message_id,
            role: MessageRole::User,
            text: text.0.clone(),
            status: MessageStatus::Complete,
            generation_id: None,
            created_at: app.clock.now(),
        };
        let fence = Some(session.record.fence);
        let (stored, history) = futures::join!(
            retried_for(STORE_PATIENCE, || app.store.append_visible_message(
                prompt.clone(),
                prompt.parent_id,
                fence
            )),
            history(app, conversation.active_leaf)
        );
        let (stored, shown) = match stored? {
            (Appended::New(stored), shown) => (stored, shown),
            // Visible, and nothing follows: its process died before the answer began, or our own reply was lost.
            (Appended::Existing(stored), true) => {
                repeated(&stored, text)?;
                (stored, true)
            }
            (Appended::Existing(stored), false) if stored.id != prompt_id => {
                let acknowledgement = repeated(&stored, text)?;
                if app.store.withdraw_message(stored.id).await? {
                    continue;
                }
                return Ok(Stored::Repeated(acknowledgement));
            }
            (Appended::Existing(stored), false) => (stored, false),
        };
        if shown {
            return Ok(Stored::New(StoredPrompt {
                prompt: stored,
                history: history?,
                is_first: conversation.title.is_none(),
            }));
        }
        app.store.withdraw_message(stored.id).await?;
        if app.store.session(session.record.id).await?.is_none() {
            let detail = "This session is over: another one has taken its place.";
            return Err(ApiError::new(ProblemCode::SessionNotFound, detail));
        }
    }
    let detail = "Another prompt came first. Please send this one again.";
    Err(ApiError::new(ProblemCode::GenerationRunning, detail))
}

fn repeated(known: &MessageRecord, text: &PromptText) -> ApiResult<ServerEvent> {
    if known.text == text.0 {
        Ok(acknowledged(known))
    } else {
        let detail = "This client_message_id was used for another message. Make a new one for each message.";
        Err(ApiError::new(ProblemCode::ClientMessageIdReused, detail))
    }
}

/// What the sockets are told of a stored prompt.
pub fn acknowledged(prompt: &MessageRecord) -> ServerEvent {
    ServerEvent::MessageReceived {
        message_id: prompt.id,
        timestamp: prompt.created_at,
        client_message_id: prompt.client_message_id,
        role: prompt.role,
        message: prompt.text.clone(),
        parent_id: prompt.parent_id,
        prompts_left: None,
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
        Ok(true) => session.tell_title(title),
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
