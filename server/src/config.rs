//! What the operator can choose: flags, environment variables and defaults in one definition.
//!
//! `docs/config.md` is printed from here (`parlance config-doc`) and checked by the tests.

use clap::{Args, ValueEnum};
use secrecy::SecretString;
use std::{net::IpAddr, path::PathBuf, time::Duration};
use wire::auth::Registration;

/// In the token for /metrics, at least.
const METRICS_TOKEN_CHARS: usize = 16;

/// Everything `parlance serve` can be told.
#[derive(Debug, Clone, Args)]
pub struct Config {
    #[command(flatten)]
    #[expect(missing_docs, reason = "its type says it")]
    pub http: HttpConfig,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its type says it")]
    pub store: StoreConfig,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its type says it")]
    pub auth: AuthConfig,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its type says it")]
    pub model: ModelConfig,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its type says it")]
    pub embedding: EmbeddingConfig,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its type says it")]
    pub documents: DocumentConfig,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its type says it")]
    pub chat: ChatConfig,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its type says it")]
    pub log: LogConfig,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its type says it")]
    pub telemetry: TelemetryConfig,
}

/// Where it listens and who may call.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Network")]
pub struct HttpConfig {
    /// Address to listen on; 0.0.0.0 for all of the machine's.
    #[arg(long, env = "PARLANCE_HOST", default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// Port to listen on; 0 takes any free one.
    #[arg(long, env = "PARLANCE_PORT", default_value_t = 8000)]
    pub port: u16,
    /// The address people type, when it is not the one above (behind a proxy): https://chat.example.org
    #[arg(long, env = "PARLANCE_PUBLIC_URL", value_parser = parse_origin)]
    pub public_url: Option<String>,
    /// Other origins whose pages may open sockets and call the API, separated by commas.
    #[arg(long, env = "PARLANCE_ALLOWED_ORIGINS", value_delimiter = ',', value_parser = parse_origin)]
    pub allowed_origins: Vec<String>,
    /// Take the client's address from X-Forwarded-For: only behind a proxy that sets it.
    #[arg(long, env = "PARLANCE_TRUST_PROXY")]
    pub trust_proxy: bool,
    /// A folder with a built front, served instead of the one inside the program: for work on the front.
    #[arg(long, env = "PARLANCE_SITE")]
    pub site: Option<PathBuf>,
    /// Show /design: every part of the interface in every state, for who works on it
    #[arg(long, env = "PARLANCE_DESIGN")]
    pub design: bool,
}

/// Where everything is kept.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Storage")]
pub struct StoreConfig {
    /// The folder of the database file and the secret key. Locked while the server runs.
    #[arg(long, env = "PARLANCE_DATA", default_value = "data")]
    pub data: PathBuf,
    /// A MongoDB (mongodb://…): everything is kept there instead of in the database file, and several servers may share
    /// it. They need the same PARLANCE_SECRET.
    #[arg(long, env = "MONGODB_URI", hide_env_values = true)]
    pub mongodb_uri: Option<SecretString>,
    /// The name of the database there.
    #[arg(long, env = "PARLANCE_MONGODB_DATABASE", default_value = "parlance")]
    pub mongodb_database: String,
}

/// Who may come in.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Accounts")]
pub struct AuthConfig {
    /// Who may make an account.
    #[arg(long, env = "PARLANCE_REGISTRATION", value_enum, default_value_t = RegistrationArg::Open)]
    pub registration: RegistrationArg,
    /// The key that signs tokens, at least 32 characters; made at first start and kept in the data folder if not given.
    #[arg(long, env = "PARLANCE_SECRET", hide_env_values = true)]
    pub secret: Option<SecretString>,
    /// How long an access token is good for.
    #[arg(long, env = "PARLANCE_ACCESS_TOKEN_LIFE", default_value = "12h", value_parser = humantime::parse_duration)]
    pub access_token_life: Duration,
    /// How long a sign-in lasts without being used.
    #[arg(long, env = "PARLANCE_SIGN_IN_LIFE", default_value = "30d", value_parser = humantime::parse_duration)]
    pub sign_in_life: Duration,
    /// Days for which the audit log says who did what, and from which network address.
    #[arg(long, env = "PARLANCE_AUDIT_DAYS", default_value = "365")]
    pub audit_days: std::num::NonZeroU32,
}

