//! Making an account.

use crate::{
    boot::Boot,
    component::credentials::{Doorway, Field, value},
    net::{api, browser},
};
use leptos::{ev, html::Input, prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use wire::{
    auth::{Register, Registration},
    limit::PASSWORD_MIN_CHARS,
};

/// The page. `?invite=CODE` carries an invitation, or the first administrator's link.
#[component]
pub(crate) fn SignUp() -> impl IntoView {
    let boot = Boot::here();
    let invitation = use_query_map().with_untracked(|query| query.get("invite"));
    let registration = boot.info.with_untracked(|info| info.as_ref().map(|info| info.registration));
    let invited = invitation.is_some();
    let heading = if invited { "Accept your invitation" } else { "Create an account" };
    let closed = registration == Some(Registration::Closed) && !invited;
    let ask_for_code = registration == Some(Registration::Invitation) && !invited;
    view! {
        <Title text="Sign up · Parlance"/>
        <Doorway heading=heading>
            {if closed {
                view! { <p>"Registration is closed here. Ask whoever runs this server for an account."</p> }.into_any()
            } else {
                view! { <SignUpForm invitation ask_for_code/> }.into_any()
            }}
            <p class="doorway__other">"You have an account? " <a href="/sign-in">"Sign in"</a></p>
        </Doorway>
    }
}

#[component]
fn SignUpForm(invitation: Option<String>, ask_for_code: bool) -> impl IntoView {
    let boot = Boot::here();
    let (email, password, code) = (NodeRef::<Input>::new(), NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let problem = RwSignal::new(None::<String>);
    let sending = RwSignal::new(false);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let shortest = usize::try_from(PASSWORD_MIN_CHARS).unwrap_or_default();
        if value(password).chars().count() < shortest {
            problem.set(Some(format!("The password needs at least {shortest} characters.")));
            return;
        }
        sending.set(true);
        problem.set(None);
        let invitation = invitation.clone().or_else(|| Some(value(code).trim().to_owned()));
        let register = Register {
            email: value(email),
            password: value(password),
            invitation: invitation.filter(|code| !code.is_empty()),
        };
        spawn_local(async move {
            match api::register(&register).await {
                Ok(()) => browser::go_to("/"),
                Err(failure) => {
                    problem.try_set(Some(failure.text()));
                    sending.try_set(false);
                }
            }
        });
    };
    view! {
        <form class="form" method="post" on:submit=submit>
            <Field name="email" label="E-mail" kind="email" autocomplete="username" node=email/>
            <Field
                name="password"
                label="Password"
                kind="password"
                autocomplete="new-password"
                node=password
                hint="At least 8 characters. A few words in a row are good ones."
            />
            {ask_for_code.then(|| view! {
                <Field name="invitation" label="Invitation code" kind="text" autocomplete="off" node=code/>
            })}
            {move || problem.get().map(|text| view! { <p class="problem" role="alert">{text}</p> })}
            <button type="submit" class="button" disabled=move || !boot.awake.get() || sending.get()>
                {move || if sending.get() { "Creating…" } else { "Create account" }}
            </button>
        </form>
    }
}
