//! The store, measured: every call of every implementation, in one place, under the name of its method.
//!
//! A decorator, so that neither an implementation nor a caller knows of it. A method that is added to a trait of the
//! store does not compile until it has its line here. Background writes of a log ([`UNTRACED`]) have a duration but no
//! span: five a second for minutes would bury the rest of a trace.

use super::{Metrics, trace};
use async_trait::async_trait;
use std::{sync::Arc, time::Duration};
use store::{
    Hints, Result, Store, StoreError,
    audit::{AuditFilter, Audits},
    chatbot::{ChatbotRecord, Chatbots},
    conversation::{ConversationCounts, ConversationCursor, ConversationRecord, Conversations},
    document::{
        ChunkRecord, ChunkVector, DocumentReady, DocumentRecord, DocumentUse, Documents, LibraryRecord, Room,
        Sealed,
    },
    generation::{ChunkBatch, Ended, GenerationRecord, Generations, LogText},
    message::{Appended, GivenFeedback, MessageLink, MessageRecord, Messages, NewMessage},
    note::Notes,
    search::SearchHit,
    session::{NewSession, OpenedSession, SessionRecord, Sessions},
    sign_in::{Rotation, SignIn, SignIns, TokenHash},
    standing::{PasswordLink, Standing, Standings},
    usage::{Counting, Day, UsageSums, Usages},
    user::{Profile, UserRecord, Users},
};
use tokio::time::Instant;
use tracing::{Instrument, Span};
use wire::{
    AuditId, ChatbotId, ClientMessageId, ConversationId, DocumentId, GenerationId, MessageId, SessionId,
    SignInId, Timestamp, UserId,
    admin::{AuditEntry, UsageCounts, UserLimits},
    auth::Role,
    document::{Citation, DocumentFailure, DocumentStatus, Progress},
    message::Outcome,
};

/// What gets no span.
const UNTRACED: &str = "append_chunks";

/// A store whose calls are timed.
#[derive(Debug)]
pub struct MeasuredStore {
    inner: Arc<dyn Store>,
    metrics: Arc<Metrics>,
}

impl MeasuredStore {
    /// The same store, measured.
    pub fn new(inner: Arc<dyn Store>, metrics: Arc<Metrics>) -> Self {
        Self { inner, metrics }
    }

    async fn timed<T>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        let mut timing = Timing {
            metrics: &self.metrics,
            operation,
            result: "given_up",
            started: Instant::now(),
        };
        let span = if operation == UNTRACED {
            Span::none()
        } else {
            trace::store(operation)
        };
        let result = call.instrument(span.clone()).await;
        timing.result = match &result {
            Ok(_) => "ok",
            Err(StoreError::Conflict(_) | StoreError::NotFound(_) | StoreError::Fenced(_)) => "refused",
            Err(StoreError::Unavailable(_) | StoreError::Unusable(_)) => "unavailable",
            Err(StoreError::Damaged(_)) => "damaged",
        };
        if matches!(timing.result, "unavailable" | "damaged") {
            trace::failed(&span);
        }
        result
    }
}

/// Counts when it is dropped: a call that nobody waited for to its end is counted too, or the slowest would be missing.
struct Timing<'a> {
    metrics: &'a Metrics,
    operation: &'static str,
    result: &'static str,
    started: Instant,
}

impl Drop for Timing<'_> {
    fn drop(&mut self) {
        self.metrics
            .store(self.operation, self.result, self.started.elapsed());
    }
}

/// `Trait { method(argument: Type, …) -> Type; … }`: each passed on, timed.
macro_rules! measured {
    ($($subject:ident { $($method:ident($($argument:ident: $kind:ty),* $(,)?) -> $output:ty;)+ })+) => {$(
        #[async_trait]
        impl $subject for MeasuredStore {$(
            async fn $method(&self, $($argument: $kind),*) -> Result<$output> {
                self.timed(stringify!($method), self.inner.$method($($argument),*)).await
            }
        )+}
    )+};
}

