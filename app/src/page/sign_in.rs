//! Signing in.

use super::{doorway::Doorway, param::query};
use crate::{component::plain_form::Notice, data::page_data, island::SignInForm};
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
    let back = page_data().and_then(|data| data.returned()).unwrap_or_default();
    let email = back.typed("sign-in", "email").unwrap_or_default().to_owned();
    let problem = Some(back.problem).filter(|problem| !problem.is_empty());
    let gone = query::<u8>("deleted").map(|_| {
        view! { <Notice text="Your account is gone, and everything in it goes with it."/> }
    });
    // What a browser kept for somebody who has signed out is nobody else's.
    let forget = query::<u8>("out").is_some();
    view! {
        <Title text="Sign in · Parlance"/>
        <Doorway heading="Sign in">{gone}<SignInForm email problem forget/>{other}</Doorway>
    }
}