/// What answers.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Model")]
pub struct ModelConfig {
    /// A GGUF file: answered by llama.cpp in this process.
    #[arg(long, env = "PARLANCE_MODEL_PATH")]
    pub model_path: Option<PathBuf>,
    /// Tokens of one conversation that the local model sees at once; 0: what the model was made for, at most 4096.
    #[arg(long, env = "PARLANCE_CONTEXT_TOKENS", default_value_t = 0)]
    pub context_tokens: u32,
    /// Answers the local model writes at the same time; 0: 4. They share memory for twice the tokens of one conversation.
    #[arg(long, env = "PARLANCE_MODEL_PARALLEL", default_value_t = 0)]
    pub model_parallel: u32,
    /// Threads of the local model; 0: as many as the machine has cores.
    #[arg(long, env = "PARLANCE_MODEL_THREADS", default_value_t = 0)]
    pub model_threads: u32,
    /// Prompts that may wait for the local model.
    #[arg(long, env = "PARLANCE_MODEL_QUEUE", default_value_t = 32)]
    pub model_queue: usize,
    /// Tokens in one answer, at most.
    #[arg(long, env = "PARLANCE_MAX_TOKENS", default_value_t = 1024)]
    pub max_tokens: u32,
    /// Base URL of an OpenAI-compatible server, up to and with /v1: used instead of a local model.
    #[arg(long, env = "PARLANCE_OPENAI_URL")]
    pub openai_url: Option<String>,
    /// Its key, if it wants one.
    #[arg(long, env = "PARLANCE_OPENAI_KEY", hide_env_values = true)]
    pub openai_key: Option<SecretString>,
    /// The model asked for when a chatbot names none.
    #[arg(long, env = "PARLANCE_OPENAI_MODEL", default_value = "gpt-5-mini")]
    pub openai_model: String,
}

/// What finds passages of documents by their sense. Without it they are found by their words only.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Embedding")]
pub struct EmbeddingConfig {
    /// A GGUF file of an embedding model: run by llama.cpp in this process. Without a model, documents are searched by their words only.
    #[arg(long, env = "PARLANCE_EMBEDDING_PATH")]
    pub embedding_path: Option<PathBuf>,
    /// Base URL of a server with OpenAI-compatible /embeddings, up to and with /v1: used instead of a file.
    #[arg(long, env = "PARLANCE_EMBEDDING_URL")]
    pub embedding_url: Option<String>,
    /// Its key, if it wants one.
    #[arg(long, env = "PARLANCE_EMBEDDING_KEY", hide_env_values = true)]
    pub embedding_key: Option<SecretString>,
    /// The model asked for there. Documents are embedded anew under another name.
    #[arg(
        long,
        env = "PARLANCE_EMBEDDING_MODEL",
        default_value = "text-embedding-3-small"
    )]
    pub embedding_model: String,
    /// Tokens of a text it takes, at most; 0: what a file was made for, at most 512.
    #[arg(long, env = "PARLANCE_EMBEDDING_MAX_TOKENS", default_value_t = 0)]
    pub embedding_max_tokens: u32,
    /// What the model wants to see before a question, such as `query: `.
    #[arg(long, env = "PARLANCE_EMBEDDING_QUERY_PREFIX")]
    pub embedding_query_prefix: Option<String>,
    /// What it wants to see before a passage, such as `passage: `.
    #[arg(long, env = "PARLANCE_EMBEDDING_PASSAGE_PREFIX")]
    pub embedding_passage_prefix: Option<String>,
    /// Threads of the local one; 0: as many as the machine has cores.
    #[arg(long, env = "PARLANCE_EMBEDDING_THREADS", default_value_t = 0)]
    pub embedding_threads: u32,
}

