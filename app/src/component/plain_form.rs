//! Forms that need no scripts: the browser posts them to a page's route, and the server answers with another page, or with
//! this one and what is wrong beside its field.
//!
//! [`PlainForm`] carries the token that the server asks for; [`PlainField`], [`PlainChoice`] and [`Submit`] stand in it,
//! [`Notice`] above it. What was typed comes back by itself: a field knows its form by name.

use crate::data::{FORM_TOKEN, Returned, page_data};
use leptos::prelude::*;

/// A form. Its name is its `id`, too: an address may end with it.
#[component]
pub(crate) fn PlainForm(
    /// Its name among the forms of the page.
    name: &'static str,
    /// Where it is posted to: a route of the server's that is posted to.
    #[prop(into)]
    action: String,
    /// The fields, and a [`Submit`].
    children: Children,
) -> impl IntoView {
    let data = page_data();
    let problem = data
        .and_then(|data| data.returned())
        .and_then(|back| back.above(name).map(|_| back.said()))
        // A page that was loaded says nothing by itself: the focus is where it is read.
        .map(|problem| view! { <p class="problem" role="alert" tabindex="-1" autofocus>{problem}</p> });
    view! {
        <form class="form plain-form" id=name method="post" action=action>
            <PlainToken/>
            {problem}
            {children()}
        </form>
    }
}

/// What proves that a form is from a page of its sender's. It stands in the form, or names it by `form`.
#[component]
pub(crate) fn PlainToken(
    /// The `id` of a form elsewhere on the page.
    #[prop(optional)]
    form: Option<&'static str>,
) -> impl IntoView {
    let token = page_data().and_then(|data| data.form_token());
    token.map(|token| view! { <input type="hidden" form=form name=FORM_TOKEN value=token/> })
}

/// A labelled field of one line, with what is wrong below it.
#[component]
pub(crate) fn PlainField(
    /// The name of its form.
    form: &'static str,
    /// Its own.
    name: &'static str,
    /// What is asked for.
    #[prop(into)]
    label: String,
    /// `text`, `email`, `password`, `number` …
    #[prop(default = "text")]
    kind: &'static str,
    /// What a password manager should know.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// What it holds, unless something was typed and came back.
    #[prop(optional, into)]
    value: String,
    /// A sentence below it.
    #[prop(optional, into)]
    hint: String,
    /// Whether it may stay empty.
    #[prop(optional)]
    may_be_empty: bool,
    /// Characters that it needs: the browser says so before anything is sent, and the server after.
    #[prop(optional)]
    least: Option<u32>,
) -> impl IntoView {
    let back = page_data().and_then(|data| data.returned());
    let wrong = back
        .as_ref()
        .filter(|back| back.wrong(form, name).is_some())
        .map(Returned::said);
    // A password never comes back.
    let value = back
        .as_ref()
        .and_then(|back| back.typed(form, name))
        .map_or(value, str::to_owned);
    let value = (kind != "password").then_some(value);
    let id = format!("{form}-{name}");
    let (hint_id, wrong_id) = (format!("{id}-hint"), format!("{id}-wrong"));
    let described = match (&wrong, hint.is_empty()) {
        (Some(_), true) => Some(wrong_id.clone()),
        (Some(_), false) => Some(format!("{wrong_id} {hint_id}")),
        (None, true) => None,
        (None, false) => Some(hint_id.clone()),
    };
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                id=id
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                required=!may_be_empty
                minlength=least.map(|least| least.to_string())
                autofocus=wrong.is_some()
                aria-invalid=wrong.is_some().then_some("true")
                aria-describedby=described
            />
            {wrong.map(|wrong| view! { <p id=wrong_id class="field__wrong">{wrong}</p> })}
            {(!hint.is_empty()).then(|| view! { <p id=hint_id class="field__hint">{hint}</p> })}
        </div>
    }
}

/// A labelled choice of one among a few.
#[component]
pub(crate) fn PlainChoice(
    /// The name of its form.
    form: &'static str,
    /// Its own.
    name: &'static str,
    /// What is asked.
    #[prop(into)]
    label: String,
    /// What is sent, and what is shown for it.
    choices: Vec<(String, String)>,
    /// What is chosen now.
    #[prop(into)]
    chosen: String,
) -> impl IntoView {
    let id = format!("{form}-{name}");
    let choice = |(value, shown): (String, String)| {
        let selected = value == chosen;
        view! { <option value=value selected=selected>{shown}</option> }
    };
    let choices = choices.into_iter().map(choice).collect_view();
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select id=id name=name>{choices}</select>
        </div>
    }
}

/// The button that sends a form.
#[component]
pub(crate) fn Submit(
    /// What it does.
    #[prop(into)]
    label: String,
    /// How much it matters: `""` (the one thing of its page), `button--quiet`, `button--bad`.
    #[prop(default = "")]
    look: &'static str,
    /// For ears, where the label alone would not say which one: `End the sign-in of Firefox on Linux`.
    #[prop(optional, into)]
    says: String,
) -> impl IntoView {
    let says = (!says.is_empty()).then_some(says);
    view! {
        <div class="plain-form__end">
            <button type="submit" class=format!("button {look}") aria-label=says>{label}</button>
        </div>
    }
}

/// What was just done, on the page that follows.
#[component]
pub(crate) fn Notice(
    /// A sentence.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <div class="note note--good" role="status"><p>{text}</p></div> }
}