measured! {
    Users {
        create_user(user: UserRecord) -> ();
        user(id: UserId) -> Option<UserRecord>;
        user_by_email(email: &str) -> Option<UserRecord>;
        users(after: Option<UserId>, limit: u32) -> Vec<UserRecord>;
        users_by_email(prefix: &str, after: Option<&str>, limit: u32) -> Vec<UserRecord>;
        has_admin() -> bool;
        set_password(id: UserId, password_hash: &str) -> ();
        set_role(id: UserId, role: Role) -> ();
        demote(id: UserId) -> bool;
        set_profile(id: UserId, profile: Profile) -> ();
        delete_user(id: UserId) -> bool;
        create_invitation(code_hash: [u8; 32], expires_at: Timestamp) -> ();
        redeem_invitation(code_hash: [u8; 32], by: UserId, now: Timestamp) -> bool;
    }
    SignIns {
        create_sign_in(sign_in: SignIn, first: TokenHash) -> ();
        rotate_refresh_token(
            token: TokenHash,
            successor: TokenHash,
            now: Timestamp,
            grace: Duration,
            expires_at: Timestamp,
        ) -> Rotation;
        sign_in(id: SignInId) -> Option<SignIn>;
        sign_ins_of(user: UserId, now: Timestamp) -> Vec<SignIn>;
        note_sign_in_use(id: SignInId, now: Timestamp) -> ();
        ended_sign_ins(ids: &[SignInId], now: Timestamp) -> Vec<SignInId>;
        revoke_sign_in(id: SignInId, now: Timestamp) -> ();
        revoke_sign_ins_of(user: UserId, now: Timestamp) -> ();
        delete_sign_ins_of(user: UserId) -> ();
        redeem_ticket(ticket: TokenHash, expires_at: Timestamp) -> bool;
        collect_sign_ins(before: Timestamp) -> u64;
        collect_rotated_tokens(before: Timestamp) -> u64;
        collect_tickets(before: Timestamp) -> u64;
    }
    Chatbots {
        create_chatbot(chatbot: ChatbotRecord) -> ();
        chatbot(id: ChatbotId) -> Option<ChatbotRecord>;
        chatbots_visible_to(user: UserId, all: bool) -> Vec<ChatbotRecord>;
        update_chatbot(chatbot: ChatbotRecord) -> ();
        delete_chatbot(id: ChatbotId, now: Timestamp) -> bool;
    }
    Conversations {
        create_conversation(conversation: ConversationRecord) -> ();
        conversation(id: ConversationId) -> Option<ConversationRecord>;
        conversations_by_id(ids: &[ConversationId]) -> Vec<ConversationRecord>;
        latest_conversation(user: UserId, chatbot: ChatbotId) -> Option<ConversationRecord>;
        empty_conversation(user: UserId, chatbot: ChatbotId) -> Option<ConversationRecord>;
        conversations(
            user: UserId,
            chatbot: Option<ChatbotId>,
            after: Option<ConversationCursor>,
            limit: u32,
        ) -> Vec<ConversationRecord>;
        all_conversations(
            user: UserId,
            after: Option<ConversationId>,
            limit: u32,
        ) -> Vec<ConversationRecord>;
        pinned_conversations(user: UserId, limit: u32) -> Vec<ConversationRecord>;
        conversation_counts(user: UserId) -> ConversationCounts;
        set_pinned(id: ConversationId, pinned: bool) -> ();
        set_title(id: ConversationId, title: &str) -> ();
        set_first_title(id: ConversationId, title: &str) -> bool;
        replace_title(id: ConversationId, from: &str, to: &str) -> bool;
        move_active_leaf(
            id: ConversationId,
            from: Option<MessageId>,
            to: MessageId,
            now: Timestamp,
        ) -> bool;
        delete_conversation(id: ConversationId, now: Timestamp) -> bool;
    }
    Messages {
        append_message(message: NewMessage) -> Appended;
        append_visible_message(
            message: NewMessage,
            from: Option<MessageId>,
            session_fence: Option<u64>,
        ) -> (Appended, bool);
        withdraw_message(id: MessageId) -> bool;
        message_by_client_id(
            conversation: ConversationId,
            client_message_id: ClientMessageId,
        ) -> Option<MessageRecord>;
        message(id: MessageId) -> Option<MessageRecord>;
        branch(leaf: MessageId, limit: u32) -> (Vec<MessageRecord>, bool);
        search_messages(user: UserId, query: &str, chatbot: Option<ChatbotId>, limit: u32) -> Vec<SearchHit>;
        all_messages(conversation: ConversationId, after: u64, limit: u32) -> Vec<MessageRecord>;
        children(conversation: ConversationId, parents: &[Option<MessageId>]) -> Vec<MessageLink>;
        reopen_message(id: MessageId, generation: GenerationId, last: Option<GenerationId>) -> bool;
        note_citations(id: MessageId, generation: GenerationId, citations: &[Citation]) -> bool;
        note_feedback(id: MessageId, feedback: Option<GivenFeedback>) -> bool;
        feedback_on(chatbot: ChatbotId, limit: u32) -> Vec<GivenFeedback>;
        settle_message(id: MessageId, generation: GenerationId, text: &str, outcome: Outcome) -> bool;
    }
    Sessions {
        open_session(session: NewSession) -> OpenedSession;
        session(id: SessionId) -> Option<SessionRecord>;
        session_of(user: UserId) -> Option<SessionRecord>;
        active_sessions(ids: &[SessionId]) -> Vec<SessionRecord>;
        touch_session(id: SessionId, node_id: &str, now: Timestamp) -> bool;
        close_session(id: SessionId) -> bool;
        delete_session_of(user: UserId) -> ();
        sessions_silent_since(before: Timestamp, limit: u32) -> Vec<SessionRecord>;
        close_silent_session(id: SessionId, before: Timestamp) -> bool;
        last_seen(users: &[UserId]) -> Vec<(UserId, Timestamp)>;
    }
    Generations {
        start_generation(generation: GenerationRecord) -> ();
        abandon_generation(id: GenerationId) -> ();
        request_stop(id: GenerationId) -> bool;
        stops_requested(node_id: &str) -> Vec<GenerationId>;
        generation(id: GenerationId) -> Option<GenerationRecord>;
        generations_of(message: MessageId) -> Vec<GenerationRecord>;
        append_chunks(batches: Vec<ChunkBatch>) -> Vec<Result<()>>;
        chunks_after(id: GenerationId, after_seq: u64, limit: u32) -> Vec<ChunkBatch>;
        log_text(id: GenerationId) -> LogText;
        renew_leases(node_id: &str, ids: &[GenerationId], lease_until: Timestamp) -> Vec<GenerationId>;
        finish_generation(id: GenerationId, fence: u64, ended: Ended) -> bool;
        interrupt_generation(id: GenerationId, seen_lease: Timestamp, now: Timestamp) -> bool;
        mark_settled(id: GenerationId, counting: &Counting) -> ();
        unsettled_generations(from: Timestamp, limit: u32) -> Vec<GenerationRecord>;
        running_generation(conversation: ConversationId) -> Option<GenerationRecord>;
        unsettled_in(conversations: &[ConversationId]) -> Vec<GenerationRecord>;
        collect_logs(before: Timestamp) -> u64;
    }
    Documents {
        add_document(document: DocumentRecord) -> ();
        put_part(id: DocumentId, index: u32, bytes: Vec<u8>) -> ();
        seal_document(id: DocumentId, bytes: u64, sha256: [u8; 32], room: Room, now: Timestamp) -> Sealed;
        part(id: DocumentId, index: u32) -> Option<Vec<u8>>;
        document(id: DocumentId) -> Option<DocumentRecord>;
        documents(chatbot: ChatbotId) -> Vec<DocumentRecord>;
        count_documents(status: DocumentStatus, limit: u32) -> u32;
        document_use(user: UserId) -> DocumentUse;
        delete_document(id: DocumentId) -> bool;
        delete_documents_of(chatbot: ChatbotId) -> u64;
        claim_document(node_id: &str, now: Timestamp, lease_until: Timestamp) -> Option<DocumentRecord>;
        report_document(
            id: DocumentId,
            fence: u64,
            status: DocumentStatus,
            progress: Option<Progress>,
            lease_until: Timestamp,
        ) -> bool;
        set_media_type(id: DocumentId, fence: u64, media_type: &str) -> bool;
        put_text(id: DocumentId, fence: u64, index: u32, bytes: Vec<u8>) -> ();
        text(id: DocumentId, fence: u64, index: u32) -> Option<Vec<u8>>;
        put_chunks(id: DocumentId, fence: u64, chunks: Vec<ChunkRecord>) -> ();
        chunks(id: DocumentId, fence: u64, from: u32, limit: u32) -> Vec<ChunkRecord>;
        put_vectors(id: DocumentId, fence: u64, model: &str, vectors: Vec<ChunkVector>) -> ();
        vectors(id: DocumentId, fence: u64, model: &str, from: u32, limit: u32) -> Vec<ChunkVector>;
        finish_document(id: DocumentId, fence: u64, ready: DocumentReady) -> bool;
        fail_document(id: DocumentId, fence: u64, failure: DocumentFailure) -> bool;
        release_document(id: DocumentId, fence: u64) -> bool;
        requeue_document(id: DocumentId, now: Timestamp) -> bool;
        documents_without(model: &str, limit: u32) -> Vec<DocumentRecord>;
        claim_embedding(
            id: DocumentId,
            model: &str,
            node_id: &str,
            now: Timestamp,
            lease_until: Timestamp,
        ) -> Option<DocumentRecord>;
        finish_embedding(id: DocumentId, fence: u64, model: &str) -> bool;
        release_embedding(id: DocumentId, fence: u64) -> bool;
        forget_vectors(id: DocumentId, but: &str) -> ();
        library(chatbot: ChatbotId) -> LibraryRecord;
        switch_library(chatbot: ChatbotId, from: Option<&str>, to: &str) -> bool;
        document_changes(users: &[UserId]) -> Vec<(UserId, u64)>;
        changed_documents(user: UserId, after: u64, limit: u32) -> Vec<DocumentRecord>;
        collect_documents(before: Timestamp) -> u64;
        heal_documents() -> ();
    }
    Standings {
        standing(user: UserId) -> Standing;
        set_lock(user: UserId, locked_at: Option<Timestamp>) -> ();
        set_limits(user: UserId, limits: UserLimits) -> ();
        forget_standing(user: UserId) -> ();
        create_password_link(code_hash: [u8; 32], link: PasswordLink) -> ();
        password_link(code_hash: [u8; 32], now: Timestamp) -> Option<PasswordLink>;
        use_password_link(code_hash: [u8; 32], now: Timestamp) -> bool;
        collect_password_links(before: Timestamp) -> u64;
    }
    Usages {
        usage_since(day: Day) -> UsageSums;
        usage_of(user: UserId, since: Day) -> UsageCounts;
        collect_usage(before: Day) -> u64;
    }
    Audits {
        append_audit(entry: AuditEntry) -> ();
        audit(filter: AuditFilter, before: Option<AuditId>, limit: u32) -> Vec<AuditEntry>;
        collect_audit(before: Timestamp) -> u64;
    }
    Notes {
        note(name: &str) -> Option<String>;
        replace_note(name: &str, from: Option<&str>, to: &str) -> bool;
    }
}

#[async_trait]
impl Store for MeasuredStore {
    async fn ping(&self) -> Result<()> {
        self.timed("ping", self.inner.ping()).await
    }

    fn is_exclusive(&self) -> bool {
        self.inner.is_exclusive()
    }

    async fn now(&self) -> Result<Timestamp> {
        self.timed("now", self.inner.now()).await
    }

    fn hints(&self) -> Option<Hints> {
        self.inner.hints()
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}
