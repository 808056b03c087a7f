//! From an ask to a running answer: authorized, claimed, stored, told, begun.
//!
//! Everything that stands in the way lets go of the claim again. What a client was told of is stored before.

use super::{
    Ask, Taken,
    aim::{self, Aim},
    claim::Claim,
    repeated::{acknowledged, another_runs, conversation_gone, when_full, while_one_runs},
    request::{history, request},
    stored::{self, ATTEMPTS, STORE_PATIENCE, Stored, StoredPrompt},
};
use crate::{
    app::{App, AppState},
    chat::{
        authorize,
        generation::{
            LiveGeneration, Writes,
            log_writer::retried_for,
            run::{self, Begin},
        },
        orphan, title,
    },
    chatbot,
    library::ground::Question,
    problem::{ApiError, ApiResult},
    session::LiveSession,
};
use std::sync::Arc;
use store::{StoreError, chatbot::ChatbotRecord, conversation::ConversationRecord, message::MessageRecord};
use wire::{GenerationId, MessageId, SignInId, socket::ServerEvent};

/// Takes in what is asked in the session's conversation, if whoever asks may. Waits for its turn when something else is
/// being taken. `prompts_left` is told with the acknowledgement of a new prompt.
///
/// Among several nodes, the turn is a claim in the store: the record of the generation that will answer, of which a
/// conversation has one. It is taken first, beside what is read, and let go when nothing comes of it.
///
/// # Errors
/// Those of [`authorize::frame`]; `generation_running`, `client_message_id_reused`, `model_busy`, `invalid_field`;
/// `not_found` when the chatbot, the conversation or the message is gone or another's; and the store's.
pub async fn take(
    app: &AppState,
    session: &Arc<LiveSession>,
    sign_in: SignInId,
    ask: Ask,
    prompts_left: Option<u32>,
) -> ApiResult<Taken> {
    let _turn = session.turn.lock().await;
    for _attempt in 0..ATTEMPTS {
        let tried = try_to_take(app, session, sign_in, &ask, prompts_left).await?;
        if let Some(taken) = tried {
            return Ok(taken);
        }
    }
    Err(another_runs())
}

/// What a claim was taken for, and what was read beside it.
struct Claimed<'a> {
    session: &'a Arc<LiveSession>,
    claim: &'a Claim<'a>,
    bot: ChatbotRecord,
    conversation: ConversationRecord,
}

/// What comes of a claim.
enum Ready {
    /// The model may be asked: of this branch.
    Ask(Vec<MessageRecord>),
    /// The same for a prompt that was stored just now.
    AskNew(StoredPrompt),
    Repeated(ServerEvent),
    /// The conversation has moved on meanwhile: try again.
    Moved,
}

/// `None`: what stood in the way has gone.
async fn try_to_take(
    app: &AppState,
    session: &Arc<LiveSession>,
    sign_in: SignInId,
    ask: &Ask,
    prompts_left: Option<u32>,
) -> ApiResult<Option<Taken>> {
    let record = &session.record;
    let generation_id = GenerationId::from_uuid(app.ids.new_uuid());
    let held = app.chat.hold_claim(record.conversation_id, generation_id);
    let Some(_held) = held.filter(|_| app.chat.running_in(record.conversation_id).is_none()) else {
        authorize::frame(app, record, sign_in).await?;
        return while_one_runs(app, session, ask).await;
    };
    let place = match app.chat.admission.enter(record.user_id) {
        Ok(place) => place,
        Err(full) => {
            authorize::frame(app, record, sign_in).await?;
            return when_full(app, session, ask, full).await.map(Some);
        }
    };
    if !matches!(ask, Ask::Text(_)) {
        // Nothing is said about a message before it is known who asks.
        authorize::frame(app, record, sign_in).await?;
    }
    let aim = Aim::of(app, record.conversation_id, ask).await?;
    let mut live = LiveGeneration::new(
        generation_id,
        writes(app, &aim),
        record.conversation_id,
        record.user_id,
    );
    // All at once: the prompt's way to the model is as long as what is asked one after another.
    let (user, bot, conversation, claimed) = futures::join!(
        authorize::frame(app, record, sign_in),
        app.store.chatbot(record.chatbot_id),
        app.store.conversation(record.conversation_id),
        Claim::take(app, run::record(app, &live, record.id), aim.shows_answer_first())
    );
    let Some(claim) = claimed? else {
        user?;
        return while_one_runs(app, session, ask).await;
    };
    let ready = async {
        let user = user?;
        let claimed = Claimed {
            session,
            claim: &claim,
            bot: chatbot::for_user(bot?, &user)?,
            conversation: conversation?.ok_or_else(conversation_gone)?,
        };
        let ready = make_ready(app, &claimed, &live, &aim).await?;
        Ok((claimed.bot, ready))
    };
    let (bot, ready) = match ready.await {
        Ok(ready) => ready,
        Err(error) => {
            claim.let_go().await;
            return Err(error);
        }
    };
    let (branch, new) = match ready {
        Ready::Ask(branch) => (branch, None),
        Ready::AskNew(new) => {
            if new.prompt.id != live.prompt_id {
                live.prompt_id = new.prompt.id;
                match claim.take_again(run::record(app, &live, record.id)).await {
                    Ok(true) => {}
                    Ok(false) => return Ok(Some(Taken::Repeated(acknowledged(&new.prompt)))),
                    Err(error) => {
                        claim.let_go().await;
                        return Err(error.into());
                    }
                }
            }
            session.tell_prompt(new.prompt.id, counted(acknowledged(&new.prompt), prompts_left));
            let mut branch = new.history;
            branch.push(new.prompt.clone());
            (branch, new.is_first.then_some(new.prompt))
        }
        Ready::Repeated(acknowledgement) => {
            claim.let_go().await;
            return Ok(Some(Taken::Repeated(acknowledgement)));
        }
        Ready::Moved => {
            claim.let_go().await;
            return Ok(None);
        }
    };
    let model = bot.model.clone();
    live.model.get_or_init(|| app.model.name_of(model.as_deref()));
    let begin = Begin {
        session_id: record.id,
        is_shown: aim.shows_answer_first(),
        place,
        question: Question::of(&bot, &branch),
    };
    let live = run::begin(app, live, begin, request(&bot, branch));
    session.tell_answer(Arc::clone(&live));
    if let Some(prompt) = new {
        app.tasks.spawn(title::give(Arc::clone(app), prompt, live, model));
    }
    Ok(Some(Taken::Begun))
}

