//! One's account: what one is called, how the pages look, the password, the devices, and what one takes along. Plain forms:
//! none of it is in the wasm.

use super::{awaited::later, frame::Frame, param::query, title::title_of};
use crate::{
    component::{
        plain_form::{Notice, PlainChoice, PlainField, PlainForm, PlainToken, Submit},
        topbar::Topbar,
        when::since,
    },
    data::{Trouble, page_data},
    text::{self, Language},
};
use leptos::prelude::*;
use leptos_meta::Title;
use wire::{
    Timestamp,
    auth::{Device, Theme, User},
    limit::PASSWORD_MIN_CHARS,
};

/// `/account`; `?done=` names what was just done.
#[component]
pub(crate) fn Account() -> impl IntoView {
    let data = page_data();
    let user = data.as_ref().and_then(|data| data.user());
    let done = query::<String>("done").and_then(|done| said(&done));
    let devices = later(async move {
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
            <Title text=title_of(text::account())/>
            <Frame>
                <main class="page">
                    <Topbar><p class="topbar__name">{text::account()}</p></Topbar>
                    <div class="page__scroll">
                        <div class="sheet">
                            {done.map(|text| view! { <Notice text/> })}
                            <header class="sheet__head">
                                <h1 class="sheet__heading">{called}</h1>
                                <p class="sheet__beside">{beside}{text::account_since(&text::day(created_at))}</p>
                            </header>
                            <section class="sheet__part" aria-labelledby="part-name">
                                <h2 id="part-name">{text::account_name()}</h2>
                                <PlainForm name="name" action="/account/name">
                                    <PlainField
                                        form="name"
                                        name="name"
                                        label=text::account_name_field()
                                        autocomplete="name"
                                        value=name.unwrap_or_default()
                                        hint=text::account_name_hint()
                                        may_be_empty=true
                                    />
                                    <Submit label=text::account_name_save() look="button--quiet"/>
                                </PlainForm>
                            </section>
                            <section class="sheet__part" aria-labelledby="part-look">
                                <h2 id="part-look">{text::account_look()}</h2>
                                <Look theme language/>
                            </section>
                            <section class="sheet__part" aria-labelledby="part-password">
                                <h2 id="part-password">{text::password()}</h2>
                                <Password email/>
                            </section>
                            <section class="sheet__part" aria-labelledby="part-devices">
                                <h2 id="part-devices">{text::devices()}</h2>
                                <Suspense>{devices}</Suspense>
                            </section>
                            <section class="sheet__part" aria-labelledby="part-data">
                                <h2 id="part-data">{text::your_data()}</h2>
                                <div class="form">
                                    <p>{text::export_about()}</p>
                                    <p><a class="button button--quiet" href="/account/export" download="">{text::export_do()}</a></p>
                                    <p><a class="button button--quiet button--doom" href="/account/delete">{text::delete_account()}"…"</a></p>
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
        "name" => text::done_name(),
        "look" => text::done_look(),
        "password" => text::done_password(),
        "device" => text::done_device(),
        "devices" => text::done_devices(),
        _ => return None,
    })
}

#[component]
fn Look(theme: Theme, language: Option<String>) -> impl IntoView {
    let choice = |(value, shown): (&str, &str)| (value.to_owned(), shown.to_owned());
    let themes = [
        (Theme::System, text::theme_system()),
        (Theme::Light, text::theme_light()),
        (Theme::Dark, text::theme_dark()),
    ];
    let themes = themes
        .map(|(theme, shown)| choice((theme.word(), shown)))
        .to_vec();
    let spoken = Language::all().map(|one| choice((one.tag(), one.own_name())));
    let languages: Vec<_> = std::iter::once(choice(("", text::language_of_browser())))
        .chain(spoken)
        .collect();
    view! {
        <PlainForm name="look" action="/account/look">
            <PlainChoice form="look" name="theme" label=text::theme() choices=themes chosen=theme.word()/>
            <PlainChoice
                form="look"
                name="language"
                label=text::language_of_page()
                choices=languages
                chosen=language.unwrap_or_default()
            />
            <Submit label=text::account_look_save() look="button--quiet"/>
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
                label=text::password_now()
                kind="password"
                autocomplete="current-password"
            />
            <PlainField
                form="password"
                name="new_password"
                label=text::password_new()
                kind="password"
                autocomplete="new-password"
                hint=text::password_new_hint(PASSWORD_MIN_CHARS)
            />
            <Submit label=text::password_change() look="button--quiet"/>
        </PlainForm>
    }
}

#[component]
fn Devices(devices: Vec<Device>, now: Timestamp) -> impl IntoView {
    let others = devices.len() > 1;
    let line = |device: Device| {
        let name = device
            .name
            .as_deref()
            .map_or_else(|| text::device_unknown().to_owned(), called);
        let end = (!device.current).then(|| {
            view! {
                <form method="post" action=format!("/account/device/{}", device.id)>
                    <PlainToken/>
                    <Submit label=text::sign_out() look="button--quiet" says=text::device_end(&name)/>
                </form>
            }
        });
        view! {
            <li class="devices__line">
                <p class="devices__name">{name.clone()}</p>
                <p class="devices__used">
                    {if device.current {
                        text::device_this().to_owned()
                    } else {
                        text::device_used(&since(device.last_used_at, now))
                    }}
                    {format!(" · {}", text::device_since(&text::day(device.created_at)))}
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
                    <Submit label=text::devices_end() look="button--quiet"/>
                </PlainForm>
            })}
        </div>
    }
}

/// A device as the reader would say it: the server says `Firefox on Linux`.
fn called(name: &str) -> String {
    match name.split_once(" on ") {
        Some((browser, system)) => text::device_on(browser, system),
        None => name.to_owned(),
    }
}
