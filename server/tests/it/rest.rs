//! The API without a network: routes are called directly by people whose client keeps cookies as a browser does.

mod person;

pub(crate) use person::Person;

use llm::ScriptedModel;
use server::{
    app::AppState,
    auth::Secret,
    clock::ManualClock,
    config::{Config, Titles},
    embedding::Embedders,
    startup::{Application, Parts, open_store},
};
use std::sync::Arc;
use tempfile::TempDir;
use wire::Timestamp;

/// Of everybody here.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A server with nothing in it but the two chatbots it starts with.
pub(crate) struct TestApp {
    pub(crate) application: Application,
    pub(crate) clock: ManualClock,
    pub(crate) folder: TempDir,
}

impl TestApp {
    /// With the defaults.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// With something else than the defaults.
    pub(crate) async fn start_with(configure: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = ManualClock::starting_at(Timestamp::from_millis(1_700_000_000_000));
        let mut config = Config::defaults();
        config.http.port = 0;
        config.chat.titles = Titles::Prompt;
        config.store.data = folder.path().into();
        configure(&mut config);
        let parts = Parts {
            store: Arc::new(open_store(folder.path()).unwrap()),
            model: Arc::new(ScriptedModel::answering(|_| ["Hello."])),
            embedders: Embedders::none(),
            clock: Arc::new(clock.clone()),
            secret: Secret::load_or_create(folder.path()).unwrap(),
            alone: true,
            library: None,
        };
        let application = Application::with(config, parts).await.unwrap();
        Self {
            application,
            clock,
            folder,
        }
    }

    pub(crate) fn app(&self) -> &AppState {
        self.application.app()
    }

    /// Somebody who has not signed in.
    pub(crate) fn anyone(&self) -> Person {
        Person::new(self.app().clone())
    }

    /// Somebody new, signed in.
    pub(crate) async fn sign_up(&self, name: &str) -> Person {
        self.anyone().register(name, None).await
    }

    /// The first administrator, by the link that is printed at start.
    pub(crate) async fn administrator(&self) -> Person {
        let link = self
            .application
            .first_admin_link()
            .expect("a link for the first administrator");
        self.anyone().register("admin", Some(invitation(link))).await
    }
}

/// The code in an invitation's link.
pub(crate) fn invitation(link: &str) -> &str {
    link.split_once("/sign-up?invite=")
        .expect("an invitation link")
        .1
        .trim()
}
