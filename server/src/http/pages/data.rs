//! What a page is given while it is rendered: the same data, by the same rules, as over REST.

use crate::{
    app::AppState,
    auth::{Authenticated, account, authenticate::unauthenticated},
    chatbot,
    conversation::{self, HistoryQuery},
    http::{info, request_id},
    problem::ApiResult,
};
use app::data::PageData;
use wire::{
    ChatbotId, ConversationId, Problem, Timestamp,
    auth::{ServerInfo, User},
    chatbot::Chatbot,
    conversation::{ConversationDetail, ConversationPage},
};

/// One page for one reader.
pub(super) struct PageOf {
    app: AppState,
    who: Option<Authenticated>,
    request_id: String,
}

impl PageOf {
    pub(super) fn new(app: AppState, who: Option<Authenticated>) -> Self {
        Self {
            app,
            who,
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

    fn user(&self) -> Option<User> {
        self.who.as_ref().map(|who| account::shown(&who.user))
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

    async fn conversations(&self, words: Option<String>) -> Result<ConversationPage, Problem> {
        let read = async {
            conversation::list(
                &self.app,
                &self.reader()?.user,
                HistoryQuery {
                    words,
                    ..HistoryQuery::default()
                },
            )
            .await
        };
        self.shown(read.await)
    }

    async fn conversation(&self, id: ConversationId) -> Result<ConversationDetail, Problem> {
        let read = async { conversation::detail(&self.app, &self.reader()?.user, id).await };
        self.shown(read.await)
    }
}
