//! The end of an account: says what goes, and asks for the password.

use super::{frame::Frame, title::title_of};
use crate::{
    component::{
        plain_form::{PlainField, PlainForm, Submit},
        topbar::Topbar,
    },
    text,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// `/account/delete`.
#[component]
pub(crate) fn AccountDelete() -> impl IntoView {
    view! {
        <Title text=title_of(text::delete_account_heading())/>
        <Frame>
            <main class="page">
                <Topbar><p class="topbar__name">{text::account()}</p></Topbar>
                <div class="page__scroll">
                    <div class="sheet">
                        <h1 class="sheet__heading">{text::delete_account_heading()}</h1>
                        <p>{text::delete_account_lead()}</p>
                        <ul class="sheet__list">
                            <li>{text::delete_account_conversations()}</li>
                            <li>{text::delete_account_bots()}</li>
                            <li>{text::delete_account_documents()}</li>
                            <li>{text::delete_account_self()}</li>
                        </ul>
                        <p>{text::delete_account_nobody()}" "<a href="/account/export" download="">{text::delete_account_before()}</a></p>
                        <PlainForm name="delete" action="/account/delete">
                            <PlainField
                                form="delete"
                                name="password"
                                label=text::password_yours()
                                kind="password"
                                autocomplete="current-password"
                            />
                            <div class="sheet__ends">
                                <Submit label=text::delete_account() look="button--bad"/>
                                <a class="button button--quiet" href="/account">{text::keep_it()}</a>
                            </div>
                        </PlainForm>
                    </div>
                </div>
            </main>
        </Frame>
    }
}
