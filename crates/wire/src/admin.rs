//! What administrators see and change: people and their limits, usage, the models' health, the audit log.

use crate::{AuditId, Timestamp, UserId, auth::Role};
use serde::{Deserialize, Serialize};

/// What one user may, where it differs from everybody: `null` is what the configuration says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UserLimits {
    /// Prompts a minute; at least 1.
    #[serde(default)]
    pub prompts_per_minute: Option<u32>,
    /// Prompts a day (UTC); 0: as many as they like.
    #[serde(default)]
    pub prompts_per_day: Option<u32>,
    /// Answers written at once; at least 1.
    #[serde(default)]
    pub generations: Option<u32>,
    /// Bytes of all their documents.
    #[serde(default)]
    pub document_quota: Option<u64>,
}

/// What everybody may who has no limits of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DefaultLimits {
    /// Prompts a minute.
    pub prompts_per_minute: u32,
    /// Prompts a day (UTC); 0: as many as they like.
    pub prompts_per_day: u32,
    /// Answers written at once.
    pub generations: u32,
    /// Bytes of all their documents.
    pub document_quota: u64,
}

/// An account, as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Account {
    /// Who.
    pub id: UserId,
    /// Lower case.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When they were last heard of: in a chat, or by a device they are signed in on. `null`: never, or long ago.
    pub last_seen_at: Option<Timestamp>,
    /// Since when they may not sign in; `null`: they may.
    pub locked_at: Option<Timestamp>,
    /// What they may, where it differs from everybody.
    pub limits: UserLimits,
    /// What they asked for in the last 30 days.
    pub usage: UsageCounts,
    /// Conversations in which something was said, as many as there are now.
    pub conversations: u64,
    /// Messages in them: theirs and the answers, on all branches.
    pub messages: u64,
}

/// `GET /admin/api/user`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AccountPage {
    /// By their addresses.
    pub users: Vec<Account>,
    /// For `?after=`; `null` at the end.
    pub next: Option<String>,
    /// What holds for those without limits of their own.
    pub defaults: DefaultLimits,
}

/// `PATCH /admin/api/user/{id}`: what is absent stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AccountChange {
    /// Not one's own, and the last administrator stays one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// An administrator cannot be locked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked: Option<bool>,
    /// Replaces all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<UserLimits>,
}

/// A link that is good once: for a new password, or a new account. Said once, and never again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OneTimeLink {
    /// To hand over.
    pub link: String,
    /// It is good until then.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for OneTimeLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OneTimeLink")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// What was asked for, counted when an answer has ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UsageCounts {
    /// Answers that were asked for: prompts, edits, other answers, answers that go on.
    pub prompts: u64,
    /// Of them, those that were written to their end.
    pub answers: u64,
    /// Of them, those that failed or broke off. What is neither was stopped by its reader.
    pub failures: u64,
    /// Tokens the model read, as far as it says.
    pub tokens_in: u64,
    /// Tokens it wrote, as far as it says: of an answer that was stopped it does not.
    pub tokens_out: u64,
}

impl UsageCounts {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            prompts: self.prompts.saturating_add(other.prompts),
            answers: self.answers.saturating_add(other.answers),
            failures: self.failures.saturating_add(other.failures),
            tokens_in: self.tokens_in.saturating_add(other.tokens_in),
            tokens_out: self.tokens_out.saturating_add(other.tokens_out),
        }
    }
}

/// `GET /admin/api/usage`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UsageReport {
    /// Every day that was asked for (UTC), oldest first; also those on which nothing happened.
    pub days: Vec<UsageOfDay>,
    /// Of all these days together.
    pub total: UsageCounts,
    /// By model, the one that wrote most first.
    pub models: Vec<UsageOfModel>,
    /// The ten people who asked most.
    pub users: Vec<UsageOfUser>,
}

/// What happened on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UsageOfDay {
    /// `2024-01-15`, in UTC.
    pub day: String,
    /// How much.
    pub counts: UsageCounts,
}

/// What a model was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UsageOfModel {
    /// Its name.
    pub model: String,
    /// How much.
    pub counts: UsageCounts,
}

/// What a user asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UsageOfUser {
    /// Who.
    pub id: UserId,
    /// `null`: the account is gone.
    pub email: Option<String>,
    /// How much.
    pub counts: UsageCounts,
}

/// `GET /admin/api/health`: what this server knows since it was started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct HealthReport {
    /// When this server was started: what follows is since then.
    pub since: Timestamp,
    /// Those that answer: the one that was chosen first, then those that chatbots name.
    pub models: Vec<ModelHealth>,
    /// The one that finds passages; `null`: they are found by their words.
    pub embedding: Option<EmbeddingHealth>,
    /// Answers being written here.
    pub running: u32,
    /// Prompts that wait for their turn here.
    pub waiting: u32,
    /// What is done with documents.
    pub documents: DocumentQueue,
}

