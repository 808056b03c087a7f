//! What readers think of answers: said by the reader of a conversation, told to the owner of its chatbot.
//!
//! The owner is told verdicts, reasons and the readers' own words. Never who said it, in which conversation, or about which
//! answer: what is said in a conversation belongs to its user. The page says so where it asks.
//!
//! Must not know: HTTP. Start at [`give`] and [`summary`].

use crate::{
    app::App,
    chatbot, conversation, field,
    problem::{ApiError, ApiResult},
};
use store::{
    message::{GivenFeedback, MessageRecord},
    user::UserRecord,
};
use wire::{
    ChatbotId, ConversationId, MessageId, ProblemCode,
    feedback::{Comment, Feedback, FeedbackSummary, NewFeedback, Reason, ReasonCount, Verdict},
    limit,
    message::{MessageRole, MessageStatus},
};

/// Comments that the owner is shown.
const COMMENTS: usize = 100;

/// Keeps what the reader thinks of an answer, in place of what they thought before.
///
/// # Errors
/// `not_found` for a conversation that is not this user's, or a message that is not in it; `invalid_field` for a prompt, a
/// comment that is too long, or a thumb up with a reason; `generation_running` while the answer is being written.
pub async fn give(
    app: &App,
    user: &UserRecord,
    conversation: ConversationId,
    message: MessageId,
    new: NewFeedback,
) -> ApiResult<Feedback> {
    let answer = answer(app, user, conversation, message).await?;
    if answer.status == MessageStatus::Generating {
        let detail = "This answer is still being written. Wait until it is at its end.";
        return Err(ApiError::new(ProblemCode::GenerationRunning, detail));
    }
    let feedback = check(new)?;
    let given = GivenFeedback {
        feedback: feedback.clone(),
        at: app.clock.now(),
    };
    note(app, answer.id, Some(given)).await?;
    Ok(feedback)
}

/// Takes it back. Idempotent.
///
/// # Errors
/// `not_found`, and `invalid_field` for a prompt.
pub async fn take_back(
    app: &App,
    user: &UserRecord,
    conversation: ConversationId,
    message: MessageId,
) -> ApiResult<()> {
    let answer = answer(app, user, conversation, message).await?;
    note(app, answer.id, None).await
}

/// What readers think of a chatbot's answers, for who may edit it.
///
/// # Errors
/// `not_found`; `forbidden` for a chatbot that this user only may talk with.
pub async fn summary(app: &App, user: &UserRecord, bot: ChatbotId) -> ApiResult<FeedbackSummary> {
    chatbot::editable(app, user, bot).await?;
    Ok(summed_up(app.store.feedback_on(bot, limit::FEEDBACK_TOLD).await?))
}

async fn answer(
    app: &App,
    user: &UserRecord,
    conversation: ConversationId,
    message: MessageId,
) -> ApiResult<MessageRecord> {
    let conversation = conversation::owned(app, user, conversation).await?;
    let found = app.store.message(message).await?;
    let found = found.filter(|message| message.conversation_id == conversation.id);
    let found = found.ok_or_else(no_such_message)?;
    if found.role == MessageRole::Assistant {
        Ok(found)
    } else {
        Err(field::invalid("message", "is not an answer"))
    }
}

async fn note(app: &App, id: MessageId, given: Option<GivenFeedback>) -> ApiResult<()> {
    if app.store.note_feedback(id, given).await? {
        Ok(())
    } else {
        // Deleted meanwhile.
        Err(no_such_message())
    }
}

fn no_such_message() -> ApiError {
    ApiError::new(
        ProblemCode::NotFound,
        "There is no such message in this conversation",
    )
}

fn check(new: NewFeedback) -> ApiResult<Feedback> {
    let NewFeedback {
        verdict,
        reason,
        comment,
    } = new;
    if verdict == Verdict::Up && reason.is_some() {
        return Err(field::invalid("reason", "goes with a thumb down only"));
    }
    let comment = field::text(
        "comment",
        comment.trim().to_owned(),
        limit::FEEDBACK_COMMENT_CHARS,
    )?;
    Ok(Feedback {
        verdict,
        reason,
        comment,
    })
}

fn summed_up(given: Vec<GivenFeedback>) -> FeedbackSummary {
    let count = |is_it: &dyn Fn(&Feedback) -> bool| {
        let those = given.iter().filter(|given| is_it(&given.feedback));
        u32::try_from(those.count()).unwrap_or(u32::MAX)
    };
    let up = count(&|feedback| feedback.verdict == Verdict::Up);
    let down = count(&|feedback| feedback.verdict == Verdict::Down);
    let mut reasons: Vec<ReasonCount> = Reason::ALL
        .into_iter()
        .map(|reason| ReasonCount {
            reason,
            count: count(&|feedback| feedback.reason == Some(reason)),
        })
        .filter(|one| one.count > 0)
        .collect();
    // Stable: in the order in which they are offered where they are as frequent.
    reasons.sort_by_key(|one| std::cmp::Reverse(one.count));
    let comments = given
        .into_iter()
        .filter(|given| !given.feedback.comment.is_empty())
        .take(COMMENTS)
        .map(|GivenFeedback { feedback, at }| Comment {
            verdict: feedback.verdict,
            reason: feedback.reason,
            comment: feedback.comment,
            at,
        });
    FeedbackSummary {
        up,
        down,
        reasons,
        comments: comments.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::Timestamp;

    fn given(verdict: Verdict, reason: Option<Reason>, comment: &str) -> GivenFeedback {
        GivenFeedback {
            feedback: Feedback {
                verdict,
                reason,
                comment: comment.into(),
            },
            at: Timestamp::from_millis(1),
        }
    }

    #[test]
    fn the_most_frequent_reason_comes_first_and_silent_thumbs_are_only_counted() {
        let summary = summed_up(vec![
            given(Verdict::Up, None, "Lovely"),
            given(Verdict::Down, Some(Reason::Unclear), ""),
            given(Verdict::Down, Some(Reason::Unclear), "What?"),
            given(Verdict::Down, Some(Reason::Wrong), ""),
            given(Verdict::Down, None, ""),
        ]);
        assert_eq!((summary.up, summary.down), (1, 4));
        let reasons: Vec<_> = summary
            .reasons
            .iter()
            .map(|one| (one.reason, one.count))
            .collect();
        assert_eq!(reasons, [(Reason::Unclear, 2), (Reason::Wrong, 1)]);
        let comments: Vec<_> = summary.comments.iter().map(|one| one.comment.as_str()).collect();
        assert_eq!(comments, ["Lovely", "What?"]);
    }

    #[test]
    fn a_reason_goes_with_a_thumb_down_and_words_have_an_end() {
        let new = |verdict, reason, comment: &str| NewFeedback {
            verdict,
            reason,
            comment: comment.into(),
        };
        assert!(check(new(Verdict::Up, Some(Reason::Wrong), "")).is_err());
        assert_eq!(check(new(Verdict::Down, None, " So. ")).unwrap().comment, "So.");
        assert!(check(new(Verdict::Up, None, &"x".repeat(1_000))).is_ok());
        assert!(check(new(Verdict::Up, None, &"x".repeat(1_001))).is_err());
    }
}
