//! Signing in.

use super::{doorway::Doorway, title::title_of};
use crate::{data::page_data, island::SignInForm, text};
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
    view! {
        <Title text=title_of(text::sign_in())/>
        <Doorway heading=text::sign_in()><SignInForm/>{other}</Doorway>
    }
}