/// How a model does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ModelHealth {
    /// Its name.
    pub name: String,
    /// Where it runs.
    pub place: ModelPlace,
    /// Whether it can answer now. Of a model elsewhere: whether it did, when it was asked last.
    pub state: HealthState,
    /// Why it cannot, and how far a model is that is being loaded.
    pub detail: Option<String>,
    /// When it last wrote an answer to its end.
    pub last_success_at: Option<Timestamp>,
    /// When it last failed.
    pub last_error_at: Option<Timestamp>,
    /// What it said then.
    pub last_error: Option<String>,
    /// Tokens a second of its last answer, from its first word on.
    pub tokens_per_second: Option<f32>,
}

/// Where a model runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ModelPlace {
    /// In this process.
    Local,
    /// Behind a URL.
    Remote,
}

/// How something does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    /// It answers.
    Ready,
    /// It is being loaded.
    Loading,
    /// It cannot be loaded, or failed when it was asked last.
    Failed,
    /// It was not asked yet.
    Untried,
}

/// How the embedding model does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct EmbeddingHealth {
    /// What its vectors are stored under.
    pub name: String,
    /// Where it runs.
    pub place: ModelPlace,
    /// Whether it can be asked.
    pub state: HealthState,
    /// Why not.
    pub detail: Option<String>,
}

/// Documents by what is done with them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DocumentQueue {
    /// They wait.
    pub queued: u32,
    /// They are being read, cut or embedded.
    pub working: u32,
    /// They cannot be used.
    pub failed: u32,
    /// There are more than were counted, of one of these.
    pub more: bool,
}

/// What the audit log notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuditKind {
    /// An account was made.
    Registered,
    /// Somebody signed in.
    SignedIn,
    /// Somebody tried to, with a wrong password or to a locked account.
    SignInFailed,
    /// Somebody signed out.
    SignedOut,
    /// Sign-ins were ended by their user or by an administrator.
    SignInsEnded,
    /// A password was replaced.
    PasswordChanged,
    /// An administrator made a link for a new password.
    PasswordLinkMade,
    /// A link for a new account was made.
    Invited,
    /// Somebody was made an administrator, or is none any more.
    RoleChanged,
    /// An account was locked.
    Locked,
    /// It was unlocked.
    Unlocked,
    /// A user's own limits were changed.
    LimitsChanged,
    /// Something of an account was changed: its name, its language.
    AccountChanged,
    /// An account was deleted.
    AccountDeleted,
    /// Everything of an account was exported, or the audit log.
    Exported,
    /// A chatbot was made.
    ChatbotCreated,
    /// Its settings were changed, or who may use it.
    ChatbotChanged,
    /// It was deleted.
    ChatbotDeleted,
    /// A file was uploaded.
    DocumentAdded,
    /// It was deleted.
    DocumentDeleted,
}

impl AuditKind {
    /// All of them, in the order in which people choose from them.
    pub const ALL: [Self; 20] = [
        Self::SignedIn,
        Self::SignInFailed,
        Self::SignedOut,
        Self::SignInsEnded,
        Self::Registered,
        Self::Invited,
        Self::PasswordChanged,
        Self::PasswordLinkMade,
        Self::RoleChanged,
        Self::Locked,
        Self::Unlocked,
        Self::LimitsChanged,
        Self::AccountChanged,
        Self::AccountDeleted,
        Self::Exported,
        Self::ChatbotCreated,
        Self::ChatbotChanged,
        Self::ChatbotDeleted,
        Self::DocumentAdded,
        Self::DocumentDeleted,
    ];

    /// The word on the wire, in addresses and in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::SignedIn => "signed_in",
            Self::SignInFailed => "sign_in_failed",
            Self::SignedOut => "signed_out",
            Self::SignInsEnded => "sign_ins_ended",
            Self::PasswordChanged => "password_changed",
            Self::PasswordLinkMade => "password_link_made",
            Self::Invited => "invited",
            Self::RoleChanged => "role_changed",
            Self::Locked => "locked",
            Self::Unlocked => "unlocked",
            Self::LimitsChanged => "limits_changed",
            Self::AccountChanged => "account_changed",
            Self::AccountDeleted => "account_deleted",
            Self::Exported => "exported",
            Self::ChatbotCreated => "chatbot_created",
            Self::ChatbotChanged => "chatbot_changed",
            Self::ChatbotDeleted => "chatbot_deleted",
            Self::DocumentAdded => "document_added",
            Self::DocumentDeleted => "document_deleted",
        }
    }
}

/// Who did what, when, and from where. Never a secret, never what was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// Which; later ones sort behind earlier ones.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: AuditKind,
    /// Who did it; `null`: nobody who proved who they are, or the command line.
    pub actor: Option<UserId>,
    /// Their address at that time, or what was typed for one.
    pub email: String,
    /// Whose account it is about, when it is another's.
    pub about: Option<UserId>,
    /// More about it: the name of a chatbot or a file, the new role. Empty: the kind says it all.
    pub detail: String,
    /// The network address it came from, where that is known.
    pub address: Option<String>,
}

/// `GET /admin/api/audit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AuditPage {
    /// Latest first.
    pub entries: Vec<AuditEntry>,
    /// For `?before=`; `null` at the end.
    pub next: Option<AuditId>,
}
