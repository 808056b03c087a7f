//! Making an account.

use super::{doorway::Doorway, title::title_of};
use crate::{
    data::{SignUpGiven, given::give, page_data},
    island::SignUpForm,
    text,
};
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
    let back = page_data().and_then(|data| data.returned()).unwrap_or_default();
    let email = back.typed("sign-up", "email").unwrap_or_default().to_owned();
    let problem = Some(back.said()).filter(|problem| !problem.is_empty());
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
        let block = give(SignUpGiven {
            invitation,
            ask_for_code,
            email,
            problem,
        });
        view! { <SignUpForm/>{block} }.into_any()
    };
    view! {
        <Title text=title_of(text::sign_up())/>
        <Doorway heading=heading>
            {form}
            <p class="doorway__other">{text::have_account()}" "<a href="/sign-in">{text::sign_in()}</a></p>
        </Doorway>
    }
}
