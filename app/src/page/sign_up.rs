//! Making an account: a form that the browser posts, as for signing in.

use super::{doorway::Doorway, title::title_of};
use crate::{data::page_data, text};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use wire::auth::Registration;

/// The page. `?invite=CODE` carries an invitation, or the first administrator's link.
#[component]
pub(crate) fn SignUp() -> impl IntoView {
    let invitation = use_query_map()
        .with_untracked(|query| query.get("invite"))
        .filter(|code| !code.is_empty());
    let registration = page_data().map(|data| data.info().registration);
    let invited = invitation.is_some();
    let heading = if invited {
        text::accept_invitation()
    } else {
        text::create_an_account()
    };
    let form = if registration == Some(Registration::Closed) && !invited {
        view! { <p>{text::registration_closed()}</p> }.into_any()
    } else {
        let ask_for_code = registration == Some(Registration::Invitation) && !invited;
        form(invitation, ask_for_code).into_any()
    };
    view! {
        <Title text=title_of(text::sign_up())/>
        <Doorway heading=heading>
            {form}
            <p class="doorway__other">{text::have_account()}" "<a href="/sign-in">{text::sign_in()}</a></p>
        </Doorway>
    }
}

#[cfg(feature = "ssr")]
fn form(invitation: Option<String>, ask_for_code: bool) -> impl IntoView {
    use crate::component::plain_form::{PlainField, PlainForm, Submit};
    use wire::limit::PASSWORD_MIN_CHARS;
    let brought = invitation.map(|code| view! { <input type="hidden" name="invitation" value=code/> });
    let code = ask_for_code.then(|| {
        view! { <PlainField form="sign-up" name="invitation" label=text::invitation_code()/> }
    });
    view! {
        <PlainForm name="sign-up" action="/sign-up">
            <PlainField form="sign-up" name="email" label=text::email() kind="email" autocomplete="username"/>
            <PlainField
                form="sign-up" name="password" label=text::password() kind="password" autocomplete="new-password"
                hint=text::password_hint(PASSWORD_MIN_CHARS) least=PASSWORD_MIN_CHARS
            />
            {code}
            {brought}
            <Submit label=text::create_account()/>
        </PlainForm>
    }
}

/// Drawn by a browser, there is no server of its own that takes a form.
#[cfg(not(feature = "ssr"))]
fn form(invitation: Option<String>, ask_for_code: bool) -> impl IntoView {
    use crate::{
        data::{SignUpGiven, given::give},
        island::SignUpForm,
    };
    let block = give(SignUpGiven {
        invitation,
        ask_for_code,
        email: String::new(),
        problem: None,
    });
    view! { <SignUpForm/>{block} }
}
