//! Who is signed in, and the way out.

use crate::{
    boot::Boot,
    net::{api, browser},
};
use leptos::{prelude::*, task::spawn_local};

const MENU: &str = "account-menu";

/// The button with the user's letter, and the menu behind it.
#[component]
pub(crate) fn AccountMenu() -> impl IntoView {
    let boot = Boot::here();
    let email = boot.user.with_value(|user| user.as_ref().map(|user| user.email.clone())).unwrap_or_default();
    let letter: String = email.chars().next().unwrap_or('•').to_uppercase().collect();
    let failed = RwSignal::new(None::<String>);
    let sign_out = move |_| {
        spawn_local(async move {
            match api::logout().await {
                Ok(()) => browser::go_to("/sign-in"),
                Err(failure) => {
                    failed.try_set(Some(failure.text()));
                }
            }
        });
    };
    view! {
        <button type="button" class="account__button" popovertarget=MENU aria-label="Account">
            <span aria-hidden="true">{letter}</span>
        </button>
        <div id=MENU popover class="account__menu">
            <p class="account__email">{email}</p>
            <button type="button" class="button button--quiet" disabled=move || !boot.awake.get() on:click=sign_out>
                "Sign out"
            </button>
            {move || failed.get().map(|text| view! { <p class="problem" role="alert">{text}</p> })}
        </div>
    }
}
