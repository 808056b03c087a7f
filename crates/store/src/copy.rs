//! Copying everything from the embedded store into a MongoDB: how somebody outgrows one machine.
//!
//! Must not know: how either store keeps things; it sees [`Record`]s, which both can give. Nothing else may write to
//! either store meanwhile: the source is locked by its caller, and the target refuses to serve until the copy is whole.
//! Start at [`copy`].
//!
//! A slice is read, inserted, and noted; broken off anywhere, the copy goes on at the note, and a slice that was inserted
//! and not noted is met again as duplicates. At the end both sides are read whole, and for each subject the number of
//! records and a sum over all they hold must agree: what was inserted wrongly, or damaged since, is found there.

use crate::{
    SqliteStore, StoreError,
    chatbot::ChatbotRecord,
    conversation::ConversationRecord,
    document::{ChunkRecord, ChunkVector, DocumentRecord, LibraryRecord},
    generation::{ChunkBatch, GenerationRecord},
    message::MessageRecord,
    mongo::Target,
    sign_in::{SignIn, TokenHash},
    standing::{PasswordLink, Standing},
    usage::UsageRecord,
    user::UserRecord,
    vector,
};
use sha2::{Digest, Sha256};
use std::ops::ControlFlow;
use wire::{
    ChatbotId, ConversationId, DocumentId, GenerationId, SessionId, SignInId, Timestamp, UserId,
    admin::AuditEntry,
};

/// Records that are copied at a time.
const SLICE: u32 = 500;
/// The same of parts of files and texts, each of which may be as large as [`PART_BYTES`](crate::document::PART_BYTES).
const PARTS: u32 = 32;

/// What is kept, by kind; in the order in which it is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Accounts.
    User,
    /// Invitations.
    Invitation,
    /// Sign-ins.
    SignIn,
    /// Refresh tokens, by their hashes.
    RefreshToken,
    /// Socket tickets that were used.
    UsedTicket,
    /// Chatbots, deleted ones too.
    Chatbot,
    /// Conversations.
    Conversation,
    /// Messages.
    Message,
    /// Sessions and the fences of those that were.
    Session,
    /// Generations.
    Generation,
    /// Their logs and seals.
    ChunkBatch,
    /// Documents, without what they hold.
    Document,
    /// Their files, in parts.
    DocumentPart,
    /// Their texts, in parts.
    DocumentText,
    /// Their passages.
    DocumentChunk,
    /// The passages' vectors, of each embedding model.
    DocumentVector,
    /// What chatbots are answered from, as a whole.
    Library,
    /// What the program keeps for itself.
    Note,
    /// What administrators said about users.
    Standing,
    /// Links for a new password.
    PasswordLink,
    /// Counters of usage.
    Usage,
    /// The audit log.
    Audit,
}

impl Subject {
    /// All of them, in order.
    pub const ALL: [Self; 22] = [
        Self::User,
        Self::Invitation,
        Self::SignIn,
        Self::RefreshToken,
        Self::UsedTicket,
        Self::Chatbot,
        Self::Conversation,
        Self::Message,
        Self::Session,
        Self::Generation,
        Self::ChunkBatch,
        Self::Document,
        Self::DocumentPart,
        Self::DocumentText,
        Self::DocumentChunk,
        Self::DocumentVector,
        Self::Library,
        Self::Note,
        Self::Standing,
        Self::PasswordLink,
        Self::Usage,
        Self::Audit,
    ];

