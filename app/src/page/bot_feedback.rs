//! What readers think of a chatbot's answers: how many, why, and in their own words. Never who, nor of which answer.

use super::workshop::{Tab, workshop};
use crate::{
    component::feedback_form::reason_words,
    data::{PageData, Trouble},
    text,
};
use leptos::prelude::*;
use std::sync::Arc;
use wire::{
    chatbot::Chatbot,
    feedback::{Comment, FeedbackSummary, ReasonCount, Verdict},
};

/// `/bot/{chatbot_id}/feedback`.
#[component]
pub(crate) fn BotFeedback() -> impl IntoView {
    workshop(Tab::Feedback, feedback)
}

async fn feedback(data: Arc<dyn PageData>, bot: Chatbot) -> Result<AnyView, Trouble> {
    let summary = data.feedback(bot.id).await?;
    let view = view! {
        <h2 class="workshop__heading">{text::feedback()}</h2>
        <p class="workshop__lead">
            {text::feedback_lead()}
        </p>
        {drawn(summary)}
    };
    Ok(view.into_any())
}

fn drawn(summary: FeedbackSummary) -> AnyView {
    let FeedbackSummary {
        up,
        down,
        reasons,
        comments,
    } = summary;
    let all = up.saturating_add(down);
    if all == 0 {
        return view! { <p class="files__empty">{text::feedback_none()}</p> }.into_any();
    }
    let reason = |ReasonCount { reason, count }: ReasonCount| {
        view! {
            <li class="verdicts__line">
                <span>{reason_words(reason)}</span>
                <span>{count}</span>
                <meter min="0" max=down value=count aria-hidden="true"></meter>
            </li>
        }
    };
    let reasons = (!reasons.is_empty()).then(|| {
        view! {
            <h3 class="workshop__subheading">{text::feedback_why()}</h3>
            <ul class="verdicts">{reasons.into_iter().map(reason).collect_view()}</ul>
        }
    });
    let said = (!comments.is_empty()).then(|| {
        view! {
            <h3 class="workshop__subheading">{text::feedback_words()}</h3>
            <ul class="verdicts">{comments.into_iter().map(comment).collect_view()}</ul>
        }
    });
    view! {
        <dl class="figures">
            <div><dt>{text::feedback_good()}</dt><dd>{up}</dd></div>
            <div><dt>{text::feedback_bad()}</dt><dd>{down}</dd></div>
            <div><dt>{text::feedback_share()}</dt><dd>{per_cent(up, all)}" %"</dd></div>
        </dl>
        {reasons}
        {said}
    }
    .into_any()
}

fn comment(comment: Comment) -> impl IntoView {
    let Comment {
        verdict,
        reason,
        comment,
        at,
    } = comment;
    let word = match (verdict, reason) {
        (Verdict::Up, _) => text::good_answer(),
        (Verdict::Down, Some(reason)) => reason_words(reason),
        (Verdict::Down, None) => text::bad_answer(),
    };
    // A day is all that is said of when.
    let at = at.to_string();
    let day = at.get(..10).unwrap_or_default().to_owned();
    view! {
        <li class="verdict">
            <p class="verdict__about"><strong>{word}</strong>" · "<time datetime=day.clone()>{day.clone()}</time></p>
            <p class="verdict__words">{comment}</p>
        </li>
    }
}

fn per_cent(part: u32, all: u32) -> u32 {
    let part = u64::from(part) * 100 + u64::from(all) / 2;
    u32::try_from(part / u64::from(all.max(1))).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded() {
        assert_eq!(per_cent(2, 3), 67);
        assert_eq!(per_cent(1, 3), 33);
        assert_eq!(per_cent(0, 0), 0);
        assert_eq!(per_cent(u32::MAX, u32::MAX), 100);
    }
}
