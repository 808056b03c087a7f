//! The routes.

use crate::page::{
    Account, AccountDelete, AuditLog, BotDocuments, BotFeedback, BotPlayground, BotSettings, Conversation,
    Design, Document, Missing, Models, NewBot, NewChat, NewPassword, Offline, People, Person, Picker, SignIn,
    SignUp, Usage,
};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

/// The whole interface.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    // Pages are rendered whole before they are sent: they are read from a database beside the server, and must
    // be readable without scripts.
    view! {
        <Router>
            <Routes fallback=Missing>
                <Route path=path!("/") view=Picker ssr=SsrMode::Async/>
                <Route path=path!("/sign-in") view=SignIn ssr=SsrMode::Async/>
                <Route path=path!("/sign-up") view=SignUp ssr=SsrMode::Async/>
                <Route path=path!("/account") view=Account ssr=SsrMode::Async/>
                <Route path=path!("/account/delete") view=AccountDelete ssr=SsrMode::Async/>
                <Route path=path!("/offline") view=Offline ssr=SsrMode::Async/>
                <Route path=path!("/design") view=Design ssr=SsrMode::Async/>
                <Route path=path!("/new/:chatbot_id") view=NewChat ssr=SsrMode::Async/>
                <Route path=path!("/c/:conversation_id") view=Conversation ssr=SsrMode::Async/>
                <Route path=path!("/bot/new") view=NewBot ssr=SsrMode::Async/>
                <Route path=path!("/bot/:chatbot_id/settings") view=BotSettings ssr=SsrMode::Async/>
                <Route path=path!("/bot/:chatbot_id/documents") view=BotDocuments ssr=SsrMode::Async/>
                <Route path=path!("/bot/:chatbot_id/playground") view=BotPlayground ssr=SsrMode::Async/>
                <Route path=path!("/bot/:chatbot_id/feedback") view=BotFeedback ssr=SsrMode::Async/>
                <Route path=path!("/bot/:chatbot_id/document/:document_id") view=Document ssr=SsrMode::Async/>
                <Route path=path!("/new-password") view=NewPassword ssr=SsrMode::Async/>
                <Route path=path!("/admin") view=People ssr=SsrMode::Async/>
                <Route path=path!("/admin/user/:user_id") view=Person ssr=SsrMode::Async/>
                <Route path=path!("/admin/usage") view=Usage ssr=SsrMode::Async/>
                <Route path=path!("/admin/models") view=Models ssr=SsrMode::Async/>
                <Route path=path!("/admin/audit") view=AuditLog ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
}
