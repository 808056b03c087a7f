//! A new password, by a link that an administrator handed over.

use super::{awaited::later, doorway::Doorway, param::query, title::title_of};
use crate::{
    component::plain_form::{Notice, PlainField, PlainForm, Submit},
    data::admin_data,
    text,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// `/new-password?code=`.
#[component]
pub(crate) fn NewPassword() -> impl IntoView {
    let code = query::<String>("code").unwrap_or_default();
    let is_done = query::<String>("done").is_some();
    let data = admin_data();
    let content = later(async move {
        let Some(data) = data else { return ().into_any() };
        if is_done {
            return view! {
                <Notice text=text::new_password_done()/>
                <a class="button" href="/sign-in">{text::sign_in()}</a>
            }
            .into_any();
        }
        match data.new_password_of(code.clone()).await {
            Ok(email) => form(email, code),
            Err(problem) => view! { <p class="problem" role="alert">{text::of_problem(problem.code, &problem.detail)}</p> }.into_any(),
        }
    });
    view! {
        <Title text=title_of(text::admin_password())/>
        <Doorway heading=text::admin_password()><Suspense>{content}</Suspense></Doorway>
    }
}

fn form(email: String, code: String) -> AnyView {
    view! {
        <p>{text::new_password_for(&email)}</p>
        <PlainForm name="new-password" action="/new-password">
            <input type="hidden" name="code" value=code/>
            // For password managers: whose it is.
            <input type="text" name="email" value=email autocomplete="username" hidden/>
            <PlainField
                form="new-password" name="new_password" label=text::new_password_field() kind="password"
                autocomplete="new-password" hint=text::password_hint(wire::limit::PASSWORD_MIN_CHARS)
                least=wire::limit::PASSWORD_MIN_CHARS
            />
            <Submit label=text::new_password_set()/>
        </PlainForm>
    }
    .into_any()
}
