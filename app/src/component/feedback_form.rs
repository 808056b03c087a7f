//! Asks what is wrong with an answer: the browser's own dialog, drawn by the server. `live::thumb` opens it and hears its
//! buttons.

use crate::text;
use leptos::prelude::*;
use wire::{feedback::Reason, limit};

/// A reason, as it is said to people.
pub(crate) fn reason_words(reason: Reason) -> &'static str {
    match reason {
        Reason::Wrong => text::reason_wrong(),
        Reason::OffTopic => text::reason_off_topic(),
        Reason::Incomplete => text::reason_incomplete(),
        Reason::Unclear => text::reason_unclear(),
        Reason::Harmful => text::reason_harmful(),
    }
}

/// The dialog.
#[component]
pub(crate) fn FeedbackForm() -> impl IntoView {
    let reason = |reason: Reason| {
        view! {
            <label class="feedback__reason">
                <input type="radio" name="reason" value=reason.name()/>
                {reason_words(reason)}
            </label>
        }
    };
    view! {
        <dialog class="confirm feedback" aria-labelledby="feedback-heading">
            <form method="dialog" class="form">
                <h2 id="feedback-heading" class="feedback__heading">{text::feedback_question()}</h2>
                <fieldset class="feedback__reasons">
                    <legend class="unseen">{text::feedback_reason()}</legend>
                    {Vec::from(Reason::ALL.map(reason))}
                </fieldset>
                <div class="field">
                    <label for="feedback-comment">{text::feedback_comment()}</label>
                    <textarea
                        id="feedback-comment"
                        name="comment"
                        rows="3"
                        maxlength=limit::FEEDBACK_COMMENT_CHARS.to_string()
                        aria-describedby="feedback-told"
                    ></textarea>
                    <p id="feedback-told" class="field__hint">
                        {text::feedback_told()}
                    </p>
                </div>
                <div class="confirm__buttons">
                    <button class="button" data-act="send">{text::feedback_send()}</button>
                    <button class="button button--quiet">{text::feedback_not_now()}</button>
                    <button class="button button--quiet" data-act="take-back">{text::feedback_take_back()}</button>
                </div>
            </form>
        </dialog>
    }
}
