//! The things that the browser reads, out of a [`Value`]: a function each. What is not read is not mentioned; a field that
//! must be there and is not makes the whole thing unreadable, as with the types' own readers.

use super::Value;
use std::str::FromStr;
use wire::{
    ProblemCode, Timestamp,
    auth::{ModelInfo, ModelState},
    chatbot::Colour,
    document::{Citation, DocumentFault, DocumentStatus, Progress},
    drawn::Drawn,
    feedback::{Feedback, Reason, Verdict},
    message::{Message, MessageRole, MessageStatus, Outcome},
    socket::{CloseReason, Running},
};

/// The id in a field.
pub(crate) fn id<T: FromStr>(value: &mut Value, name: &str) -> Option<T> {
    value.text(name)?.parse().ok()
}

/// The time in a field: as [`Timestamp`] is written, and no other way of RFC 3339.
pub(crate) fn time(value: &mut Value, name: &str) -> Option<Timestamp> {
    instant(&value.text(name)?)
}

/// `2024-01-15T10:30:00.042Z`
fn instant(text: &str) -> Option<Timestamp> {
    let mut parts = text.strip_suffix('Z')?.split(['-', 'T', ':', '.']);
    let mut part = || parts.next()?.parse::<u64>().ok();
    let (year, month, day) = (part()?, part()?, part()?);
    let (hour, minute, second, milli) = (part()?, part()?, part()?, part()?);
    let is_date = year < 10_000 && (1..13).contains(&month) && (1..32).contains(&day);
    if !is_date || hour > 23 || minute > 59 || second > 60 || milli > 999 {
        return None;
    }
    // Days since the epoch, in years that begin with March: the leap day is the last one (Howard Hinnant's
    // `days_from_civil`).
    let year = year.checked_sub(u64::from(month < 3))?;
    let months = (month + 9) % 12;
    let (era, year) = (year / 400, year % 400);
    let day_of_year = (153 * months + 2) / 5 + day - 1;
    let days = era * 146_097 + year * 365 + year / 4 - year / 100 + day_of_year;
    let days = days.checked_sub(719_468)?;
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    Some(Timestamp::from_millis(seconds * 1000 + milli))
}

/// One of some words.
fn word<T: Copy>(value: Value, words: &[(&str, T)]) -> Option<T> {
    let Value::Text(text) = value else {
        return None;
    };
    let found = words.iter().find(|(word, _)| *word == text);
    found.map(|(_, thing)| *thing)
}

const ROLES: [(&str, MessageRole); 2] = [("user", MessageRole::User), ("assistant", MessageRole::Assistant)];

/// Who says something.
pub(crate) fn role(value: Value) -> Option<MessageRole> {
    word(value, &ROLES)
}

const OUTCOMES: [(&str, Outcome); 5] = [
    ("complete", Outcome::Complete),
    ("stopped", Outcome::Stopped),
    ("interrupted", Outcome::Interrupted),
    ("failed", Outcome::Failed),
    ("cut", Outcome::Cut),
];

/// How an answer ended.
pub(crate) fn outcome(value: Value) -> Option<Outcome> {
    word(value, &OUTCOMES)
}

/// Whether a message is whole.
fn status(value: Value) -> Option<MessageStatus> {
    if value == Value::Text("generating".into()) {
        return Some(MessageStatus::Generating);
    }
    outcome(value).map(MessageStatus::from)
}

const REASONS: [(&str, CloseReason); 6] = [
    ("replaced", CloseReason::Replaced),
    ("idle", CloseReason::Idle),
    ("logged_out", CloseReason::LoggedOut),
    ("expired", CloseReason::Expired),
    ("closed", CloseReason::Closed),
    ("server_shutdown", CloseReason::ServerShutdown),
];

/// Why a session ended.
pub(crate) fn reason(value: Value) -> Option<CloseReason> {
    word(value, &REASONS)
}