    /// Records of it that are read at a time.
    fn slice(self) -> u32 {
        match self {
            Self::DocumentPart | Self::DocumentText => PARTS,
            _ => SLICE,
        }
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "accounts",
            Self::Invitation => "invitations",
            Self::SignIn => "sign-ins",
            Self::RefreshToken => "refresh tokens",
            Self::UsedTicket => "used tickets",
            Self::Chatbot => "chatbots",
            Self::Conversation => "conversations",
            Self::Message => "messages",
            Self::Session => "sessions",
            Self::Generation => "generations",
            Self::ChunkBatch => "batches of the logs",
            Self::Document => "documents",
            Self::DocumentPart => "parts of files",
            Self::DocumentText => "parts of texts",
            Self::DocumentChunk => "passages",
            Self::DocumentVector => "vectors",
            Self::Library => "libraries",
            Self::Note => "notes",
            Self::Standing => "locks and limits",
            Self::PasswordLink => "links for a new password",
            Self::Usage => "counters of usage",
            Self::Audit => "lines of the audit log",
        }
    }
}

/// Word of how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// So many more of these were copied.
    Copied(Subject, u64),
    /// Both sides have this many of these, and they are the same.
    Verified(Subject, u64),
}

/// Why there is no whole copy. Each names the cause and the cure.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// One of the stores.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The target is in use.
    #[error("the target database holds other data: name an empty one, or drop it first")]
    Occupied,
    /// The target was filled from elsewhere.
    #[error("the target database was begun from another source, {0}: name an empty one, or drop it first")]
    AnotherSource(String),
    /// The two sides differ.
    #[error(
        "the copy is not whole: {} {found} of {expected} {}, and the sums over them {}. Drop the target database and copy again",
        if found == expected { "there are" } else { "there are only" }, .subject.name(),
        if found == expected { "differ" } else { "cannot agree" }
    )]
    Differs {
        /// In what.
        subject: Subject,
        /// How many the source has.
        expected: u64,
        /// How many the target has.
        found: u64,
    },
    /// Whoever hears of the progress wanted it to stop.
    #[error("the copy was broken off; run the same command again to go on")]
    BrokenOff,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyOutcome {
    /// Everything is there, and was verified.
    Copied,
    /// An earlier copy from this source was finished; the target may have been in use since, and was not touched.
    DoneBefore,
}

/// Copies everything, or goes on where an earlier copy was broken off, and verifies it. `source` names the source: a copy
/// goes on from the same one only.
///
/// # Errors
/// See [`CopyError`].
pub async fn copy(
    from: &SqliteStore,
    uri: &str,
    database: &str,
    source: &str,
    progress: &mut (dyn FnMut(Progress) -> ControlFlow<()> + Send),
) -> std::result::Result<CopyOutcome, CopyError> {
    let target = Target::open(uri, database).await?;
    let mut at = match target.state().await? {
        None if target.is_occupied().await? => return Err(CopyError::Occupied),
        None => Place::start(),
        Some(state) if state.source != source => return Err(CopyError::AnotherSource(state.source)),
        Some(state) if state.is_done => return Ok(CopyOutcome::DoneBefore),
        Some(state) => state.at,
    };
    target.note(source, &at, false).await?;
    while let Some(subject) = at.subject() {
        let slice = from.page_of(subject, at.after.clone(), subject.slice()).await?;
        let Some(last) = slice.last() else {
            at = at.next_subject();
            target.note(source, &at, false).await?;
            continue;
        };
        at.after = last.key();
        target.insert(&slice).await?;
        target.note(source, &at, false).await?;
        let count = u64::try_from(slice.len()).unwrap_or(u64::MAX);
        if progress(Progress::Copied(subject, count)).is_break() {
            return Err(CopyError::BrokenOff);
        }
    }
    for subject in Subject::ALL {
        let mut expected = Sum::default();
        let mut after = Vec::new();
        loop {
            let slice = from.page_of(subject, after, subject.slice()).await?;
            let Some(last) = slice.last() else { break };
            after = last.key();
            slice.iter().for_each(|record| expected.add(record));
        }
        let found = target.sum(subject).await?;
        if found != expected {
            return Err(CopyError::Differs {
                subject,
                expected: expected.count,
                found: found.count,
            });
        }
        if progress(Progress::Verified(subject, found.count)).is_break() {
            return Err(CopyError::BrokenOff);
        }
    }
    target.note(source, &at, true).await?;
    target.close().await;
    Ok(CopyOutcome::Copied)
}

