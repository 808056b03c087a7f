//! What scenarios start from: ids, times and plain records.

use std::sync::atomic::{AtomicU64, Ordering};
use store::{
    Store,
    chatbot::ChatbotRecord,
    conversation::ConversationRecord,
    document::DocumentRecord,
    generation::{ChunkBatch, GenerationRecord},
    message::{Appended, MessageRecord, NewMessage},
    session::{NewSession, OpenedSession, SessionRecord},
    sign_in::SignIn,
    usage::Counting,
    user::{Profile, UserRecord},
};
use uuid::Uuid;
use wire::{
    AuditId, ChatbotId, ClientMessageId, ConversationId, DocumentId, GenerationId, MessageId, SessionId,
    SignInId, Timestamp, UserId,
    auth::Role,
    chatbot::{Colour, Visibility},
    document::DocumentStatus,
    message::{MessageRole, MessageStatus},
};

/// A new id; later ones sort behind earlier ones.
fn uuid() -> Uuid {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Uuid::from_u64_pair(
        0x0192_f0c1_2a3b_7c4d,
        0x8e5f_0000_0000_0000 + NEXT.fetch_add(1, Ordering::Relaxed),
    )
}

macro_rules! new_ids {
    ($($function:ident = $id:ident,)*) => {$(
        pub(crate) fn $function() -> $id {
            $id::from_uuid(uuid())
        }
    )*};
}

new_ids! {
    user_id = UserId,
    chatbot_id = ChatbotId,
    session_id = SessionId,
    conversation_id = ConversationId,
    message_id = MessageId,
    generation_id = GenerationId,
    client_message_id = ClientMessageId,
    sign_in_id = SignInId,
    document_id = DocumentId,
    audit_id = AuditId,
}

/// So many seconds into the test.
pub(crate) fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(1_750_000_000_000 + seconds * 1000)
}

pub(crate) fn a_user(email: &str) -> UserRecord {
    UserRecord {
        id: user_id(),
        email: email.into(),
        password_hash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".into(),
        role: Role::User,
        created_at: at(0),
        profile: Profile::default(),
    }
}

pub(crate) fn a_sign_in(user: UserId) -> SignIn {
    SignIn {
        id: sign_in_id(),
        user_id: user,
        created_at: at(0),
        expires_at: at(1000),
        revoked_at: None,
        last_used_at: at(0),
        device: Some("Firefox on Linux".into()),
    }
}

pub(crate) fn a_chatbot(owner: Option<UserId>) -> ChatbotRecord {
    ChatbotRecord {
        id: chatbot_id(),
        owner_id: owner,
        builtin: None,
        name: "Ada".into(),
        description: "Explains engines.".into(),
        system_prompt: "You are Ada.".into(),
        model: Some("smollm2".into()),
        temperature: Some(0.7),
        colour: Colour::Plum,
        visibility: Visibility::Private,
        documents_only: false,
        starters: vec!["What is an engine?".into()],
        created_at: at(0),
        version: 1,
    }
}

pub(crate) fn a_document(chatbot: ChatbotId, user: UserId) -> DocumentRecord {
    DocumentRecord {
        id: document_id(),
        chatbot_id: chatbot,
        user_id: user,
        name: "Zephyr.pdf".into(),
        media_type: None,
        bytes: 0,
        sha256: [0; 32],
        sealed: false,
        status: DocumentStatus::Queued,
        progress: None,
        failure: None,
        pages: None,
        chunks: None,
        embedding_models: Vec::new(),
        fence: 0,
        ready_fence: None,
        lease: None,
        attempts: 0,
        change: 0,
        created_at: at(0),
    }
}

pub(crate) fn a_conversation(user: UserId, chatbot: ChatbotId) -> ConversationRecord {
    ConversationRecord {
        id: conversation_id(),
        user_id: user,
        chatbot_id: chatbot,
        chatbot_name: "Ada".into(),
        title: None,
        active_leaf: None,
        created_at: at(0),
        updated_at: at(0),
        pinned: false,
    }
}

