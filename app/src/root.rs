//! The routes.

use crate::{
    boot,
    component::frame::Frame,
    page::{ChatPage, Missing, Picker, SignIn, SignUp},
};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

/// The whole interface.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    boot::provide();
    // Pages are rendered whole before they are sent: they are read from a database beside the server, and must
    // be readable without scripts.
    view! {
        <Router>
            <Routes fallback=Missing>
                <Route path=path!("/sign-in") view=SignIn ssr=SsrMode::Async/>
                <Route path=path!("/sign-up") view=SignUp ssr=SsrMode::Async/>
                <ParentRoute path=path!("") view=Frame ssr=SsrMode::Async>
                    <Route path=path!("") view=Picker ssr=SsrMode::Async/>
                    // One page for both addresses: a new chat gets its own while it is being typed into.
                    <ParentRoute path=path!("") view=ChatPage ssr=SsrMode::Async>
                        <Route path=path!("/new/:chatbot_id") view=|| () ssr=SsrMode::Async/>
                        <Route path=path!("/c/:conversation_id") view=|| () ssr=SsrMode::Async/>
                    </ParentRoute>
                </ParentRoute>
            </Routes>
        </Router>
    }
}
