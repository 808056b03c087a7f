//! A conversation's branches: the one that is shown, what stands beside it, and showing another.

use crate::{
    app::App,
    chat::orphan,
    problem::{ApiError, ApiResult},
};
use std::collections::HashMap;
use store::{
    conversation::ConversationRecord,
    message::{MessageLink, MessageRecord},
};
use wire::{
    ConversationId, MessageId, ProblemCode,
    conversation::MessagePage,
    limit,
    message::{Message, MessageRole},
};

/// How often another branch is shown when the conversation has moved on meanwhile.
const ATTEMPTS: u32 = 3;
/// Messages from a branch's end back to one that is looked for, at most.
const REACH: u32 = 1_000;
/// Messages on a page from its beginning to the one that is looked for, that one too.
const BEFORE: usize = 5;

/// The last `limit` messages of the branch that ends at `leaf`.
pub(super) async fn page(
    app: &App,
    conversation: ConversationId,
    leaf: Option<MessageId>,
    limit: u32,
) -> ApiResult<MessagePage> {
    let (messages, has_more) = shown_branch(app, conversation, leaf, limit).await?;
    Ok(MessagePage { messages, has_more })
}

/// The last `limit` messages of the branch that ends at `leaf`, as they are shown, and whether there are older ones.
///
/// # Errors
/// The store's.
pub async fn shown_branch(
    app: &App,
    conversation: ConversationId,
    leaf: Option<MessageId>,
    limit: u32,
) -> ApiResult<(Vec<Message>, bool)> {
    let Some(leaf) = leaf else {
        return Ok((Vec::new(), false));
    };
    let (mut branch, has_more) = app.store.branch(leaf, limit).await?;
    orphan::end_unwritten(app, conversation, &mut branch).await?;
    // A prompt's answer follows it: each parent once.
    let mut parents: Vec<Option<MessageId>> = branch.iter().map(|message| message.parent_id).collect();
    parents.dedup();
    let siblings = Siblings::among(app.store.children(conversation, &parents).await?);
    let mut messages: Vec<Message> = branch.into_iter().map(|message| siblings.show(message)).collect();
    app.drawings.draw(&mut messages).await;
    Ok((messages, has_more))
}

/// Where a page ends that has this message, and how many messages it has: from a little before it to the end of the
/// branch that is shown, if it is on that, or else of the latest branch through it. A message that is farther back than
/// [`REACH`] is not reached.
///
/// # Errors
/// `not_found` for a message that is not in the conversation.
pub(super) async fn through(
    app: &App,
    conversation: &ConversationRecord,
    message: MessageId,
) -> ApiResult<(Option<MessageId>, u32)> {
    let found = app.store.message(message).await?;
    if found.is_none_or(|found| found.conversation_id != conversation.id) {
        return Err(no_such_message());
    }
    if let Some(shown) = conversation.active_leaf
        && let Some(back) = steps_back(app, shown, message).await?
    {
        return Ok((Some(shown), back.max(limit::PREVIOUS_MESSAGES)));
    }
    let leaf = latest_leaf(app, conversation.id, message).await?;
    let back = steps_back(app, leaf, message).await?;
    Ok((Some(leaf), back.unwrap_or_default().max(limit::PREVIOUS_MESSAGES)))
}

/// How many messages a page has that ends at `leaf` and begins a little before `message`; `None` where that is not before
/// `leaf`, or too far back.
async fn steps_back(app: &App, leaf: MessageId, message: MessageId) -> ApiResult<Option<u32>> {
    let (branch, _) = app.store.branch(leaf, REACH).await?;
    let steps = branch.iter().rev().position(|one| one.id == message);
    Ok(steps.and_then(|steps| u32::try_from(steps + BEFORE).ok()))
}

/// Messages that follow the same one, by who said them.
struct Siblings(HashMap<(Option<MessageId>, MessageRole), Vec<MessageId>>);

impl Siblings {
    fn among(mut links: Vec<MessageLink>) -> Self {
        links.sort_unstable_by_key(|link| link.position);
        let mut all: HashMap<_, Vec<MessageId>> = HashMap::new();
        for link in links {
            all.entry((link.parent_id, link.role)).or_default().push(link.id);
        }
        Self(all)
    }

    fn show(&self, message: MessageRecord) -> Message {
        let beside = self.0.get(&(message.parent_id, message.role));
        Message {
            siblings: beside
                .filter(|beside| beside.len() > 1)
                .cloned()
                .unwrap_or_default(),
            id: message.id,
            role: message.role,
            message: message.text,
            created_at: message.created_at,
            parent_id: message.parent_id,
            status: message.status,
            citations: message.citations,
            drawn: Vec::new(),
            model: message.model,
            feedback: message.feedback.map(|given| given.feedback),
        }
    }
}

/// Shows the branch through this message, down to its latest leaf. Open tabs are told.
///
/// # Errors
/// `not_found` for a message that is not in the conversation, `generation_running`.
pub(super) async fn show(app: &App, conversation: &ConversationRecord, through: MessageId) -> ApiResult<()> {
    let id = conversation.id;
    let message = app.store.message(through).await?;
    if message.is_none_or(|message| message.conversation_id != id) {
        return Err(no_such_message());
    }
    for _attempt in 0..ATTEMPTS {
        // The leaf before the look at who writes: whoever begins in between moves it.
        let Some(now) = app.store.conversation(id).await? else {
            return Err(ApiError::new(
                ProblemCode::NotFound,
                "There is no such conversation",
            ));
        };
        if orphan::is_written_in(app, id).await? {
            break;
        }
        let leaf = latest_leaf(app, id, through).await?;
        if now.active_leaf == Some(leaf) {
            return Ok(());
        }
        let moved = app
            .store
            .move_active_leaf(id, now.active_leaf, leaf, app.clock.now());
        if moved.await? {
            let last = app.store.message(leaf).await?;
            let writer = last.and_then(|last| last.generation_id);
            app.sessions.tell_branch_in(id, leaf, writer);
            return Ok(());
        }
    }
    let detail = "An answer is still being written. Wait for it, or stop it.";
    Err(ApiError::new(ProblemCode::GenerationRunning, detail))
}

fn no_such_message() -> ApiError {
    ApiError::new(
        ProblemCode::NotFound,
        "There is no such message in this conversation",
    )
}

/// The end of the branch that goes on through the latest message at each fork.
async fn latest_leaf(app: &App, id: ConversationId, from: MessageId) -> ApiResult<MessageId> {
    let mut leaf = from;
    loop {
        let children = app.store.children(id, &[Some(leaf)]).await?;
        match children.iter().max_by_key(|child| child.position) {
            Some(latest) => leaf = latest.id,
            None => return Ok(leaf),
        }
    }
}