const CODES: [(&str, ProblemCode); 30] = [
    ("account_locked", ProblemCode::AccountLocked),
    ("invalid_request", ProblemCode::InvalidRequest),
    ("invalid_field", ProblemCode::InvalidField),
    ("unauthenticated", ProblemCode::Unauthenticated),
    ("wrong_credentials", ProblemCode::WrongCredentials),
    ("forbidden", ProblemCode::Forbidden),
    ("origin_not_allowed", ProblemCode::OriginNotAllowed),
    ("registration_not_allowed", ProblemCode::RegistrationNotAllowed),
    ("not_found", ProblemCode::NotFound),
    ("session_not_found", ProblemCode::SessionNotFound),
    ("method_not_allowed", ProblemCode::MethodNotAllowed),
    ("email_taken", ProblemCode::EmailTaken),
    ("generation_running", ProblemCode::GenerationRunning),
    ("client_message_id_reused", ProblemCode::ClientMessageIdReused),
    ("quota_exceeded", ProblemCode::QuotaExceeded),
    ("too_large", ProblemCode::TooLarge),
    ("unsupported_media_type", ProblemCode::UnsupportedMediaType),
    ("unknown_message_type", ProblemCode::UnknownMessageType),
    ("binary_frame", ProblemCode::BinaryFrame),
    ("empty_message", ProblemCode::EmptyMessage),
    ("message_too_long", ProblemCode::MessageTooLong),
    ("invalid_text", ProblemCode::InvalidText),
    ("rate_limited", ProblemCode::RateLimited),
    ("too_many_sockets", ProblemCode::TooManySockets),
    ("model_busy", ProblemCode::ModelBusy),
    ("model_failed", ProblemCode::ModelFailed),
    ("model_unavailable", ProblemCode::ModelUnavailable),
    ("store_unavailable", ProblemCode::StoreUnavailable),
    ("shutting_down", ProblemCode::ShuttingDown),
    ("internal", ProblemCode::Internal),
];

/// What went wrong.
pub(crate) fn code(value: Value) -> Option<ProblemCode> {
    word(value, &CODES)
}

/// A chatbot's colour.
pub(crate) fn colour(value: Value) -> Option<Colour> {
    let Value::Text(text) = value else {
        return None;
    };
    Colour::ALL.into_iter().find(|colour| colour.name() == text)
}

const MODEL_STATES: [(&str, ModelState); 3] = [
    ("loading", ModelState::Loading),
    ("ready", ModelState::Ready),
    ("failed", ModelState::Failed),
];

/// What answers.
pub(crate) fn model(mut value: Value) -> Option<ModelInfo> {
    Some(ModelInfo {
        name: value.text("name")?,
        starter: value.flag("starter"),
        state: word(value.take("state"), &MODEL_STATES)?,
    })
}

const DOCUMENT_STATES: [(&str, DocumentStatus); 6] = [
    ("queued", DocumentStatus::Queued),
    ("extracting", DocumentStatus::Extracting),
    ("chunking", DocumentStatus::Chunking),
    ("embedding", DocumentStatus::Embedding),
    ("ready", DocumentStatus::Ready),
    ("failed", DocumentStatus::Failed),
];

/// How far a document is.
pub(crate) fn document_status(value: Value) -> Option<DocumentStatus> {
    word(value, &DOCUMENT_STATES)
}

const FAULTS: [(&str, DocumentFault); 12] = [
    ("unsupported", DocumentFault::Unsupported),
    ("encrypted", DocumentFault::Encrypted),
    ("damaged", DocumentFault::Damaged),
    ("too_large", DocumentFault::TooLarge),
    ("too_many_pages", DocumentFault::TooManyPages),
    ("timed_out", DocumentFault::TimedOut),
    ("out_of_memory", DocumentFault::OutOfMemory),
    ("crashed", DocumentFault::Crashed),
    ("no_text", DocumentFault::NoText),
    ("embedding_failed", DocumentFault::EmbeddingFailed),
    ("library_full", DocumentFault::LibraryFull),
    ("internal", DocumentFault::Internal),
];

