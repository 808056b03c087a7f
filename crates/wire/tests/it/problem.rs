//! Problems: one word, one status, one title each.

use crate::pin::Pinned;
use wire::{Problem, ProblemCode};

#[test]
fn every_code_keeps_its_word_its_status_and_its_title() {
    let pinned = every!(ProblemCode {
        InvalidRequest => [ProblemCode::InvalidRequest]
        InvalidField => [ProblemCode::InvalidField]
        Unauthenticated => [ProblemCode::Unauthenticated]
        WrongCredentials => [ProblemCode::WrongCredentials]
        Forbidden => [ProblemCode::Forbidden]
        OriginNotAllowed => [ProblemCode::OriginNotAllowed]
        RegistrationNotAllowed => [ProblemCode::RegistrationNotAllowed]
        AccountLocked => [ProblemCode::AccountLocked]
        NotFound => [ProblemCode::NotFound]
        SessionNotFound => [ProblemCode::SessionNotFound]
        MethodNotAllowed => [ProblemCode::MethodNotAllowed]
        EmailTaken => [ProblemCode::EmailTaken]
        GenerationRunning => [ProblemCode::GenerationRunning]
        ClientMessageIdReused => [ProblemCode::ClientMessageIdReused]
        QuotaExceeded => [ProblemCode::QuotaExceeded]
        TooLarge => [ProblemCode::TooLarge]
        UnsupportedMediaType => [ProblemCode::UnsupportedMediaType]
        UnknownMessageType => [ProblemCode::UnknownMessageType]
        BinaryFrame => [ProblemCode::BinaryFrame]
        EmptyMessage => [ProblemCode::EmptyMessage]
        MessageTooLong => [ProblemCode::MessageTooLong]
        InvalidText => [ProblemCode::InvalidText]
        RateLimited => [ProblemCode::RateLimited]
        TooManySockets => [ProblemCode::TooManySockets]
        ModelBusy => [ProblemCode::ModelBusy]
        ModelFailed => [ProblemCode::ModelFailed]
        ModelUnavailable => [ProblemCode::ModelUnavailable]
        StoreUnavailable => [ProblemCode::StoreUnavailable]
        ShuttingDown => [ProblemCode::ShuttingDown]
        Internal => [ProblemCode::Internal]
    } |pinned, code| pinned.remark(format_args!("{} {}", code.status(), code.title())));
    assert_pinned!("problem_code", pinned);
}

#[test]
fn problems_are_rfc_9457() {
    let code = ProblemCode::RateLimited;
    let problem = Problem {
        kind: "about:blank".into(),
        title: code.title().into(),
        status: code.status(),
        detail: "Too many attempts: try again in 30 s".into(),
        code,
        request_id: "0192f0c12a3b7c4d8e5f000000000001".into(),
        retry_after: Some(30),
    };
    let mut pinned = Pinned::default();
    pinned.add("Problem", &problem);
    pinned.add(
        "Problem",
        &Problem {
            retry_after: None,
            ..problem.clone()
        },
    );
    assert_pinned!("problem", pinned);
}
