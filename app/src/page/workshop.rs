//! Where a chatbot is built: its settings, its documents, its playground. For who may edit it.

use super::{
    awaited::{Awaited, later},
    frame::Frame,
    missing::{Response, response, say_not_found},
    param::param,
    title::title_of,
};
use crate::{
    component::{
        avatar::{Avatar, colour_class},
        icon::Brand,
        topbar::Topbar,
    },
    data::{PageData, Trouble, page_data},
    text,
};
use leptos::prelude::*;
use leptos_meta::Title;
use std::sync::Arc;
use wire::chatbot::Chatbot;

/// Which page of the workshop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Settings,
    Documents,
    Playground,
    Feedback,
}

impl Tab {
    const ALL: [Self; 4] = [Self::Settings, Self::Documents, Self::Playground, Self::Feedback];

    fn name(self) -> &'static str {
        match self {
            Self::Settings => text::settings(),
            Self::Documents => text::documents(),
            Self::Playground => text::playground(),
            Self::Feedback => text::feedback(),
        }
    }

    /// In the address.
    const fn path(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Documents => "documents",
            Self::Playground => "playground",
            Self::Feedback => "feedback",
        }
    }
}

/// A page of the workshop of the chatbot in the address.
pub(super) fn workshop<F>(
    tab: Tab,
    draw: impl FnOnce(Arc<dyn PageData>, Chatbot) -> F + Send + 'static,
) -> impl IntoView
where
    F: Future<Output = Result<AnyView, Trouble>> + Send + 'static,
{
    let id = param("chatbot_id");
    let data = page_data();
    let response = response();
    let content = later(async move {
        let Some(data) = data else { return ().into_any() };
        let drawn = async move {
            let bot = data.chatbot(id.ok_or(Trouble::Missing)?).await?;
            // Whoever may only talk with it has nothing to do here.
            if bot.settings.is_none() {
                return Err(Trouble::Missing);
            }
            let content = draw(data, bot.clone()).await?;
            Ok((bot, content))
        };
        match drawn.await {
            Ok((bot, content)) => bench(bot, tab, content),
            Err(trouble) => nothing(trouble, response),
        }
    });
    view! { <Awaited>{content}</Awaited> }
}

fn bench(bot: Chatbot, tab: Tab, content: AnyView) -> AnyView {
    let Chatbot { id, name, colour, .. } = bot;
    let tabs = Tab::ALL.map(|one| {
        view! {
            <a class="tabs__tab" href=format!("/bot/{id}/{}", one.path()) aria-current=(one == tab).then_some("page")>
                {one.name()}
            </a>
        }
    });
    view! {
        <Title text=title_of(&text::tab_of(tab.name(), &name))/>
        <Frame>
            <main class=format!("page workshop {}", colour_class(colour))>
                <Topbar>
                    <Avatar name=name.clone() colour/>
                    <div class="topbar__names"><h1 class="topbar__name" dir="auto">{name}</h1></div>
                    <a class="button button--quiet" href=format!("/new/{id}")>{text::chat()}</a>
                </Topbar>
                <nav class="tabs" aria-label=text::this_chatbot()>{Vec::from(tabs)}</nav>
                <div class="page__scroll"><div class="workshop__content">{content}</div></div>
            </main>
        </Frame>
    }
    .into_any()
}

/// The page where nothing is to be seen, or not now.
pub(super) fn nothing(trouble: Trouble, response: Option<Response>) -> AnyView {
    let (heading, why) = match trouble {
        Trouble::Missing => {
            say_not_found(response);
            (text::nothing_for_you(), text::nothing_for_you_why().to_owned())
        }
        Trouble::Said(why) => (text::cannot_be_shown(), why),
    };
    view! {
        <Title text=title_of(heading)/>
        <Frame>
            <main class="page">
                <Topbar><a class="brand topbar__brand" href="/"><Brand/></a></Topbar>
                <div class="page__scroll">
                    <div class="picker">
                        <h1 class="picker__heading">{heading}</h1>
                        <p>{why}</p>
                        <p><a class="button" href="/">{text::choose_chatbot()}</a></p>
                    </div>
                </div>
            </main>
        </Frame>
    }
    .into_any()
}
