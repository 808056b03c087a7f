//! What the server says about what went wrong, for people. Its own sentences are English; in another language its codes are
//! put into words here.

use super::*;
#[cfg(feature = "pages")]
use wire::FieldFault;
use wire::{ProblemCode, document::DocumentFault};

/// A problem: `said` are the server's own words, which stand where there are no others.
pub(crate) fn of_problem(code: ProblemCode, said: &str) -> String {
    let words = match code {
        ProblemCode::InvalidRequest => problem_invalid_request(),
        // Which field it is, only the server's words say.
        ProblemCode::InvalidField if problem_invalid_field().is_empty() => "",
        ProblemCode::InvalidField => return with_detail(problem_invalid_field(), said),
        ProblemCode::Unauthenticated => problem_unauthenticated(),
        ProblemCode::WrongCredentials => problem_wrong_credentials(),
        ProblemCode::Forbidden => problem_forbidden(),
        ProblemCode::OriginNotAllowed => problem_origin_not_allowed(),
        ProblemCode::RegistrationNotAllowed => problem_registration_not_allowed(),
        ProblemCode::AccountLocked => problem_account_locked(),
        ProblemCode::NotFound => problem_not_found(),
        ProblemCode::SessionNotFound => problem_session_not_found(),
        ProblemCode::EmailTaken => problem_email_taken(),
        ProblemCode::GenerationRunning => problem_generation_running(),
        ProblemCode::QuotaExceeded => problem_quota_exceeded(),
        ProblemCode::TooLarge => problem_too_large(),
        ProblemCode::EmptyMessage => problem_empty_message(),
        ProblemCode::MessageTooLong => problem_message_too_long(),
        ProblemCode::InvalidText => problem_invalid_text(),
        ProblemCode::RateLimited => problem_rate_limited(),
        ProblemCode::TooManySockets => problem_too_many_sockets(),
        ProblemCode::ModelBusy => problem_model_busy(),
        ProblemCode::ModelFailed => problem_model_failed(),
        ProblemCode::ModelUnavailable => problem_model_unavailable(),
        ProblemCode::StoreUnavailable => problem_store_unavailable(),
        ProblemCode::ShuttingDown => problem_shutting_down(),
        // What no page of ours brings about.
        ProblemCode::MethodNotAllowed
        | ProblemCode::ClientMessageIdReused
        | ProblemCode::UnsupportedMediaType
        | ProblemCode::UnknownMessageType
        | ProblemCode::BinaryFrame
        | ProblemCode::Internal => problem_internal(),
    };
    or(words, said)
}

/// What is wrong with a field, beside it. Forms are drawn with whole pages.
#[cfg(feature = "pages")]
pub(crate) fn of_field(fault: FieldFault) -> String {
    match fault {
        FieldFault::Empty => field_empty().to_owned(),
        FieldFault::NotOneLine => field_not_one_line().to_owned(),
        FieldFault::TooLong(most) => field_too_long(most),
        FieldFault::TooManyBytes(most) => field_too_many_bytes(most),
        FieldFault::TooShort(least) => field_too_short(least),
        FieldFault::NoEmail => field_no_email().to_owned(),
        FieldFault::NotYourPassword => field_not_your_password().to_owned(),
        FieldFault::NoNumber => field_no_number().to_owned(),
        FieldFault::Outside(least, most) => field_outside(least, most),
        FieldFault::Zero => field_zero().to_owned(),
        FieldFault::TooMany(most) => field_too_many(most),
        FieldFault::OtherAddress => field_other_address().to_owned(),
    }
}

/// Why a document cannot be used, likewise.
pub(crate) fn of_fault(fault: DocumentFault, said: &str) -> String {
    let words = match fault {
        DocumentFault::Unsupported => fault_unsupported(),
        DocumentFault::Encrypted => fault_encrypted(),
        DocumentFault::Damaged => fault_damaged(),
        DocumentFault::TooLarge => fault_too_large(),
        DocumentFault::TooManyPages => fault_too_many_pages(),
        DocumentFault::TimedOut => fault_timed_out(),
        DocumentFault::OutOfMemory => fault_out_of_memory(),
        DocumentFault::Crashed => fault_crashed(),
        DocumentFault::NoText => fault_no_text(),
        DocumentFault::EmbeddingFailed => fault_embedding_failed(),
        DocumentFault::LibraryFull => fault_library_full(),
        DocumentFault::Internal => fault_internal(),
    };
    or(words, said)
}

fn or(words: &str, said: &str) -> String {
    if words.is_empty() { said } else { words }.to_owned()
}
