//! The end of an account: says what goes, and asks for the password.

use super::frame::Frame;
use crate::component::{
    plain_form::{PlainField, PlainForm, Submit},
    topbar::Topbar,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// `/account/delete`.
#[component]
pub(crate) fn AccountDelete() -> impl IntoView {
    view! {
        <Title text="Delete your account · Parlance"/>
        <Frame>
            <main class="page">
                <Topbar><p class="topbar__name">"Your account"</p></Topbar>
                <div class="page__scroll">
                    <div class="sheet">
                        <h1 class="sheet__heading">"Delete your account"</h1>
                        <p>"At once, and for good, these go:"</p>
                        <ul class="sheet__list">
                            <li>"all your conversations, with every branch"</li>
                            <li>"your chatbots, also those that others talk with; what others said to them stays theirs"</li>
                            <li>"the documents you gave your chatbots"</li>
                            <li>"your name, your address, and your sign-ins on all devices"</li>
                        </ul>
                        <p>"Nobody can bring any of it back. You may want to "<a href="/account/export" download="">"download everything"</a>" first."</p>
                        <PlainForm name="delete" action="/account/delete">
                            <PlainField
                                form="delete"
                                name="password"
                                label="Your password"
                                kind="password"
                                autocomplete="current-password"
                            />
                            <div class="sheet__ends">
                                <Submit label="Delete my account" look="button--bad"/>
                                <a class="button button--quiet" href="/account">"Keep it"</a>
                            </div>
                        </PlainForm>
                    </div>
                </div>
            </main>
        </Frame>
    }
}