/// The messages that the generation answers and writes: new ones get their ids here.
fn writes(app: &App, aim: &Aim<'_>) -> Writes {
    let new = || MessageId::from_uuid(app.ids.new_uuid());
    match aim {
        Aim::Prompt { .. } => Writes {
            prompt_id: new(),
            message_id: new(),
            offset: 0,
        },
        Aim::Answer { prompt } => Writes {
            prompt_id: prompt.id,
            message_id: new(),
            offset: 0,
        },
        Aim::Rest { answer, prompt_id } => Writes {
            prompt_id: *prompt_id,
            message_id: answer.id,
            offset: u64::try_from(answer.text.len()).unwrap_or(u64::MAX),
        },
    }
}

/// Stores what must be stored before anybody is told.
async fn make_ready(
    app: &App,
    claimed: &Claimed<'_>,
    live: &LiveGeneration,
    aim: &Aim<'_>,
) -> ApiResult<Ready> {
    match aim {
        Aim::Prompt { written, beside } => {
            let stored = stored::store_prompt(
                app,
                claimed.session,
                Some(claimed.conversation.clone()),
                claimed.claim,
                live.prompt_id,
                (*written, beside.as_ref()),
            );
            Ok(match stored.await? {
                Stored::New(new) => Ready::AskNew(new),
                Stored::Repeated(acknowledgement) => Ready::Repeated(acknowledgement),
            })
        }
        Aim::Answer { prompt } => show_another_answer(app, claimed, live, prompt).await,
        Aim::Rest { answer, .. } => reopen(app, claimed, live, answer.id).await,
    }
}

/// A new answer to a prompt is shown, empty, in place of what is shown now.
async fn show_another_answer(
    app: &App,
    claimed: &Claimed<'_>,
    live: &LiveGeneration,
    prompt: &MessageRecord,
) -> ApiResult<Ready> {
    let leaf = claimed.conversation.active_leaf;
    if let Some(leaf) = leaf {
        orphan::end(app, leaf).await?;
    }
    let model = app.model.name_of(claimed.bot.model.as_deref());
    let answer = run::empty_answer(&run::record(app, live, claimed.session.record.id), Some(model));
    let fence = Some(claimed.session.record.fence);
    let (shown, branch) = futures::join!(
        retried_for(STORE_PATIENCE, || app.store.append_visible_message(
            answer.clone(),
            leaf,
            fence
        )),
        history(app, Some(prompt.id))
    );
    match shown {
        Ok((_, true)) => Ok(Ready::Ask(branch?)),
        Ok((_, false)) => {
            app.store.withdraw_message(answer.id).await?;
            stored::still_active(app, claimed.session).await?;
            Ok(Ready::Moved)
        }
        Err(error) => {
            // It may be shown all the same: then it is an answer that nobody writes, and ends as one.
            Err(not_shown(app, answer.id, error).await)
        }
    }
}

async fn not_shown(app: &App, answer: MessageId, error: StoreError) -> ApiError {
    if let Err(error) = app.store.withdraw_message(answer).await {
        tracing::debug!(%error, "Could not take an answer away that was perhaps never shown");
    }
    error.into()
}

/// An answer that broke off is written again, its text kept.
async fn reopen(
    app: &App,
    claimed: &Claimed<'_>,
    live: &LiveGeneration,
    answer: MessageId,
) -> ApiResult<Ready> {
    let store = &app.store;
    orphan::end(app, answer).await?;
    // Now that nobody else can move it: what was read beside the claim may be older.
    let (conversation, message) =
        futures::join!(store.conversation(claimed.conversation.id), store.message(answer));
    let (Some(conversation), Some(message)) = (conversation?, message?) else {
        return Err(conversation_gone());
    };
    aim::can_go_on(&message, conversation.active_leaf)?;
    if u64::try_from(message.text.len()).ok() != Some(live.offset) {
        return Ok(Ready::Moved);
    }
    let reopened = retried_for(STORE_PATIENCE, || {
        store.reopen_message(answer, live.id, message.generation_id)
    });
    if !reopened.await? {
        return Ok(Ready::Moved);
    }
    // The leaf stays where it is, and the conversation is newer than it was: other nodes see that something happened. Not
    // before it has, or they would look too early and never again.
    let touched = retried_for(STORE_PATIENCE, || {
        store.move_active_leaf(conversation.id, Some(answer), answer, app.clock.now())
    });
    touched.await?;
    Ok(Ready::Ask(history(app, Some(answer)).await?))
}

fn counted(mut acknowledgement: ServerEvent, left: Option<u32>) -> ServerEvent {
    if let ServerEvent::MessageReceived { prompts_left, .. } = &mut acknowledgement {
        *prompts_left = left;
    }
    acknowledgement
}
