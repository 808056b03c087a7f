//! The administration: a page each for people, usage, models and the audit log. Plain forms and links: nothing here needs a
//! script. To who is no administrator there is nothing here, as under any address that leads nowhere.
//!
//! Start at [`administration`], which draws what all of them have.

mod audit;
mod chart;
mod models;
mod people;
mod person;
mod usage;
mod words;

pub(crate) use audit::AuditLog;
pub(crate) use models::Models;
pub(crate) use people::People;
pub(crate) use person::Person;
pub(crate) use usage::Usage;

use super::{awaited::later, frame::Frame, missing::Missing, title::title_of, workshop::nothing};
use crate::{
    component::topbar::Topbar,
    data::{AdminData, Trouble, admin_data, page_data},
    text,
};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::Title;
use std::sync::Arc;
use wire::auth::Role;

/// Which page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    People,
    Usage,
    Models,
    Audit,
}

impl Tab {
    const ALL: [Self; 4] = [Self::People, Self::Usage, Self::Models, Self::Audit];

    fn name(self) -> &'static str {
        match self {
            Self::People => text::admin_people(),
            Self::Usage => text::admin_usage(),
            Self::Models => text::admin_models(),
            Self::Audit => text::admin_audit(),
        }
    }

    const fn address(self) -> &'static str {
        match self {
            Self::People => "/admin",
            Self::Usage => "/admin/usage",
            Self::Models => "/admin/models",
            Self::Audit => "/admin/audit",
        }
    }
}

/// A page of the administration: its title, and what stands on it.
fn administration<F>(tab: Tab, draw: impl FnOnce(Arc<dyn AdminData>) -> F + Send + 'static) -> AnyView
where
    F: Future<Output = Result<(String, AnyView), Trouble>> + Send + 'static,
{
    let (Some(page), Some(data)) = (page_data(), admin_data()) else {
        return ().into_any();
    };
    if page.user().is_none_or(|user| user.role != Role::Admin) {
        return view! { <Missing/> }.into_any();
    }
    let response = use_context::<ResponseOptions>();
    let content = later(async move {
        match draw(data).await {
            Ok((title, content)) => desk(tab, &title, content),
            Err(trouble) => nothing(trouble, response),
        }
    });
    view! { <Suspense>{content}</Suspense> }.into_any()
}

fn desk(tab: Tab, title: &str, content: AnyView) -> AnyView {
    let tabs = Tab::ALL.map(|one| {
        view! {
            <a class="tabs__tab" href=one.address() aria-current=(one == tab).then_some("page")>{one.name()}</a>
        }
    });
    view! {
        <Title text=title_of(title)/>
        <Frame>
            <main class="page admin">
                <Topbar>
                    <div class="topbar__names"><h1 class="topbar__name">{text::administration()}</h1></div>
                </Topbar>
                <nav class="tabs" aria-label=text::administration()>{Vec::from(tabs)}</nav>
                <div class="page__scroll"><div class="admin__content">{content}</div></div>
            </main>
        </Frame>
    }
    .into_any()
}