/// How far a copy has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The subject's number in [`Subject::ALL`].
    pub(crate) subject: u64,
    /// The key of its last record that is copied; empty at its start.
    pub(crate) after: Vec<u8>,
}

impl Place {
    fn start() -> Self {
        Self {
            subject: 0,
            after: Vec::new(),
        }
    }

    fn subject(&self) -> Option<Subject> {
        let number = usize::try_from(self.subject).ok()?;
        Subject::ALL.get(number).copied()
    }

    fn next_subject(&self) -> Self {
        Self {
            subject: self.subject.saturating_add(1),
            after: Vec::new(),
        }
    }
}

/// What the target remembers of a copy.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) source: String,
    pub(crate) at: Place,
    pub(crate) is_done: bool,
}

/// One record, whole: with what no method of the store tells.
pub(crate) enum Record {
    User(UserRecord),
    Invitation {
        code_hash: [u8; 32],
        expires_at: Timestamp,
        redeemed: Option<(UserId, Timestamp)>,
    },
    SignIn(SignIn),
    RefreshToken {
        hash: TokenHash,
        sign_in_id: SignInId,
        rotated_at: Option<Timestamp>,
    },
    UsedTicket {
        hash: TokenHash,
        expires_at: Timestamp,
    },
    Chatbot {
        record: ChatbotRecord,
        deleted_at: Option<Timestamp>,
    },
    Conversation {
        record: ConversationRecord,
        session_fence: u64,
        last_position: u64,
    },
    Message {
        record: MessageRecord,
        user_id: UserId,
        chatbot_id: ChatbotId,
    },
    Session {
        user_id: UserId,
        /// `None` when none is active.
        id: Option<SessionId>,
        fence: u64,
        sign_in_id: SignInId,
        chatbot_id: ChatbotId,
        conversation_id: ConversationId,
        node_id: String,
        opened_at: Timestamp,
        last_seen_at: Timestamp,
    },
    Generation {
        record: GenerationRecord,
        sealed: bool,
        stop_requested: bool,
        log_collected: bool,
    },
    Batch(ChunkBatch),
    Seal {
        generation_id: GenerationId,
        first_seq: u64,
        fence: u64,
    },
    /// The number of its change is not copied: it is news for those who are connected, and nobody is.
    Document(DocumentRecord),
    DocumentPart {
        document_id: DocumentId,
        part: u32,
        bytes: Vec<u8>,
    },
    DocumentText {
        document_id: DocumentId,
        fence: u64,
        part: u32,
        bytes: Vec<u8>,
    },
    DocumentChunk {
        document_id: DocumentId,
        fence: u64,
        chunk: ChunkRecord,
    },
    DocumentVector {
        document_id: DocumentId,
        fence: u64,
        model: String,
        vector: ChunkVector,
    },
    Library {
        chatbot_id: ChatbotId,
        record: LibraryRecord,
    },
    Note {
        name: String,
        text: String,
    },
    Standing {
        user_id: UserId,
        record: Standing,
    },
    PasswordLink {
        code_hash: [u8; 32],
        record: PasswordLink,
        used_at: Option<Timestamp>,
    },
    /// Without what was counted last: everything that runs has ended before the copy.
    Usage(UsageRecord),
    Audit(AuditEntry),
}

/// The key of a counter: its day, its user, its model.
fn usage_key(record: &UsageRecord) -> Vec<u8> {
    let mut key = record.day.number().to_be_bytes().to_vec();
    key.extend(record.user_id.as_uuid().as_bytes());
    key.extend(record.model.as_bytes());
    key
}

/// Such a key, read again. What is missing of it is 0 or empty.
pub(crate) fn usage_place(key: &[u8]) -> (u32, &[u8], &[u8]) {
    let (day, rest) = key.split_first_chunk::<4>().unwrap_or((&[0; 4], &[]));
    let (user, model) = rest.split_at_checked(16).unwrap_or((&[], &[]));
    (u32::from_be_bytes(*day), user, model)
}

