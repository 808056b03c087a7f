//! The form of the sign-up page. Without scripts the browser posts it, to the page's own address.

use crate::{
    component::field::{Field, value},
    data::{SignUpGiven, given::given},
    net::{api, browser},
    text,
};
use leptos::{ev, html::Input, prelude::*, task::spawn_local};
use wire::{auth::Register, limit::PASSWORD_MIN_CHARS};

/// The form.
#[cfg_attr(feature = "csr", component)]
#[cfg_attr(not(feature = "csr"), island)]
pub fn SignUpForm() -> impl IntoView {
    given().map(form)
}

fn form(given: SignUpGiven) -> impl IntoView {
    let SignUpGiven {
        invitation,
        ask_for_code,
        email: typed,
        problem,
    } = given;
    let brought = invitation
        .clone()
        .map(|code| view! { <input type="hidden" name="invitation" value=code/> });
    let (email, password, code) = (
        NodeRef::<Input>::new(),
        NodeRef::<Input>::new(),
        NodeRef::<Input>::new(),
    );
    let problem = RwSignal::new(problem);
    let sending = RwSignal::new(false);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let shortest = usize::try_from(PASSWORD_MIN_CHARS).unwrap_or_default();
        if value(password).chars().count() < shortest {
            problem.set(Some(text::password_too_short(PASSWORD_MIN_CHARS)));
            return;
        }
        sending.set(true);
        problem.set(None);
        let invitation = invitation
            .clone()
            .unwrap_or_else(|| value(code).trim().to_owned());
        let register = Register {
            email: value(email),
            password: value(password),
            invitation: Some(invitation).filter(|code| !code.is_empty()),
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
    let code_field = ask_for_code.then(|| {
        view! { <Field name="invitation" label=text::invitation_code() kind="text" autocomplete="off" node=code/> }
    });
    let waiting = Signal::derive(move || sending.get());
    let word = Signal::derive(move || {
        if sending.get() {
            text::create_account_busy()
        } else {
            text::create_account()
        }
    });
    view! {
        <form class="form" method="post" on:submit=submit>
            <Field name="email" label=text::email() kind="email" autocomplete="username" node=email value=typed/>
            <Field
                name="password"
                label=text::password()
                kind="password"
                autocomplete="new-password"
                node=password
                hint=text::password_hint(PASSWORD_MIN_CHARS)
            />
            {code_field}
            {brought}
            <p class="problem" role="alert">{problem}</p>
            <button type="submit" class="button" disabled=waiting>
                {word}
            </button>
        </form>
    }
}
