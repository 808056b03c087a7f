//! Signing in: a form that the browser posts. None of it is in the wasm, and the page fetches none.

use super::{doorway::Doorway, param::query, title::title_of};
use crate::{component::plain_form::Notice, data::page_data, text};
use leptos::prelude::*;
use leptos_meta::Title;
use wire::auth::Registration;

/// The page.
#[component]
pub(crate) fn SignIn() -> impl IntoView {
    let open = page_data().is_some_and(|data| data.info().registration == Registration::Open);
    let other = open.then(|| {
        view! { <p class="doorway__other">{text::new_here()}" "<a href="/sign-up">{text::create_an_account()}</a></p> }
    });
    let gone = query::<u8>("deleted").map(|_| {
        view! { <Notice text=text::account_gone()/> }
    });
    // What a browser kept for somebody who has signed out is nobody else's.
    let forget = query::<u8>("out").is_some();
    view! {
        <Title text=title_of(text::sign_in())/>
        <Doorway heading=text::sign_in()>{gone}{form(forget)}{other}</Doorway>
    }
}

#[cfg(feature = "ssr")]
fn form(forget: bool) -> impl IntoView {
    use crate::component::plain_form::{PlainField, PlainForm, Submit};
    const FORGET: &str = "try{sessionStorage.clear();localStorage.clear()}catch{}";
    let forget = forget.then(|| view! { <script nonce=leptos::nonce::use_nonce()>{FORGET}</script> });
    view! {
        <PlainForm name="sign-in" action="/sign-in">
            <PlainField form="sign-in" name="email" label=text::email() kind="email" autocomplete="username"/>
            <PlainField
                form="sign-in" name="password" label=text::password() kind="password" autocomplete="current-password"
            />
            <Submit label=text::sign_in()/>
        </PlainForm>
        {forget}
    }
}

/// Drawn by a browser, there is no server of its own that takes a form.
#[cfg(not(feature = "ssr"))]
fn form(forget: bool) -> impl IntoView {
    use crate::{
        data::{SignInGiven, given::give},
        island::SignInForm,
    };
    let block = give(SignInGiven {
        email: String::new(),
        problem: None,
        forget,
    });
    view! { <SignInForm/>{block} }
}