/// The key of a batch or a seal: of one generation by number.
pub(crate) fn batch_key(generation: GenerationId, first_seq: u64) -> Vec<u8> {
    let mut key = generation.as_uuid().as_bytes().to_vec();
    key.extend(first_seq.to_be_bytes());
    key
}

/// The key of something of a document that has a place by numbers, and perhaps a name behind them.
fn place_key(document: DocumentId, numbers: &[u64], name: &str) -> Vec<u8> {
    let mut key = document.as_uuid().as_bytes().to_vec();
    numbers.iter().for_each(|number| key.extend(number.to_be_bytes()));
    key.extend(name.as_bytes());
    key
}

/// Such a key, read again: the document's id, so many numbers, and the name. What is missing of it is empty or 0.
pub(crate) fn place_of<const NUMBERS: usize>(key: &[u8]) -> (&[u8], [u64; NUMBERS], &[u8]) {
    let (document, mut rest) = key.split_at_checked(16).unwrap_or((&[], &[]));
    let numbers = std::array::from_fn(|_| {
        let (number, behind) = rest.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
        rest = behind;
        u64::from_be_bytes(*number)
    });
    (document, numbers, rest)
}

/// Of what is too large to be written out.
fn digest(bytes: &[u8]) -> String {
    format!("{}:{:?}", bytes.len(), Sha256::digest(bytes).as_slice())
}

impl Record {
    /// What it is known by; records of a subject are read in this order.
    fn key(&self) -> Vec<u8> {
        let id = |uuid: uuid::Uuid| uuid.as_bytes().to_vec();
        match self {
            Self::User(user) => id(user.id.as_uuid()),
            Self::Invitation { code_hash, .. } => code_hash.to_vec(),
            Self::SignIn(sign_in) => id(sign_in.id.as_uuid()),
            Self::RefreshToken { hash, .. } | Self::UsedTicket { hash, .. } => hash.to_vec(),
            Self::Chatbot { record, .. } => id(record.id.as_uuid()),
            Self::Conversation { record, .. } => id(record.id.as_uuid()),
            Self::Message { record, .. } => id(record.id.as_uuid()),
            Self::Session { user_id, .. } => id(user_id.as_uuid()),
            Self::Generation { record, .. } => id(record.id.as_uuid()),
            Self::Batch(batch) => batch_key(batch.generation_id, batch.first_seq),
            Self::Seal {
                generation_id,
                first_seq,
                ..
            } => batch_key(*generation_id, *first_seq),
            Self::Document(document) => id(document.id.as_uuid()),
            Self::DocumentPart {
                document_id, part, ..
            } => place_key(*document_id, &[u64::from(*part)], ""),
            Self::DocumentText {
                document_id,
                fence,
                part,
                ..
            } => place_key(*document_id, &[*fence, u64::from(*part)], ""),
            Self::DocumentChunk {
                document_id,
                fence,
                chunk,
            } => place_key(*document_id, &[*fence, u64::from(chunk.index)], ""),
            Self::DocumentVector {
                document_id,
                fence,
                model,
                vector,
            } => place_key(*document_id, &[*fence, u64::from(vector.index)], model),
            Self::Library { chatbot_id, .. } => id(chatbot_id.as_uuid()),
            Self::Note { name, .. } => name.clone().into_bytes(),
            Self::Standing { user_id, .. } => id(user_id.as_uuid()),
            Self::PasswordLink { code_hash, .. } => code_hash.to_vec(),
            Self::Usage(record) => usage_key(record),
            Self::Audit(entry) => id(entry.id.as_uuid()),
        }
    }

