//! The world of a test: a server that listens, and people who call it over the network.

mod chat;
mod meaning;
mod person;

pub(crate) use chat::Chat;
pub(crate) use meaning::Meaning;
pub(crate) use person::{Answer, Person};

use extract::Extractor;
use llm::{ChatModel, ScriptedModel, scripted::Script};
use server::{
    app::AppState,
    auth::Secret,
    clock::ManualClock,
    config::{Config, Switch, Titles},
    embedding::Embedders,
    library::Library,
    startup::{Application, Parts, open_store},
};
use std::{sync::Arc, time::Duration};
use store::Store;
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle};
use wire::{ChatbotId, Timestamp, chatbot::Chatbot};

/// How long a test waits for what must come. Never reached when all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// Of everybody here.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A server on a free port, with a folder and a clock of its own.
pub(crate) struct TestServer {
    pub(crate) address: String,
    pub(crate) app: AppState,
    pub(crate) clock: ManualClock,
    config: Config,
    folder: TempDir,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

/// A server that stopped in good order; its folder is still there.
pub(crate) struct StoppedServer {
    clock: ManualClock,
    config: Config,
    folder: TempDir,
}

impl TestServer {
    /// Its model says these words to everything, one delta each, all at once.
    pub(crate) async fn answering(words: &'static [&'static str]) -> Self {
        Self::with_model(Arc::new(ScriptedModel::answering(move |_| words.iter().copied()))).await
    }

    /// Its model says what the script says, when it says it.
    pub(crate) async fn scripted() -> (Self, Script) {
        Self::scripted_with(|_| {}).await
    }

    /// With something else than the defaults.
    pub(crate) async fn scripted_with(configure: impl FnOnce(&mut Config)) -> (Self, Script) {
        let (model, script) = ScriptedModel::new();
        (Self::start(Arc::new(model), configure).await, script)
    }

    pub(crate) async fn with_model(model: Arc<dyn ChatModel>) -> Self {
        Self::start(model, |_| {}).await
    }

    async fn start(model: Arc<dyn ChatModel>, configure: impl FnOnce(&mut Config)) -> Self {
        Self::home(configure).start_again(model).await
    }

    /// An empty folder and a clock, before anything runs there.
    pub(crate) fn home(configure: impl FnOnce(&mut Config)) -> StoppedServer {
        let mut config = Config::defaults();
        config.http.port = 0;
        // Tests type fast; those about the limit set their own.
        config.chat.message_burst = std::num::NonZeroU32::MAX;
        // A model that is asked for a title answers nobody else; tests about titles set their own.
        config.chat.titles = Titles::Prompt;
        // Nobody reads fifty pages for a test that is about something else.
        config.documents.guide_documents = Switch::Off;
        configure(&mut config);
        let clock = ManualClock::starting_at(Timestamp::from_millis(1_700_000_000_000));
        StoppedServer {
            clock,
            config,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// On what is in a folder of the test's: it is copied, so that it stays as it is.
    pub(crate) async fn on(data: &std::path::Path, model: Arc<dyn ChatModel>) -> Self {
        let home = Self::home(|_| {});
        for entry in std::fs::read_dir(data).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), home.folder.path().join(entry.file_name())).unwrap();
        }
        home.start_again(model).await
    }

    /// Its data folder.
    pub(crate) fn data(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Stops as SIGTERM does, and waits for the end.
    pub(crate) async fn stop(self) -> StoppedServer {
        let Self {
            clock,
            config,
            folder,
            stop,
            serving,
            app,
            ..
        } = self;
        drop(app);
        stop.send(()).unwrap();
        tokio::time::timeout(PATIENCE, serving)
            .await
            .expect("the server stops")
            .unwrap()
            .unwrap();
        StoppedServer {
            clock,
            config,
            folder,
        }
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.app.store
    }

    /// Somebody who has not signed in.
    pub(crate) fn anybody(&self) -> Person {
        Person::at(&self.address)
    }

    /// Somebody new, signed in.
    pub(crate) async fn sign_up(&self, name: &str) -> Person {
        let body = serde_json::json!({"email": format!("{name}@example.org"), "password": PASSWORD});
        self.anybody()
            .signed_in("/auth/register", &body.to_string())
            .await
    }

    /// The general assistant that is there from the first start.
    pub(crate) async fn assistant(&self, person: &Person) -> ChatbotId {
        let bots: Vec<Chatbot> = person.get("/chatbot").await.json();
        bots.iter().find(|bot| bot.name == "Assistant").unwrap().id
    }
}

/// Two servers on one store, as on two machines; each with a model of its own.
pub(crate) async fn two_nodes() -> [(TestServer, Script); 2] {
    two_nodes_with(|_| {}).await
}

/// With something else than the defaults, on both.
pub(crate) async fn two_nodes_with(configure: impl FnOnce(&mut Config)) -> [(TestServer, Script); 2] {
    let home = TestServer::home(configure);
    let store: Arc<dyn Store> = Arc::new(open_store(home.folder.path()).unwrap());
    let beside = StoppedServer {
        clock: home.clock.clone(),
        config: home.config.clone(),
        folder: tempfile::tempdir().unwrap(),
    };
    let secret = || Secret::load_or_create(home.folder.path()).unwrap();
    let (secrets, (first, first_script), (second, second_script)) =
        ([secret(), secret()], ScriptedModel::new(), ScriptedModel::new());
    let [one, other] = secrets;
    [
        (
            home.serve(Arc::clone(&store), one, Arc::new(first), Embedders::none(), false)
                .await,
            first_script,
        ),
        (
            beside
                .serve(store, other, Arc::new(second), Embedders::none(), false)
                .await,
            second_script,
        ),
    ]
}

impl StoppedServer {
    /// Its store, for who wants to leave something there.
    pub(crate) fn store(&self) -> impl Store {
        open_store(self.folder.path()).unwrap()
    }

    /// Starts on what is in the folder.
    pub(crate) async fn start_again(self, model: Arc<dyn ChatModel>) -> TestServer {
        self.start_embedding(model, Embedders::none()).await
    }

    /// The same, with something that finds passages by their sense.
    pub(crate) async fn start_embedding(self, model: Arc<dyn ChatModel>, embedders: Embedders) -> TestServer {
        let store = Arc::new(open_store(self.folder.path()).unwrap());
        let secret = Secret::load_or_create(self.folder.path()).unwrap();
        self.serve(store, secret, model, embedders, true).await
    }

    async fn serve(
        self,
        store: Arc<dyn Store>,
        secret: Secret,
        model: Arc<dyn ChatModel>,
        embedders: Embedders,
        alone: bool,
    ) -> TestServer {
        let Self {
            clock,
            config,
            folder,
        } = self;
        let parts = Parts {
            store,
            model,
            embedders,
            clock: Arc::new(clock.clone()),
            secret,
            alone,
            // The test's own program reads no files.
            library: Some(Library::new(&config.documents).reading_by(Extractor::new(
                env!("CARGO_BIN_EXE_parlance"),
                ["extract-document"],
                extract::Limits::default(),
            ))),
        };
        let application = Application::with(config.clone(), parts).await.unwrap();
        let address = format!("127.0.0.1:{}", application.port());
        let app = Arc::clone(application.app());
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(application.run_until(async move {
            let _dropped_or_told = stopped.await;
        }));
        TestServer {
            address,
            app,
            clock,
            config,
            folder,
            stop,
            serving,
        }
    }
}
