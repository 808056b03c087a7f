//! Who is signed in, and the way out.

use crate::{
    component::field::awake,
    net::{api, browser},
    text,
};
use leptos::{prelude::*, task::spawn_local};

/// The user's address and the button that ends the sign-in.
#[island]
pub fn Account(
    /// Who is signed in, as the server draws it.
    children: Children,
) -> impl IntoView {
    let awake = awake();
    let problem = RwSignal::new(None::<String>);
    let sign_out = move |_| {
        spawn_local(async move {
            match api::logout().await {
                Ok(()) => {
                    browser::forget_all();
                    browser::go_to("/sign-in");
                }
                Err(failure) => {
                    problem.try_set(Some(failure.text()));
                }
            }
        });
    };
    let asleep = Signal::derive(move || !awake.get());
    view! {
        <div class="account">
            {children()}
            <button type="button" class="button button--quiet" disabled=asleep on:click=sign_out>
                {text::sign_out()}
            </button>
            <p class="account__problem" role="alert">{problem}</p>
        </div>
    }
}