/// Documents of chatbots, and what they may take.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Documents")]
pub struct DocumentConfig {
    /// Bytes of a file, at most.
    #[arg(long, env = "PARLANCE_DOCUMENT_BYTES", default_value_t = 32 * 1024 * 1024)]
    pub document_bytes: u64,
    /// Pages of a file, at most.
    #[arg(long, env = "PARLANCE_DOCUMENT_PAGES", default_value_t = 2_000)]
    pub document_pages: u32,
    /// Documents of a chatbot, at most.
    #[arg(long, env = "PARLANCE_DOCUMENTS_PER_CHATBOT", default_value_t = 500)]
    pub documents_per_chatbot: usize,
    /// Bytes of all the files of a user, at most.
    #[arg(long, env = "PARLANCE_DOCUMENT_QUOTA", default_value_t = 1024 * 1024 * 1024)]
    pub document_quota: u64,
    /// Bytes of memory for what is searched. What was not asked for the longest time makes room.
    #[arg(long, env = "PARLANCE_INDEX_MEMORY", default_value_t = 512 * 1024 * 1024)]
    pub index_memory: u64,
    /// Tokens of documents that are put before the model for one answer, at most.
    #[arg(long, env = "PARLANCE_SOURCE_TOKENS", default_value_t = 1_000)]
    pub source_tokens: u32,
    /// Whether the guide chatbot of the first start gets Parlance's README and docs as documents.
    #[arg(long, env = "PARLANCE_GUIDE_DOCUMENTS", value_enum, default_value_t = Switch::On)]
    pub guide_documents: Switch,
}

/// Sessions, sockets and their limits.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Chat")]
pub struct ChatConfig {
    /// How long a session waits for its client to come back.
    #[arg(long, env = "PARLANCE_SESSION_GRACE", default_value = "30s", value_parser = humantime::parse_duration)]
    pub session_grace: Duration,
    /// A session is closed after this long without a word from its client.
    #[arg(long, env = "PARLANCE_SESSION_IDLE", default_value = "30m", value_parser = humantime::parse_duration)]
    pub session_idle: Duration,
    /// Prompts a minute and user.
    #[arg(long, env = "PARLANCE_MESSAGES_PER_MINUTE", default_value = "20")]
    pub messages_per_minute: std::num::NonZeroU32,
    /// Prompts a day (UTC) and user; 0: as many as they like. For a single user, administrators may say otherwise.
    #[arg(long, env = "PARLANCE_MESSAGES_PER_DAY", default_value_t = 0)]
    pub messages_per_day: u32,
    /// Prompts at once, before the rate counts.
    #[arg(long, env = "PARLANCE_MESSAGE_BURST", default_value = "5")]
    pub message_burst: std::num::NonZeroU32,
    /// Answers written at once by this server.
    #[arg(long, env = "PARLANCE_GENERATIONS", default_value = "4096")]
    pub generations: std::num::NonZeroU32,
    /// Of them, one user's.
    #[arg(long, env = "PARLANCE_GENERATIONS_PER_USER", default_value = "3")]
    pub generations_per_user: std::num::NonZeroU32,
    /// Prompts that may wait for their turn when there are more.
    #[arg(long, env = "PARLANCE_GENERATION_QUEUE", default_value_t = 256)]
    pub generation_queue: u32,
    /// Where a conversation's title comes from.
    #[arg(long, env = "PARLANCE_TITLES", value_enum, default_value_t = Titles::Model)]
    pub titles: Titles,
    /// Open sockets a user.
    #[arg(long, env = "PARLANCE_SOCKETS_PER_USER", default_value_t = 5)]
    pub sockets_per_user: u32,
    /// Time between pings on a socket (each varies by 10 %).
    #[arg(long, env = "PARLANCE_PING_INTERVAL", default_value = "25s", value_parser = humantime::parse_duration)]
    pub ping_interval: Duration,
    /// How long a server may be silent before another one on the same MongoDB takes over what it was writing.
    #[arg(long, env = "PARLANCE_LEASE", default_value = "5s", value_parser = humantime::parse_duration)]
    pub lease: Duration,
    /// How long a stop of the program waits for running answers before it marks them interrupted.
    #[arg(long, env = "PARLANCE_DRAIN", default_value = "20s", value_parser = humantime::parse_duration)]
    pub drain: Duration,
}

/// What is logged. Never a token, a prompt or an address.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Log")]
pub struct LogConfig {
    /// Least level to log.
    #[arg(long = "log", env = "PARLANCE_LOG", default_value = "info")]
    pub level: tracing::Level,
    /// How a line looks.
    #[arg(long = "log-format", env = "PARLANCE_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub format: LogFormat,
}