/// Why a document cannot be used.
pub(crate) fn document_fault(value: Value) -> Option<DocumentFault> {
    word(value, &FAULTS)
}

/// How much of its present step is done.
pub(crate) fn progress(mut value: Value) -> Option<Progress> {
    Some(Progress {
        done: value.small("done")?,
        total: value.small("total"),
    })
}

/// A message.
pub(crate) fn message(mut value: Value) -> Option<Message> {
    let sibling = |value| match value {
        Value::Text(id) => id.parse().ok(),
        _ => None,
    };
    Some(Message {
        id: id(&mut value, "id")?,
        role: role(value.take("role"))?,
        message: value.text("message")?,
        created_at: time(&mut value, "created_at")?,
        parent_id: id(&mut value, "parent_id"),
        status: status(value.take("status"))?,
        siblings: value.take("siblings").items(sibling).unwrap_or_default(),
        citations: citations(value.take("citations")),
        drawn: drawings(value.take("drawn")),
        model: value.text("model"),
        feedback: feedback(value.take("feedback")),
    })
}

/// What a reader thinks of an answer.
fn feedback(mut value: Value) -> Option<Feedback> {
    const VERDICTS: [(&str, Verdict); 2] = [("up", Verdict::Up), ("down", Verdict::Down)];
    let verdict = word(value.take("verdict"), &VERDICTS)?;
    let reason = value.text("reason");
    Some(Feedback {
        verdict,
        reason: Reason::ALL
            .into_iter()
            .find(|known| reason.as_deref() == Some(known.name())),
        comment: value.text("comment").unwrap_or_default(),
    })
}

/// Messages.
pub(crate) fn messages(value: Value) -> Option<Vec<Message>> {
    value.items(message)
}

/// What an answer rests on; nothing where nothing is said of it.
pub(crate) fn citations(value: Value) -> Vec<Citation> {
    value.items(citation).unwrap_or_default()
}

fn citation(mut value: Value) -> Option<Citation> {
    Some(Citation {
        number: value.small("number")?,
        document_id: id(&mut value, "document_id")?,
        document_name: value.text("document_name")?,
        page: value.small("page"),
        start: value.small("start")?,
        end: value.small("end")?,
        snippet: value.text("snippet")?,
        score: value.small("score")?,
    })
}

/// How code and formulas are drawn, likewise.
pub(crate) fn drawings(value: Value) -> Vec<Drawn> {
    value.items(drawing).unwrap_or_default()
}

fn drawing(mut value: Value) -> Option<Drawn> {
    Some(Drawn {
        of: value.small("of")?,
        how: value.text("how")?,
    })
}

