//! The routes.

// Pages that consist of forms which the server takes: there they stay.
#[cfg(feature = "csr")]
use crate::alone::{
    AtServer as Account, AtServer as AccountDelete, AtServer as AuditLog, AtServer as Design,
    AtServer as Models, AtServer as NewPassword, AtServer as People, AtServer as Person, AtServer as Usage,
};
#[cfg(not(feature = "csr"))]
use crate::page::{Account, AccountDelete, AuditLog, Design, Models, NewPassword, People, Person, Usage};
use crate::page::{
    BotDocuments, BotFeedback, BotPlayground, BotSettings, Conversation, Document, Missing, NewBot, NewChat,
    Offline, Picker, SignIn, SignUp,
};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
// Draws a page at once, so that islands find it in the document when they begin to live.
#[cfg(feature = "csr")]
use leptos_router::components::FlatRoutes as Routes;
#[cfg(not(feature = "csr"))]
use leptos_router::components::Routes;
use leptos_router::{
    SsrMode,
    components::{Route, Router},
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
