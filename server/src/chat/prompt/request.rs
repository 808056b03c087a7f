//! What the model is asked: the chatbot's instructions, then the branch.

use crate::app::App;
use llm::{ChatRequest, ChatRole, ChatTurn};
use store::{Result, chatbot::ChatbotRecord, message::MessageRecord};
use wire::{MessageId, message::MessageRole};

/// Turns of the conversation that the model is given; its window cuts further.
const CONTEXT_MESSAGES: u32 = 200;

/// The branch that ends here, as far as a model is told of it.
pub(super) async fn history(app: &App, leaf: Option<MessageId>) -> Result<Vec<MessageRecord>> {
    match leaf {
        Some(leaf) => Ok(app.store.branch(leaf, CONTEXT_MESSAGES).await?.0),
        None => Ok(Vec::new()),
    }
}

/// The system prompt, then the branch. It ends with the prompt, or with the beginning of its answer, which the model goes
/// on with. Answers without text (failed before the first token) are no turns.
pub(super) fn request(bot: &ChatbotRecord, branch: Vec<MessageRecord>) -> ChatRequest {
    let mut turns = Vec::with_capacity(branch.len() + 1);
    if !bot.system_prompt.trim().is_empty() {
        turns.push(ChatTurn {
            role: ChatRole::System,
            text: bot.system_prompt.clone(),
        });
    }
    let said = branch.into_iter().filter(|message| !message.text.is_empty());
    turns.extend(said.map(|message| ChatTurn {
        role: role_of(message.role),
        text: message.text,
    }));
    ChatRequest {
        turns,
        model: bot.model.clone(),
        temperature: bot.temperature,
        max_tokens: None,
    }
}

fn role_of(role: MessageRole) -> ChatRole {
    match role {
        MessageRole::User => ChatRole::User,
        MessageRole::Assistant => ChatRole::Assistant,
    }
}
