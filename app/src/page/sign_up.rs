//! Making an account.

use super::doorway::Doorway;
use crate::{data::page_data, island::SignUpForm};
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
    let problem = Some(back.problem).filter(|problem| !problem.is_empty());
    let registration = page_data().map(|data| data.info().registration);
    let invited = invitation.is_some();
    let heading = if invited {
        "Accept your invitation"
    } else {
        "Create an account"
    };
    let form = if registration == Some(Registration::Closed) && !invited {
        view! { <p>"Registration is closed here. Ask whoever runs this server for an account."</p> }
            .into_any()
    } else {
        let ask_for_code = registration == Some(Registration::Invitation) && !invited;
        view! { <SignUpForm invitation ask_for_code email problem/> }.into_any()
    };
    view! {
        <Title text="Sign up · Parlance"/>
        <Doorway heading=heading>
            {form}
            <p class="doorway__other">"You have an account? " <a href="/sign-in">"Sign in"</a></p>
        </Doorway>
    }
}
