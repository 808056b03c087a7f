//! From a configuration to a running server, and down again.
//!
//! The order up: folder lock, store, leftovers of a dead process, first chatbots, socket, loops. The order down:
//! readiness off, sockets told, answers drained, store last.

mod mongodb;

use crate::{
    account::{deletion, export::Exports},
    app::{App, AppState},
    auth::{self, Auth, Secret},
    chat::{Chat, reaper},
    chatbot::builtin,
    clock::{Clock, DatabaseClock, IdSource, SystemClock},
    config::{Config, StoreConfig, Switch},
    drawing::Drawings,
    embedding::Embedders,
    http,
    library::{Library, background, guide, ingest},
    model::{self, ModelWatch},
    node,
    session::{LiveSessions, sweep},
    telemetry::{Metrics, store::MeasuredStore},
};
use llm::ChatModel;
use secrecy::ExposeSecret;
use std::{
    fs::{File, TryLockError},
    io::{self, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use store::{SqliteStore, Store};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Sockets get this long to say good-bye after the drain.
const GOOD_BYE: Duration = Duration::from_secs(5);
/// Requests that are under way get this long after that.
const LAST_REQUESTS: Duration = Duration::from_secs(2);
/// The database's file in the data folder.
const DATABASE: &str = "parlance.db";

/// Why the program does not start. Each sentence names the cause and the cure.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(pub String);

impl StartError {
    fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

/// A server that listens.
#[derive(Debug)]
pub struct Application {
    app: AppState,
    listener: TcpListener,
    /// Held while the server runs; the system lets go of it when the process dies.
    _lock: Option<File>,
    /// The database's, when several nodes share it.
    shared_clock: Option<Arc<DatabaseClock>>,
    first_admin_link: Option<String>,
}

/// The parts a test puts in itself.
#[expect(missing_debug_implementations, reason = "a secret is among them")]
pub struct Parts {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// What answers.
    pub model: Arc<dyn ChatModel>,
    /// What finds passages by their sense, if there is something.
    pub embedders: Embedders,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What tokens are signed with.
    pub secret: Secret,
    /// Whether no other process serves from this store.
    pub alone: bool,
    /// The documents of chatbots; `None`: as the configuration says.
    pub library: Option<Library>,
}

/// The database's file in a data folder.
pub(crate) fn database_file(data: &Path) -> PathBuf {
    data.join(DATABASE)
}

/// The file that a running server holds locked.
pub(crate) fn lock_file(data: &Path) -> PathBuf {
    data.join("server.lock")
}

/// The key's file in a data folder.
pub(crate) fn secret_file(data: &Path) -> PathBuf {
    data.join(auth::secret::FILE)
}

/// Opens the database of a data folder, which is made if it is not there.
///
/// # Errors
/// The folder cannot be made or the file cannot be opened.
pub fn open_store(data: &Path) -> Result<SqliteStore, StartError> {
    std::fs::create_dir_all(data).map_err(|error| {
        StartError::new(format!(
            "cannot make the data folder {}: {error}. Choose another with --data.",
            data.display()
        ))
    })?;
    let file = database_file(data);
    SqliteStore::open(&file)
        .map_err(|error| StartError::new(format!("cannot open the database {}: {error}", file.display())))
}

/// Opens what the configuration names.
///
/// # Errors
/// It cannot be opened.
pub(crate) async fn open(config: &StoreConfig) -> Result<Arc<dyn Store>, StartError> {
    Ok(match &config.mongodb_uri {
        Some(uri) => Arc::new(mongodb::open(uri, &config.mongodb_database).await?),
        None => Arc::new(open_store(&config.data)?),
    })
}

/// The key that signs tokens: given, or made at first start.
///
/// # Errors
/// It is too short, or its file cannot be read or made.
pub fn secret(config: &Config) -> Result<Secret, StartError> {
    let secret = match &config.auth.secret {
        Some(text) => Secret::from_text(text.expose_secret()),
        None => Secret::load_or_create(&config.store.data),
    };
    secret.map_err(|error| StartError::new(error.to_string()))
}

fn unanswered(error: &store::StoreError) -> StartError {
    StartError::new(format!("the database does not answer: {error}"))
}

impl Application {
    /// Everything as the configuration says.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn build(config: Config) -> Result<Self, StartError> {
        let (model, chats) = model::from_config(&config.model).map_err(StartError)?;
        let embedders = Embedders::from_config(&config.embedding, chats).map_err(StartError)?;
        match &config.store.mongodb_uri {
            Some(uri) => {
                let store = mongodb::open(uri, &config.store.mongodb_database).await?;
                let clock = DatabaseClock::of(&store).await;
                let clock = Arc::new(clock.map_err(|error| unanswered(&error))?);
                let parts = Parts {
                    store: Arc::new(store),
                    model,
                    embedders,
                    clock: clock.clone(),
                    secret: secret(&config)?,
                    alone: false,
                    library: None,
                };
                let mut application = Self::with(config, parts).await?;
                application.shared_clock = Some(clock);
                Ok(application)
            }
            None => {
                let store = open_store(&config.store.data)?;
                let lock = lock(&config.store.data)?;
                let parts = Parts {
                    store: Arc::new(store),
                    model,
                    embedders,
                    clock: Arc::new(SystemClock),
                    secret: secret(&config)?,
                    alone: true,
                    library: None,
                };
                let mut application = Self::with(config, parts).await?;
                application._lock = Some(lock);
                Ok(application)
            }
        }
    }

    /// With parts made elsewhere.
    ///
    /// # Errors
    /// The port is taken, or the store does not answer.
    pub async fn with(config: Config, parts: Parts) -> Result<Self, StartError> {
        let address = SocketAddr::new(config.http.host, config.http.port);
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| cannot_listen(address, &error))?;
        // What rendering pages spawns on; a second call changes nothing.
        let _initialized_before = any_spawner::Executor::init_tokio();
        let ids = IdSource;
        let metrics = Arc::new(Metrics::default());
        let app = Arc::new(App {
            auth: Auth::new(&parts.secret),
            sessions: LiveSessions::default(),
            chat: Chat::new(&config.chat),
            exports: Exports::default(),
            drawings: Drawings::default(),
            library: parts.library.unwrap_or_else(|| Library::new(&config.documents)),
            store: Arc::new(MeasuredStore::new(parts.store, Arc::clone(&metrics))),
            model: parts.model,
            embedders: parts.embedders,
            models: ModelWatch::new(parts.clock.now()),
            clock: parts.clock,
            ids,
            node_id: ids.new_uuid().to_string(),
            alone: parts.alone,
            metrics,
            tasks: TaskTracker::new(),
            shutdown: CancellationToken::new(),
            config,
        });
        reaper::round(&app, &mut reaper::SeenLeases::new())
            .await
            .map_err(|error| unanswered(&error))?;
        builtin::seed(&*app.store, app.clock.now(), app.ids)
            .await
            .map_err(|error| unanswered(&error))?;
        let mut application = Self {
            app,
            listener,
            _lock: None,
            shared_clock: None,
            first_admin_link: None,
        };
        let base_url = application.base_url();
        application.first_admin_link = auth::invitation::offer_first_admin(&application.app, &base_url)
            .await
            .map_err(|error| StartError::new(error.detail))?;
        Ok(application)
    }

    /// The handles, for tests.
    pub fn app(&self) -> &AppState {
        &self.app
    }

    /// Where it listens: the port that was bound.
    pub fn port(&self) -> u16 {
        self.listener.local_addr().map_or(0, |address| address.port())
    }

    /// The address people type.
    pub fn base_url(&self) -> String {
        self.app.config.base_url(self.port())
    }

    /// The link that makes the first administrator; `None` when there is one.
    pub fn first_admin_link(&self) -> Option<&str> {
        self.first_admin_link.as_deref()
    }

    /// Serves until `stop` is done, then drains and closes.
    ///
    /// # Errors
    /// The listening socket broke.
    pub async fn run_until(self, stop: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let Self {
            app,
            listener,
            _lock: lock,
            shared_clock,
            ..
        } = self;
        let sweeping = tokio::spawn(sweep::run(Arc::clone(&app)));
        let reaping = tokio::spawn(reaper::run(Arc::clone(&app)));
        let deleting = tokio::spawn(deletion::run(Arc::clone(&app)));
        // Tracked: a document that is being worked on is let go of, not left behind.
        background::spawn(&app, ingest::run(Arc::clone(&app)))?;
        if app.config.documents.guide_documents == Switch::On {
            app.tasks.spawn(guide::run(Arc::clone(&app)));
        }
        let looking = (!app.alone).then(|| tokio::spawn(node::run(Arc::clone(&app), shared_clock)));
        let shutdown = app.shutdown.clone();
        tokio::spawn(async move {
            stop.await;
            shutdown.cancel();
        });
        let mut serving = tokio::spawn(http::serve(listener, Arc::clone(&app)));
        let broke = tokio::select! {
            served = &mut serving => Some(served),
            () = app.shutdown.cancelled() => None,
        };
        app.shutdown.cancel();
        drain(&app).await;
        let served = match broke {
            Some(served) => served,
            // A client that never ends its request must not hold the program.
            None => tokio::time::timeout(LAST_REQUESTS, serving)
                .await
                .unwrap_or(Ok(Ok(()))),
        };
        sweeping.abort();
        reaping.abort();
        deleting.abort();
        if let Some(looking) = looking {
            looking.abort();
        }
        app.store.close().await;
        drop(lock);
        served.unwrap_or_else(|panicked| Err(io::Error::other(panicked)))
    }
}

/// Waits for answers as long as the configuration says, interrupts the others (what they said is stored), and lets
/// sockets say good-bye.
async fn drain(app: &App) {
    app.tasks.close();
    let running = app.chat.all_running().len();
    if running > 0 {
        tracing::info!(running, "Waiting for answers that are being written");
    }
    if tokio::time::timeout(app.config.chat.drain, app.tasks.wait())
        .await
        .is_ok()
    {
        return;
    }
    let outlasting = app.chat.all_running();
    tracing::warn!(
        running = outlasting.len(),
        "Interrupting answers that outlast the drain"
    );
    outlasting.iter().for_each(|generation| generation.interrupt());
    if tokio::time::timeout(GOOD_BYE, app.tasks.wait()).await.is_err() {
        tracing::warn!(tasks = app.tasks.len(), "Some tasks did not end in time");
    }
}

/// Two servers on one SQLite file would each hold the other's answers for dead.
pub(crate) fn lock(data: &Path) -> Result<File, StartError> {
    let path = lock_file(data);
    let cannot = |error: io::Error| StartError::new(format!("cannot lock {}: {error}", path.display()));
    let file = File::options()
        .create(true)
        .write(true)
        .truncate(false)
        .open(&path)
        .map_err(cannot)?;
    match file.try_lock() {
        Ok(()) => {
            // For `parlance doctor`. The lock is what counts, not what is written in it.
            let _unsaid = file
                .set_len(0)
                .and_then(|()| writeln!(&file, "{}", std::process::id()));
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => Err(StartError::new(format!(
            "another Parlance server uses the data folder {}. Stop it, or choose another folder with --data.",
            data.display()
        ))),
        Err(TryLockError::Error(error)) => Err(cannot(error)),
    }
}

pub(crate) fn cannot_listen(address: SocketAddr, error: &io::Error) -> StartError {
    let cure = match error.kind() {
        io::ErrorKind::AddrInUse => "Another program has this port: stop it, or choose another with --port.",
        io::ErrorKind::PermissionDenied => "Ports below 1024 need rights: choose another with --port.",
        io::ErrorKind::AddrNotAvailable => {
            "This machine does not have that address: choose another with --host."
        }
        _ => "Choose another with --host and --port.",
    };
    StartError::new(format!("cannot listen on {address}: {error}. {cure}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_server_on_one_data_folder_is_refused_by_name() {
        let data = tempfile::tempdir().unwrap();
        let first = lock(data.path()).unwrap();
        let refused = lock(data.path()).unwrap_err().to_string();
        assert!(
            refused.contains("another Parlance server") && refused.contains("--data"),
            "{refused}"
        );
        drop(first);
        lock(data.path()).unwrap();
    }
}