pub(crate) fn a_prompt(conversation: ConversationId, parent: Option<MessageId>, text: &str) -> NewMessage {
    NewMessage {
        id: message_id(),
        conversation_id: conversation,
        parent_id: parent,
        client_message_id: Some(client_message_id()),
        role: MessageRole::User,
        text: text.into(),
        status: MessageStatus::Complete,
        generation_id: None,
        model: None,
        created_at: at(1),
    }
}

/// Its writer is a generation of its own, of which nothing is stored.
pub(crate) fn an_answer_to(prompt: &MessageRecord) -> NewMessage {
    NewMessage {
        id: message_id(),
        conversation_id: prompt.conversation_id,
        parent_id: Some(prompt.id),
        client_message_id: None,
        role: MessageRole::Assistant,
        text: String::new(),
        status: MessageStatus::Generating,
        generation_id: Some(generation_id()),
        model: Some("smollm2".into()),
        created_at: at(2),
    }
}

pub(crate) fn a_session(user: UserId, conversation: ConversationId, seconds: u64) -> NewSession {
    NewSession {
        id: session_id(),
        user_id: user,
        sign_in_id: sign_in_id(),
        chatbot_id: chatbot_id(),
        conversation_id: conversation,
        node_id: "node-a".into(),
        now: at(seconds),
    }
}

/// An empty conversation, stored.
pub(crate) async fn stored_conversation(store: &dyn Store) -> ConversationRecord {
    let conversation = a_conversation(user_id(), chatbot_id());
    store.create_conversation(conversation.clone()).await.unwrap();
    conversation
}

/// A message, stored.
pub(crate) async fn stored(store: &dyn Store, message: NewMessage) -> MessageRecord {
    match store.append_message(message).await.unwrap() {
        Appended::New(message) => message,
        Appended::Existing(message) => panic!("was there before: {message:?}"),
    }
}

/// A generation that answers a first prompt, running, with fence 1 and a lease until second 30; and its answer's
/// message, which is `Generating`.
pub(crate) async fn running(store: &dyn Store) -> GenerationRecord {
    let conversation = stored_conversation(store).await;
    running_in(store, &conversation, 3).await
}

/// The same, in this conversation and started at this second.
pub(crate) async fn running_in(
    store: &dyn Store,
    conversation: &ConversationRecord,
    seconds: u64,
) -> GenerationRecord {
    let prompt = stored(store, a_prompt(conversation.id, None, "What is an engine?")).await;
    let answer = stored(store, an_answer_to(&prompt)).await;
    let generation = GenerationRecord {
        id: answer.generation_id.unwrap(),
        prompt_id: prompt.id,
        message_id: answer.id,
        offset: 0,
        conversation_id: conversation.id,
        user_id: conversation.user_id,
        session_id: session_id(),
        node_id: "node-a".into(),
        fence: 1,
        lease_until: at(30),
        started_at: at(seconds),
        ended: None,
        settled: false,
    };
    store.start_generation(generation.clone()).await.unwrap();
    generation
}

/// A batch with fence 1.
pub(crate) fn a_batch(generation: GenerationId, first_seq: u64, deltas: &[&str]) -> ChunkBatch {
    ChunkBatch {
        generation_id: generation,
        fence: 1,
        first_seq,
        text: deltas.concat(),
        lengths: deltas
            .iter()
            .map(|delta| u32::try_from(delta.len()).unwrap())
            .collect(),
    }
}

/// What generations are counted under.
pub(crate) fn counting() -> Counting {
    Counting {
        model: "smollm2".into(),
    }
}

/// Appends one batch.
pub(crate) async fn append(store: &dyn Store, batch: ChunkBatch) -> store::Result<()> {
    let mut results = store.append_chunks(vec![batch]).await.unwrap();
    assert_eq!(results.len(), 1);
    results.remove(0)
}

/// Opens a session that must be a new one.
pub(crate) async fn opened(store: &dyn Store, session: NewSession) -> SessionRecord {
    match store.open_session(session).await.unwrap() {
        OpenedSession::New { session, .. } => session,
        OpenedSession::Shared(session) => panic!("shared {session:?}"),
    }
}