    /// All it holds, as text that two different records never share. Goes into a sum and nowhere else: it has secrets.
    fn written(&self) -> String {
        match self {
            Self::User(user) => {
                let UserRecord {
                    id,
                    email,
                    password_hash,
                    role,
                    created_at,
                    profile,
                } = user;
                format!("{:?}", (id, email, password_hash, role, created_at, profile))
            }
            Self::Invitation {
                code_hash,
                expires_at,
                redeemed,
            } => format!("{:?}", (code_hash, expires_at, redeemed)),
            Self::SignIn(sign_in) => format!("{sign_in:?}"),
            Self::RefreshToken {
                hash,
                sign_in_id,
                rotated_at,
            } => format!("{:?}", (hash, sign_in_id, rotated_at)),
            Self::UsedTicket { hash, expires_at } => format!("{:?}", (hash, expires_at)),
            Self::Chatbot { record, deleted_at } => format!("{:?}", (record, deleted_at)),
            Self::Conversation {
                record,
                session_fence,
                last_position,
            } => format!("{:?}", (record, session_fence, last_position)),
            Self::Message {
                record,
                user_id,
                chatbot_id,
            } => format!("{:?}", (record, user_id, chatbot_id)),
            Self::Session {
                user_id,
                id,
                fence,
                sign_in_id,
                chatbot_id,
                conversation_id,
                node_id,
                opened_at,
                last_seen_at,
            } => {
                let whose = (user_id, id, fence, sign_in_id);
                let what = (chatbot_id, conversation_id, node_id, opened_at, last_seen_at);
                format!("{:?}", (whose, what))
            }
            Self::Generation {
                record,
                sealed,
                stop_requested,
                log_collected,
            } => format!("{:?}", (record, sealed, stop_requested, log_collected)),
            Self::Batch(batch) => format!("{batch:?}"),
            Self::Seal {
                generation_id,
                first_seq,
                fence,
            } => format!("{:?}", (generation_id, first_seq, fence)),
            Self::Document(document) => format!("{document:?}"),
            Self::DocumentPart {
                document_id,
                part,
                bytes,
            } => format!("{:?}", (document_id, part, digest(bytes))),
            Self::DocumentText {
                document_id,
                fence,
                part,
                bytes,
            } => format!("{:?}", (document_id, fence, part, digest(bytes))),
            Self::DocumentChunk {
                document_id,
                fence,
                chunk,
            } => format!("{:?}", (document_id, fence, chunk)),
            Self::DocumentVector {
                document_id,
                fence,
                model,
                vector,
            } => {
                let bytes = digest(&vector::encode(&vector.vector));
                format!("{:?}", (document_id, fence, model, vector.index, bytes))
            }
            Self::Library { chatbot_id, record } => format!("{:?}", (chatbot_id, record)),
            Self::Note { name, text } => format!("{:?}", (name, text)),
            Self::Standing { user_id, record } => format!("{:?}", (user_id, record)),
            Self::PasswordLink {
                code_hash,
                record,
                used_at,
            } => format!(
                "{:?}",
                (code_hash, record.user_id, record.mark, record.expires_at, used_at)
            ),
            Self::Usage(record) => format!("{record:?}"),
            Self::Audit(entry) => format!("{entry:?}"),
        }
    }
}

/// Records, counted and summed up in any order.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Sum {
    count: u64,
    sum: u128,
}

impl Sum {
    pub(crate) fn add(&mut self, record: &Record) {
        let digest = Sha256::digest(record.written());
        let half = digest
            .first_chunk::<16>()
            .map_or(0, |half| u128::from_be_bytes(*half));
        self.count = self.count.saturating_add(1);
        self.sum = self.sum.wrapping_add(half);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_in_a_documents_contents_is_read_from_its_key_again() {
        let id = DocumentId::from_uuid(uuid::Uuid::from_u128(7));
        let key = place_key(id, &[3, 400], "minilm");
        let (document, numbers, name) = place_of::<2>(&key);
        assert_eq!(
            (document, numbers, name),
            (&id.as_uuid().as_bytes()[..], [3, 400], &b"minilm"[..])
        );
        assert_eq!(place_of::<2>(&[]), (&[][..], [0, 0], &[][..]), "the start of all");
    }
}
