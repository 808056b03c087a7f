//! The seam: a conversation goes in, a stream of events comes out.

use crate::ModelError;
use futures::stream::BoxStream;

/// Who speaks in a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChatRole {
    /// The chatbot's instructions.
    System,
    /// The person.
    User,
    /// The model, earlier.
    Assistant,
}

/// One turn of the conversation so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatTurn {
    /// Who.
    pub role: ChatRole,
    /// What.
    pub text: String,
}

/// What a model is asked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChatRequest {
    /// Oldest first; at most one `System`, the first. A model whose window is too small drops the oldest turns after the
    /// system prompt.
    ///
    /// The last is the prompt. If it is an `Assistant`'s, it is the beginning of the answer, and the model goes on with
    /// it: what it says is the continuation alone, to be put behind that text as it is, in the middle of a word where
    /// the text ends in one. A model in this process goes on with the very tokens; a remote one is asked to, and a weak
    /// one may begin anew all the same.
    pub turns: Vec<ChatTurn>,
    /// A model of the provider's; `None`: its default. The local model has only one and ignores it.
    pub model: Option<String>,
    /// 0.0 to 2.0; `None`: the model's default.
    pub temperature: Option<f32>,
    /// Tokens in this answer, at most; `None`: the model's own limit. More than that limit is that limit, 0 is 1.
    pub max_tokens: Option<u32>,
}

/// Why a model stopped by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FinishReason {
    /// It said all it had to say.
    Stop,
    /// It reached its limit of tokens or its window.
    Length,
    /// The provider's filter ended it.
    ContentFilter,
}

/// Tokens, as the model counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TokenUsage {
    /// Read.
    pub prompt_tokens: Option<u32>,
    /// Written.
    pub completion_tokens: Option<u32>,
}

/// What a model says while it answers. The order is `Queued`*, `Text`*, then one `Finished`; or an error at any point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChatEvent {
    /// This many requests are served before; 0: it is next, or the model is still loading.
    Queued(u32),
    /// A piece of text: never empty, always whole characters.
    Text(String),
    /// The end, always the last event of a stream that did not fail.
    Finished {
        /// Why.
        reason: FinishReason,
        /// What it took.
        usage: TokenUsage,
    },
}

/// Events of one answer. Dropping it cancels: the upstream connection is closed, the local model stops at the next
/// token. After an `Err` or `Finished` the stream ends; a stream that ends without either is a defect of the model.
pub type ChatStream = BoxStream<'static, Result<ChatEvent, ModelError>>;

/// Whether a model can answer.
#[derive(Debug, Clone, PartialEq)]
pub enum ModelStatus {
    /// It is being read into memory.
    Loading {
        /// 0.0 to 1.0.
        progress: f32,
    },
    /// It answers (or, for a remote model: nothing is known against it).
    Ready,
    /// It cannot answer, and why.
    Failed(String),
}

/// Something that answers prompts.
#[async_trait::async_trait]
pub trait ChatModel: std::fmt::Debug + Send + Sync + 'static {
    /// As people would say it: `SmolLM2-135M-Instruct`, `gpt-5-mini`.
    fn name(&self) -> String;

    /// Who answers a request that names this model ([`ChatRequest::model`]): the model itself where it has only one.
    fn name_of(&self, _asked: Option<&str>) -> String {
        self.name()
    }

    /// Whether it can answer now.
    fn status(&self) -> ModelStatus;

    /// Begins an answer. Returns when the request is under way (or refused), not when the answer is there. Retries only
    /// before the first token. Dropping the future cancels as dropping the stream does.
    async fn answer(&self, request: ChatRequest) -> Result<ChatStream, ModelError>;
}
