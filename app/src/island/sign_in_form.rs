//! The form of the sign-in page. Without scripts the browser posts it, to the page's own address.

use crate::{
    component::field::{Field, value},
    data::{SignInGiven, given::given},
    net::{api, browser},
    text,
};
use leptos::{ev, html::Input, prelude::*, task::spawn_local};
use wire::auth::Login;

/// The form.
#[cfg_attr(feature = "csr", component)]
#[cfg_attr(not(feature = "csr"), island)]
pub fn SignInForm() -> impl IntoView {
    given().map(form)
}

fn form(given: SignInGiven) -> impl IntoView {
    let SignInGiven {
        email: typed,
        problem,
        forget,
    } = given;
    Effect::new(move || {
        if forget {
            browser::forget_all();
        }
    });
    let (email, password) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let problem = RwSignal::new(problem);
    let sending = RwSignal::new(false);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        sending.set(true);
        problem.set(None);
        let login = Login {
            email: value(email),
            password: value(password),
        };
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
    let waiting = Signal::derive(move || sending.get());
    let word = Signal::derive(move || {
        if sending.get() {
            text::sign_in_busy()
        } else {
            text::sign_in()
        }
    });
    view! {
        <form class="form" method="post" on:submit=submit>
            <Field name="email" label=text::email() kind="email" autocomplete="username" node=email value=typed/>
            <Field name="password" label=text::password() kind="password" autocomplete="current-password" node=password/>
            <p class="problem" role="alert">{problem}</p>
            <button type="submit" class="button" disabled=waiting>
                {word}
            </button>
        </form>
    }
}
