//! Signing in.

use crate::{
    boot::Boot,
    component::credentials::{Doorway, Field, value},
    net::{api, browser},
};
use leptos::{ev, html::Input, prelude::*, task::spawn_local};
use leptos_meta::Title;
use wire::auth::{Login, Registration};

/// The page.
#[component]
pub(crate) fn SignIn() -> impl IntoView {
    let boot = Boot::here();
    let (email, password) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let problem = RwSignal::new(None::<String>);
    let sending = RwSignal::new(false);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        sending.set(true);
        problem.set(None);
        let login = Login { email: value(email), password: value(password) };
        spawn_local(async move {
            match api::login(&login).await {
                Ok(()) => browser::go_to("/"),
                Err(failure) => {
                    problem.try_set(Some(failure.text()));
                    sending.try_set(false);
                }
            }
        });
    };
    let may_register =
        move || boot.info.with(|info| info.as_ref().is_some_and(|info| info.registration == Registration::Open));
    view! {
        <Title text="Sign in · Parlance"/>
        <Doorway heading="Sign in">
            <form class="form" method="post" on:submit=submit>
                <Field name="email" label="E-mail" kind="email" autocomplete="username" node=email/>
                <Field name="password" label="Password" kind="password" autocomplete="current-password" node=password/>
                {move || problem.get().map(|text| view! { <p class="problem" role="alert">{text}</p> })}
                <button type="submit" class="button" disabled=move || !boot.awake.get() || sending.get()>
                    {move || if sending.get() { "Signing in…" } else { "Sign in" }}
                </button>
            </form>
            {may_register().then(|| view! {
                <p class="doorway__other">"New here? " <a href="/sign-up">"Create an account"</a></p>
            })}
        </Doorway>
    }
}