/// An answer that is being written.
pub(crate) fn running(mut value: Value) -> Option<Running> {
    Some(Running {
        generation_id: id(&mut value, "generation_id")?,
        message_id: id(&mut value, "message_id")?,
        seq: value.number("seq")?,
        parent_id: id(&mut value, "parent_id")?,
        continues: value.flag("continues"),
        offset: value.number("offset").unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::{Serialize, de::DeserializeOwned};
    use std::fmt::Debug;
    use uuid::Uuid;
    use wire::{DocumentId, GenerationId, MessageId};

    fn sent(thing: &impl Serialize) -> Value {
        Value::parse(&serde_json::to_string(thing).unwrap()).unwrap()
    }

    /// All words of a type, in its own words: its reader says them when it is given none of them.
    fn words_of<T: DeserializeOwned + Debug>() -> Vec<String> {
        let complaint = serde_json::from_str::<T>("\"no such word\"")
            .unwrap_err()
            .to_string();
        let words = complaint.split('`').skip(3).step_by(2);
        words.map(str::to_owned).collect()
    }

    fn assert_all<T>(read: fn(Value) -> Option<T>)
    where
        T: DeserializeOwned + Debug + PartialEq,
    {
        let words = words_of::<T>();
        assert!(words.len() > 1, "{words:?}");
        for word in words {
            let theirs: T = serde_json::from_str(&format!("\"{word}\"")).unwrap();
            assert_eq!(read(Value::Text(word.clone())), Some(theirs), "{word}");
        }
        assert_eq!(read(Value::Text("no such word".into())), None);
        assert_eq!(read(Value::Null), None);
    }

    #[test]
    fn every_word_of_the_wire_is_known_here() {
        assert_all(role);
        assert_all(outcome);
        assert_all(status);
        assert_all(reason);
        assert_all(code);
        assert_all(colour);
        assert_all(|value| word(value, &MODEL_STATES));
        assert_all(document_status);
        assert_all(document_fault);
    }

    #[test]
    fn times_are_read_as_they_are_written() {
        // Leap days, the ends of years and centuries, and what a calendar of ours would get wrong.
        for millis in [
            0,
            951_782_399_999,
            951_782_400_000,
            951_868_800_000,
            1_705_314_605_042,
            1_709_164_800_000,
            1_735_689_599_999,
            4_107_542_399_001,
            253_402_300_799_999,
        ] {
            let written = Timestamp::from_millis(millis).to_string();
            assert_eq!(
                instant(&written),
                Some(Timestamp::from_millis(millis)),
                "{written}"
            );
        }
        for broken in [
            "",
            "2024-01-15",
            "2024-01-15T10:30:05Z",
            "2024-13-15T10:30:05.000Z",
            "x-1-1T1:1:1.1Z",
        ] {
            assert_eq!(instant(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_message_is_read_as_the_wire_says_it_bare_and_full() {
        let message_id = |number| MessageId::from_uuid(Uuid::from_u128(number));
        let bare = Message {
            id: message_id(1),
            role: MessageRole::User,
            message: "Hi \"\u{1f600}\"\n".into(),
            created_at: Timestamp::from_millis(1_705_314_605_042),
            parent_id: None,
            status: MessageStatus::Generating,
            siblings: Vec::new(),
            citations: Vec::new(),
            drawn: Vec::new(),
            model: None,
            feedback: None,
        };
        let full = Message {
            parent_id: Some(message_id(2)),
            siblings: vec![message_id(1), message_id(3)],
            citations: vec![Citation {
                number: 1,
                document_id: DocumentId::from_uuid(Uuid::from_u128(7)),
                document_name: "Zephyr.pdf".into(),
                page: Some(3),
                start: 1,
                end: 9,
                snippet: "27 months".into(),
                score: 900,
            }],
            drawn: vec![Drawn {
                of: u32::MAX,
                how: "k2_1".into(),
            }],
            model: Some("gpt-5-mini".into()),
            ..bare.clone()
        };
        let rated = |verdict, reason| Message {
            feedback: Some(Feedback {
                verdict,
                reason,
                comment: if reason.is_some() { "So." } else { "" }.into(),
            }),
            ..bare.clone()
        };
        let reasons = Reason::ALL.map(|reason| rated(Verdict::Down, Some(reason)));
        let thumbs = [rated(Verdict::Up, None), rated(Verdict::Down, None)];
        for sent_one in [bare, full].into_iter().chain(reasons).chain(thumbs) {
            assert_eq!(message(sent(&sent_one)), Some(sent_one));
        }
    }

    #[test]
    fn what_runs_and_what_answers_is_read_as_the_wire_says_it() {
        let id = Uuid::from_u128(7);
        for offset in [0, 5] {
            let run = Running {
                generation_id: GenerationId::from_uuid(id),
                message_id: MessageId::from_uuid(id),
                seq: 4,
                parent_id: MessageId::from_uuid(id),
                continues: offset > 0,
                offset,
            };
            assert_eq!(running(sent(&run)), Some(run));
        }
        for starter in [true, false] {
            let info = ModelInfo {
                name: "small".into(),
                starter,
                state: ModelState::Loading,
            };
            assert_eq!(model(sent(&info)), Some(info));
        }
        for total in [None, Some(12)] {
            let step = Progress { done: 3, total };
            assert_eq!(progress(sent(&step)), Some(step));
        }
    }
}
