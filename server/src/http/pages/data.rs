//! What a page is given while it is rendered: the same data, by the same rules, as over REST.

mod admin;

use crate::{
    account::device,
    app::AppState,
    auth::{Authenticated, account, authenticate::unauthenticated},
    chatbot,
    conversation::{self, HistoryQuery},
    feedback,
    http::{info, look, request_id},
    library::{
        contents::{self, Beginning},
        document, search,
    },
    problem::ApiResult,
};
use app::data::{PageData, Place, Returned, SoFar};
use axum::http::HeaderMap;
use wire::{
    ChatbotId, ClientMessageId, ConversationId, DocumentId, MessageId, Problem, Timestamp,
    auth::{Device, ServerInfo, Theme, User},
    chatbot::Chatbot,
    conversation::{ConversationDetail, ConversationPage},
    document::{Document, DocumentText, SearchRequest, SearchResult},
    feedback::FeedbackSummary,
};

/// One page for one reader.
pub(super) struct PageOf {
    app: AppState,
    who: Option<Authenticated>,
    /// A form of the page that was not taken.
    returned: Option<Returned>,
    theme: Theme,
    request_id: String,
}

impl PageOf {
    pub(super) fn new(
        app: AppState,
        who: Option<Authenticated>,
        headers: &HeaderMap,
        returned: Option<Returned>,
    ) -> Self {
        // What somebody chose is theirs on every device; for who is not signed in, what was chosen in this browser.
        let profile = who.as_ref().map(|who| &who.user.profile);
        let theme = profile.map_or_else(|| look::theme_of(headers), |profile| profile.theme);
        Self {
            theme,
            app,
            who,
            returned,
            request_id: request_id::current(),
        }
    }

    fn reader(&self) -> ApiResult<&Authenticated> {
        self.who.as_ref().ok_or_else(unauthenticated)
    }

    fn shown<T>(&self, result: ApiResult<T>) -> Result<T, Problem> {
        result.map_err(|error| error.problem(&self.request_id))
    }
}

#[async_trait::async_trait]
impl PageData for PageOf {
    fn info(&self) -> ServerInfo {
        info::server_info(&self.app)
    }

    fn shows_design(&self) -> bool {
        self.app.config.http.design
    }

    fn user(&self) -> Option<User> {
        self.who.as_ref().map(|who| account::shown(&who.user))
    }

    fn theme(&self) -> Theme {
        self.theme
    }

    fn prompt_id(&self) -> ClientMessageId {
        ClientMessageId::from_uuid(self.app.ids.new_uuid())
    }

    async fn devices(&self) -> Result<Vec<Device>, Problem> {
        let read = async { device::list(&self.app, self.reader()?).await };
        self.shown(read.await)
    }

    fn form_token(&self) -> Option<String> {
        let who = self.who.as_ref()?;
        let token = self.app.auth.keys.form_token(who.sign_in);
        token
            .inspect_err(|error| tracing::error!(%error, "The forms of a page cannot be sent"))
            .ok()
    }

    fn returned(&self) -> Option<Returned> {
        self.returned.clone()
    }

    async fn chatbots(&self) -> Result<Vec<Chatbot>, Problem> {
        let read = async { chatbot::list(&self.app, &self.reader()?.user).await };
        self.shown(read.await)
    }

    async fn chatbot(&self, id: ChatbotId) -> Result<Chatbot, Problem> {
        let read = async { chatbot::get(&self.app, &self.reader()?.user, id).await };
        self.shown(read.await)
    }

    fn now(&self) -> Timestamp {
        self.app.clock.now()
    }

    async fn conversations(
        &self,
        words: Option<String>,
        chatbot_id: Option<ChatbotId>,
    ) -> Result<ConversationPage, Problem> {
        let read = async {
            conversation::list(
                &self.app,
                &self.reader()?.user,
                HistoryQuery {
                    words,
                    chatbot_id,
                    ..HistoryQuery::default()
                },
            )
            .await
        };
        self.shown(read.await)
    }

    async fn conversation(
        &self,
        id: ConversationId,
        through: Option<MessageId>,
    ) -> Result<ConversationDetail, Problem> {
        let read = async { conversation::detail(&self.app, &self.reader()?.user, id, through).await };
        self.shown(read.await)
    }

    async fn so_far(&self, id: ConversationId) -> Result<Option<SoFar>, Problem> {
        let read = async { conversation::so_far(&self.app, &self.reader()?.user, id).await };
        self.shown(read.await)
    }

    async fn documents(&self, bot: ChatbotId) -> Result<Vec<Document>, Problem> {
        let read = async { document::list(&self.app, &self.reader()?.user, bot).await };
        self.shown(read.await)
    }

    async fn text(&self, bot: ChatbotId, id: DocumentId, place: Place) -> Result<DocumentText, Problem> {
        let beginning = match place {
            Place::Block(number) => Beginning::Block(number),
            Place::Character(at) => Beginning::Before(at),
        };
        let read = async {
            let user = &self.reader()?.user;
            contents::blocks(&self.app, user, bot, id, beginning, None).await
        };
        self.shown(read.await)
    }

    async fn feedback(&self, bot: ChatbotId) -> Result<FeedbackSummary, Problem> {
        let read = async { feedback::summary(&self.app, &self.reader()?.user, bot).await };
        self.shown(read.await)
    }

    async fn search(&self, bot: ChatbotId, query: String) -> Result<SearchResult, Problem> {
        let request = SearchRequest { query, k: None };
        let read = async { search::search(&self.app, &self.reader()?.user, bot, request).await };
        self.shown(read.await)
    }
}
