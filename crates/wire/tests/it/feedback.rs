//! What readers think of answers.

use crate::pin::{Pinned, time};
use wire::feedback::{Comment, Feedback, FeedbackSummary, NewFeedback, Reason, ReasonCount, Verdict};

pub(crate) fn feedback() -> Feedback {
    Feedback {
        verdict: Verdict::Down,
        reason: Some(Reason::Incomplete),
        comment: "And the lid?".into(),
    }
}

#[test]
fn verdicts_and_reasons_keep_their_words() {
    assert_pinned!("verdict", every!(Verdict: Up, Down));
    let reasons = every!(Reason: Wrong, OffTopic, Incomplete, Unclear, Harmful);
    assert_pinned!("reason", reasons);
    let named = Reason::ALL.map(|reason| format!("\"{}\"", reason.name()));
    let sent = Reason::ALL.map(|reason| serde_json::to_string(&reason).unwrap());
    assert_eq!(named, sent, "a reason's name is its word on the wire");
}

#[test]
fn feedback_keeps_its_fields() {
    let bare = Feedback {
        verdict: Verdict::Up,
        reason: None,
        comment: String::new(),
    };
    let summary = FeedbackSummary {
        up: 4,
        down: 1,
        reasons: vec![ReasonCount {
            reason: Reason::Incomplete,
            count: 1,
        }],
        comments: vec![Comment {
            verdict: Verdict::Down,
            reason: Some(Reason::Incomplete),
            comment: "And the lid?".into(),
            at: time(),
        }],
    };
    let mut pinned = Pinned::default();
    pinned.add("Feedback", &bare);
    pinned.add("Feedback", &feedback());
    pinned.add("FeedbackSummary", &summary);
    assert_pinned!("feedback", pinned);
}

#[test]
fn a_thumb_is_enough_and_a_misspelt_field_is_refused() {
    let new: NewFeedback = serde_json::from_str(r#"{"verdict":"up"}"#).unwrap();
    let expected = NewFeedback {
        verdict: Verdict::Up,
        reason: None,
        comment: String::new(),
    };
    assert_eq!(new, expected);
    assert!(serde_json::from_str::<NewFeedback>(r#"{"verdict":"up","coment":"x"}"#).is_err());
    assert!(serde_json::from_str::<NewFeedback>(r#"{"verdict":"sideways"}"#).is_err());
}
