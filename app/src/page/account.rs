//! One's account: what one is called, how the pages look, the password, the devices, and what one takes along. Plain forms:
//! none of it is in the wasm.

use super::{frame::Frame, param::query};
use crate::{
    component::{
        plain_form::{Notice, PlainChoice, PlainField, PlainForm, PlainToken, Submit},
        topbar::Topbar,
        when::{day, since},
    },
    data::{Trouble, page_data},
};
use leptos::prelude::*;
use leptos_meta::Title;
use wire::{
    Timestamp,
    auth::{Device, Theme, User},
};

/// `/account`; `?done=` names what was just done.
#[component]
pub(crate) fn Account() -> impl IntoView {
    let data = page_data();
    let user = data.as_ref().and_then(|data| data.user());
    let done = query::<String>("done").and_then(|done| said(&done));
    let devices = Suspend::new(async move {
        let Some(data) = data else { return ().into_any() };
        match data.devices().await.map_err(Trouble::from) {
            Ok(devices) => view! { <Devices devices now=data.now()/> }.into_any(),
            Err(Trouble::Said(text)) => view! { <p class="problem" role="alert">{text}</p> }.into_any(),
            Err(Trouble::Missing) => ().into_any(),
        }
    });
    user.map(|user| {
        let User {
            email,
            name,
            theme,
            language,
            created_at,
            ..
        } = user;
        let called = name.clone().unwrap_or_else(|| email.clone());
        let beside = name.is_some().then(|| format!("{email} · "));
        view! {
            <Title text="Your account · Parlance"/>
            <Frame>
                <main class="page">
                    <Topbar><p class="topbar__name">"Your account"</p></Topbar>
                    <div class="page__scroll">
                        <div class="sheet">
                            {done.map(|text| view! { <Notice text/> })}
                            <header class="sheet__head">
                                <h1 class="sheet__heading">{called}</h1>
                                <p class="sheet__beside">{beside}"here since "{day(created_at)}</p>
                            </header>
                            <section class="sheet__part" aria-labelledby="part-name">
                                <h2 id="part-name">"Name"</h2>
                                <PlainForm name="name" action="/account/name">
                                    <PlainField
                                        form="name"
                                        name="name"
                                        label="What you want to be called"
                                        autocomplete="name"
                                        value=name.unwrap_or_default()
                                        hint="Shown to you, in place of your address. Leave it empty to have none."
                                        may_be_empty=true
                                    />
                                    <Submit label="Save name" look="button--quiet"/>
                                </PlainForm>
                            </section>
                            <section class="sheet__part" aria-labelledby="part-look">
                                <h2 id="part-look">"Look and language"</h2>
                                <Look theme language/>
                            </section>
                            <section class="sheet__part" aria-labelledby="part-password">
                                <h2 id="part-password">"Password"</h2>
                                <Password email/>
                            </section>
                            <section class="sheet__part" aria-labelledby="part-devices">
                                <h2 id="part-devices">"Devices"</h2>
                                <Suspense>{devices}</Suspense>
                            </section>
                            <section class="sheet__part" aria-labelledby="part-data">
                                <h2 id="part-data">"Your data"</h2>
                                <div class="form">
                                    <p>"Everything you have here, as one ZIP file: conversations with all their branches, your chatbots, and the documents you gave them."</p>
                                    <p><a class="button button--quiet" href="/account/export" download="">"Download everything"</a></p>
                                    <p><a class="button button--quiet button--doom" href="/account/delete">"Delete my account…"</a></p>
                                </div>
                            </section>
                        </div>
                    </div>
                </main>
            </Frame>
        }
    })
}

/// What is said of what was just done. Never the address's own words.
fn said(done: &str) -> Option<&'static str> {
    Some(match done {
        "name" => "Your name is saved.",
        "look" => "Saved: this is how the pages look now.",
        "password" => "Your new password is good from now on. You are signed out everywhere else.",
        "device" => "That device is signed out.",
        "devices" => "You are signed out everywhere else.",
        _ => return None,
    })
}

#[component]
fn Look(theme: Theme, language: Option<String>) -> impl IntoView {
    let choice = |(value, shown): (&str, &str)| (value.to_owned(), shown.to_owned());
    let themes = [
        (Theme::System, "As the device"),
        (Theme::Light, "Light: ink on paper"),
        (Theme::Dark, "Dark: lamp light"),
    ];
    let themes = themes
        .map(|(theme, shown)| choice((theme.word(), shown)))
        .to_vec();
    let languages = [
        ("", "As the browser"),
        ("en", "English"),
        ("ar", "العربية"),
        ("ja", "日本語"),
    ];
    view! {
        <PlainForm name="look" action="/account/look">
            <PlainChoice form="look" name="theme" label="Theme" choices=themes chosen=theme.word()/>
            <PlainChoice
                form="look"
                name="language"
                label="Language"
                choices=languages.map(choice).to_vec()
                chosen=language.unwrap_or_default()
            />
            <Submit label="Save look" look="button--quiet"/>
        </PlainForm>
    }
}

#[component]
fn Password(email: String) -> impl IntoView {
    view! {
        <PlainForm name="password" action="/account/password">
            // For password managers, which want to know whose it is.
            <input type="text" name="email" value=email autocomplete="username" hidden/>
            <PlainField
                form="password"
                name="password"
                label="Your password now"
                kind="password"
                autocomplete="current-password"
            />
            <PlainField
                form="password"
                name="new_password"
                label="The new one"
                kind="password"
                autocomplete="new-password"
                hint="At least 8 characters. It signs you out everywhere else."
            />
            <Submit label="Change password" look="button--quiet"/>
        </PlainForm>
    }
}

#[component]
fn Devices(devices: Vec<Device>, now: Timestamp) -> impl IntoView {
    let others = devices.len() > 1;
    let line = |device: Device| {
        let name = device.name.unwrap_or_else(|| "An unknown device".into());
        let end = (!device.current).then(|| {
            view! {
                <form method="post" action=format!("/account/device/{}", device.id)>
                    <PlainToken/>
                    <Submit label="Sign out" look="button--quiet" says=format!("Sign out: {name}")/>
                </form>
            }
        });
        view! {
            <li class="devices__line">
                <p class="devices__name">{name.clone()}</p>
                <p class="devices__used">
                    {if device.current {
                        "This device".to_owned()
                    } else {
                        format!("Last used {}", since(device.last_used_at, now))
                    }}
                    {format!(" · signed in {}", day(device.created_at))}
                </p>
                {end}
            </li>
        }
    };
    view! {
        <div class="form">
            <ul class="devices">{devices.into_iter().map(line).collect_view()}</ul>
            {others.then(|| view! {
                <PlainForm name="devices" action="/account/devices">
                    <Submit label="Sign out everywhere else" look="button--quiet"/>
                </PlainForm>
            })}
        </div>
    }
}
