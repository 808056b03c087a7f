//! What is pressed, and what is filled in.

use super::{part, row};
use crate::{
    component::{
        avatar::{Avatar, colour_class},
        field::Field,
        icon::{Brand, Icon, Shape},
    },
    text,
};
use leptos::{html::Input, prelude::*};
use wire::chatbot::Colour;

pub(super) fn parts() -> Vec<AnyView> {
    vec![
        part("buttons", buttons()),
        part("fields", fields()),
        part("choices", choices()),
        part("question", question()),
        part("colours", colours()),
        part("keys", keys()),
    ]
}

fn buttons() -> AnyView {
    let worded = [
        "button",
        "button button--quiet",
        "button button--bad",
        "button button--quiet button--doom",
    ];
    let mut things = Vec::new();
    for class in worded {
        things.push(view! { <button type="button" class=class>{text::save_and_send()}</button> }.into_any());
        things.push(
            view! { <button type="button" class=class disabled>{text::save_and_send()}</button> }.into_any(),
        );
    }
    for shape in [
        Shape::Plus,
        Shape::Menu,
        Shape::Cross,
        Shape::Up,
        Shape::Down,
        Shape::Square,
        Shape::Papers,
    ] {
        let button = view! {
            <button type="button" class="icon-button" aria-label=format!("{shape:?}")><Icon shape/></button>
        };
        things.push(button.into_any());
    }
    things.push(view! { <span class="brand brand--large"><Brand/></span> }.into_any());
    row(things)
}

fn fields() -> AnyView {
    let node = NodeRef::<Input>::new;
    view! {
        <div class="form design__narrow">
            <Field name="email" label=text::email() kind="email" autocomplete="off" node=node()/>
            <Field
                name="password"
                label=text::password()
                kind="password"
                autocomplete="off"
                node=node()
                hint=text::password_hint(8_u32)
            />
            <div class="field">
                <label for="wrong">{text::invitation_code()}</label>
                <input id="wrong" type="text" value="K3TT-LE" aria-invalid="true"/>
            </div>
            <p class="problem" role="alert">{text::network()}</p>
            <form class="search" role="search" aria-label=text::conversations()>
                <input
                    class="search__field"
                    type="search"
                    placeholder=text::search()
                    aria-label=text::search_conversations()
                />
            </form>
        </div>
    }
    .into_any()
}

fn choices() -> AnyView {
    let choice = |kind: &'static str, label: &'static str, hint: &'static str, chosen: bool| {
        view! {
            <label class="choice">
                <input type=kind name=kind checked=chosen/>
                <span class="choice__words">
                    <strong>{label}</strong>
                    <span class="field__hint">{hint}</span>
                </span>
            </label>
        }
    };
    view! {
        <div class="bot-form design__narrow">
            <fieldset class="choices">
                <legend>{text::bot_visibility()}</legend>
                {choice("radio", text::bot_private(), text::bot_private_hint(), true)}
                {choice("radio", text::bot_everyone(), text::bot_everyone_hint(), false)}
            </fieldset>
            <fieldset class="choices">
                <legend>{text::bot_answers()}</legend>
                {choice("checkbox", text::bot_documents_only(), text::bot_documents_only_hint(), true)}
            </fieldset>
        </div>
    }
    .into_any()
}

fn question() -> AnyView {
    view! {
        <dialog class="confirm design__still" open aria-label=text::delete()>
            <p class="confirm__question">{text::bot_delete_question()}</p>
            <div class="confirm__buttons">
                <button type="button" class="button button--quiet">{text::keep_it()}</button>
                <button type="button" class="button button--bad">{text::delete()}</button>
            </div>
        </dialog>
    }
    .into_any()
}

fn colours() -> AnyView {
    let faces = Colour::ALL.map(|colour| {
        let is_chosen = colour == Colour::Moss;
        let swatch = view! {
            <label class=format!("swatch {}", colour_class(colour))>
                <input type="radio" name="colour" checked=is_chosen/>
                <span class="unseen">{colour.name()}</span>
            </label>
        };
        view! {
            <span class=format!("design__face {}", colour_class(colour))>
                <Avatar name="Ada".to_owned() colour/>
                <span class="cite">"1"</span>
                {swatch}
            </span>
        }
        .into_any()
    });
    view! { <div class="bot-form">{row(faces.into())}</div> }.into_any()
}

fn keys() -> AnyView {
    view! {
        <div class="shortcuts design__still">
            <dl class="shortcuts__list">
                <div class="shortcuts__line">
                    <dt><kbd>"Shift"</kbd><kbd>"Enter"</kbd></dt>
                    <dd>{text::key_new_line()}</dd>
                </div>
            </dl>
        </div>
    }
    .into_any()
}
