//! Who is signed in, with the way to their account and the way out. Neither needs scripts.

use super::plain_form::PlainToken;
use crate::{data::page_data, text};
use leptos::prelude::*;
use wire::auth::Role;

/// A link to the account and the button that ends the sign-in; to the administration, for who may.
#[component]
pub(crate) fn AccountLink() -> impl IntoView {
    let user = page_data().and_then(|data| data.user());
    user.map(|user| {
        let email = user.email.clone();
        let administers = user.role == Role::Admin;
        let administration = administers
            .then(|| view! { <a class="account__link" href="/admin">{text::administration()}</a> });
        let shown = user.name.unwrap_or(user.email);
        view! {
        {administration}
        <div class="account">
            <a class="account__link" href="/account" title=email>
                <span class="unseen">{text::account_of()}" "</span>
                <span class="account__name">{shown}</span>
            </a>
            <form method="post" action="/sign-out">
                <PlainToken/>
                <button type="submit" class="button button--quiet">{text::sign_out()}</button>
            </form>
        </div>
        }
    })
}
