//! Signing in.

use super::doorway::Doorway;
use crate::{data::page_data, island::SignInForm};
use leptos::prelude::*;
use leptos_meta::Title;
use wire::auth::Registration;

/// The page.
#[component]
pub(crate) fn SignIn() -> impl IntoView {
    let open = page_data().is_some_and(|data| data.info().registration == Registration::Open);
    let other = open.then(|| {
        view! { <p class="doorway__other">"New here? " <a href="/sign-up">"Create an account"</a></p> }
    });
    view! {
        <Title text="Sign in · Parlance"/>
        <Doorway heading="Sign in"><SignInForm/>{other}</Doorway>
    }
}