/// What else an operator reads: metrics and traces. `docs/operations.md` says what they mean.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Telemetry")]
pub struct TelemetryConfig {
    /// Who shows this token (`Authorization: Bearer`, at least 16 characters) may read /metrics. Without it only this machine may, and nobody when a proxy stands before it.
    #[arg(long, env = "PARLANCE_METRICS_TOKEN", hide_env_values = true, value_parser = parse_metrics_token)]
    pub metrics_token: Option<SecretString>,
    /// Base URL of an OpenTelemetry collector, OTLP over HTTP, such as http://localhost:4318: traces are sent there. The other OTEL_… variables count, too.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", hide_env_values = true)]
    pub otlp_endpoint: Option<String>,
    /// The whole URL for traces, instead of the one above.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", hide_env_values = true)]
    pub otlp_traces_endpoint: Option<String>,
}

/// Something that is done, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// It is done.
    On,
    /// It is not.
    Off,
}

/// [`Registration`], for the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RegistrationArg {
    /// Anybody who reaches the page.
    Open,
    /// Who has an invitation (`parlance user invite`).
    Invitation,
    /// Nobody; the operator makes accounts (`parlance user add`).
    Closed,
}

impl From<RegistrationArg> for Registration {
    fn from(arg: RegistrationArg) -> Self {
        match arg {
            RegistrationArg::Open => Self::Open,
            RegistrationArg::Invitation => Self::Invitation,
            RegistrationArg::Closed => Self::Closed,
        }
    }
}

/// Where a conversation's title comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Titles {
    /// The model is asked for one after the first answer, when it has nothing else to do; until then, the first prompt.
    Model,
    /// The first line of the first prompt.
    Prompt,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

/// An origin: scheme, host and perhaps a port, nothing behind.
pub(crate) fn parse_origin(text: &str) -> Result<String, String> {
    let text = text.trim().trim_end_matches('/').to_ascii_lowercase();
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    match rest {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => Ok(text),
        _ => Err("expected scheme and host, like https://chat.example.org".into()),
    }
}

/// A token that cannot be guessed.
fn parse_metrics_token(text: &str) -> Result<SecretString, String> {
    if text.chars().count() < METRICS_TOKEN_CHARS || text.chars().any(|c| c.is_whitespace() || c.is_control())
    {
        return Err(format!(
            "expected at least {METRICS_TOKEN_CHARS} characters without spaces"
        ));
    }
    Ok(text.into())
}

impl Config {
    /// The defaults, as if nothing was given. For tests.
    pub fn defaults() -> Self {
        #[derive(clap::Parser)]
        struct Defaults {
            #[command(flatten)]
            config: Config,
        }
        <Defaults as clap::Parser>::parse_from(["parlance"]).config
    }

    /// The address people type, without a slash at the end; `port` is what was bound.
    pub fn base_url(&self, port: u16) -> String {
        match &self.http.public_url {
            Some(url) => url.clone(),
            None if self.http.host.is_unspecified() || self.http.host.is_loopback() => {
                format!("http://localhost:{port}")
            }
            None if self.http.host.is_ipv6() => format!("http://[{}]:{port}", self.http.host),
            None => format!("http://{}:{port}", self.http.host),
        }
    }

    /// Whether people come by TLS: cookies are `Secure` then.
    pub fn is_https(&self) -> bool {
        self.http
            .public_url
            .as_ref()
            .is_some_and(|url| url.starts_with("https://"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_for_the_metrics_is_none_that_is_guessed_or_left_empty() {
        assert!(parse_metrics_token("0123456789abcdef").is_ok());
        for wrong in ["", "short", "a token with spaces in it"] {
            assert!(parse_metrics_token(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn origins_are_scheme_and_host_only() {
        assert_eq!(
            parse_origin("https://Chat.Example.org/"),
            Ok("https://chat.example.org".into())
        );
        for wrong in [
            "chat.example.org",
            "https://",
            "ftp://x",
            "https://x/path",
            "https://u@x",
        ] {
            assert!(parse_origin(wrong).is_err(), "{wrong}");
        }
    }
}
