//! What is asked about: the prompt to say otherwise, the prompt to answer again, the answer to go on with.

use super::{Ask, Written};
use crate::{
    app::App,
    field,
    problem::{ApiError, ApiResult},
};
use store::message::MessageRecord;
use wire::{
    ConversationId, MessageId, ProblemCode,
    message::{MessageRole, MessageStatus},
};

/// The field that is wrong when a message is not one that this can be asked of.
const FIELD: &str = "message_id";

/// What will be written.
#[derive(Debug)]
pub(super) enum Aim<'a> {
    /// A prompt: behind what is shown, or beside this one.
    Prompt {
        written: &'a Written,
        beside: Option<MessageRecord>,
    },
    /// A new answer to this prompt.
    Answer { prompt: MessageRecord },
    /// The rest of this answer to this prompt.
    Rest {
        answer: MessageRecord,
        prompt_id: MessageId,
    },
}

impl<'a> Aim<'a> {
    /// Looks up what is asked about. What it says of a message's text and status may be out of date when the
    /// conversation is claimed.
    ///
    /// # Errors
    /// `not_found`, also for somebody else's message and one of another conversation; `invalid_field` for one that this
    /// cannot be asked of.
    pub(super) async fn of(app: &App, conversation: ConversationId, ask: &'a Ask) -> ApiResult<Self> {
        match ask {
            Ask::Text(written) => Ok(Self::Prompt {
                written,
                beside: None,
            }),
            Ask::Edit { message_id, written } => {
                let prompt = found(app, conversation, *message_id).await?;
                if prompt.role != MessageRole::User {
                    return Err(field::invalid(
                        FIELD,
                        "this is an answer; only a prompt can be edited",
                    ));
                }
                Ok(Self::Prompt {
                    written,
                    beside: Some(prompt),
                })
            }
            Ask::Regenerate { message_id } => {
                let message = found(app, conversation, *message_id).await?;
                let prompt = match (message.role, message.parent_id) {
                    (MessageRole::User, _) => message,
                    (MessageRole::Assistant, Some(parent)) => found(app, conversation, parent).await?,
                    (MessageRole::Assistant, None) => {
                        return Err(field::invalid(FIELD, "this answers no prompt"));
                    }
                };
                Ok(Self::Answer { prompt })
            }
            Ask::Continue { message_id } => {
                let answer = found(app, conversation, *message_id).await?;
                match (answer.role, answer.parent_id) {
                    (MessageRole::Assistant, Some(prompt_id)) => Ok(Self::Rest { answer, prompt_id }),
                    _ => Err(field::invalid(
                        FIELD,
                        "this is a prompt; only an answer can go on",
                    )),
                }
            }
        }
    }

    /// Whether the claim must be stored even where nobody else could take the conversation: the answer's message is
    /// written before it is told of.
    pub(super) fn shows_answer_first(&self) -> bool {
        !matches!(self, Self::Prompt { .. })
    }
}

async fn found(app: &App, conversation: ConversationId, id: MessageId) -> ApiResult<MessageRecord> {
    let message = app.store.message(id).await?;
    let ours = message.filter(|message| message.conversation_id == conversation);
    let not_found = || {
        ApiError::new(
            ProblemCode::NotFound,
            "There is no such message in this conversation.",
        )
    };
    ours.ok_or_else(not_found)
}

/// Whether this answer, as it is stored now, can go on.
///
/// # Errors
/// `invalid_field`, and why.
pub(super) fn can_go_on(answer: &MessageRecord, active_leaf: Option<MessageId>) -> ApiResult<()> {
    if answer.status == MessageStatus::Complete {
        return Err(field::invalid(
            FIELD,
            "this answer is complete; only one that was stopped, interrupted or cut, or failed, can go on",
        ));
    }
    if active_leaf != Some(answer.id) {
        return Err(field::invalid(
            FIELD,
            "only the last message that is shown can go on",
        ));
    }
    Ok(())
}
