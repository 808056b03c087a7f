//! Signing in.

use super::{doorway::Doorway, param::query, title::title_of};
use crate::{
    component::plain_form::Notice,
    data::{SignInGiven, given::give, page_data},
    island::SignInForm,
    text,
};
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
    let back = page_data().and_then(|data| data.returned()).unwrap_or_default();
    let email = back.typed("sign-in", "email").unwrap_or_default().to_owned();
    let problem = Some(back.said()).filter(|problem| !problem.is_empty());
    let gone = query::<u8>("deleted").map(|_| {
        view! { <Notice text=text::account_gone()/> }
    });
    // What a browser kept for somebody who has signed out is nobody else's.
    let forget = query::<u8>("out").is_some();
    let block = give(SignInGiven {
        email,
        problem,
        forget,
    });
    view! {
        <Title text=title_of(text::sign_in())/>
        <Doorway heading=text::sign_in()>{gone}<SignInForm/>{block}{other}</Doorway>
    }
}
