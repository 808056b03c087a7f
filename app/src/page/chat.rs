//! A chat: a new one or a conversation. One page for both, so that nothing is lost when the first becomes the
//! second.

use crate::{
    component::{
        avatar::{Avatar, colour_class},
        composer::Composer,
        connection_mark::ConnectionMark,
        history::History,
        model_note::ModelNote,
        topbar::Topbar,
        transcript::TranscriptView,
    },
    data::{Bot, ChatData, Source, Trouble},
    live::Live,
    page::missing::say_not_found,
    state::{
        connection::{Ended, Phase},
        place::{Place, Showing},
    },
};
use leptos::prelude::*;
use super::title::title_of;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    components::Outlet,
    hooks::{use_location, use_navigate},
};
use wire::ConversationId;

/// The page.
#[component]
pub(crate) fn ChatPage() -> impl IntoView {
    let path = use_location().pathname;
    let became = StoredValue::new(None::<ConversationId>);
    let showing = Memo::new(move |before: Option<&Showing>| {
        let before = before.copied().unwrap_or_default();
        let now = before.next(path.with(|path| Place::parse(path)), became.get_value());
        if now != before {
            became.set_value(None);
        }
        now
    });
    let navigate = use_navigate();
    let history = expect_context::<History>();
    let on_conversation = Callback::new(move |id| {
        became.set_value(Some(id));
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate(&Place::path_of(id), options);
        history.changed();
    });
    let on_news = Callback::new(move |()| history.changed());
    let source = Source::here();
    let data = Resource::new(
        move || showing.get(),
        move |showing| {
            let source = source.clone();
            async move {
                match showing.place {
                    Place::New(id) => source.new_chat(id).await,
                    Place::Conversation(id) => source.conversation(id).await,
                    Place::Nowhere => Err(Trouble::Missing),
                }
            }
        },
    );
    view! {
        <Suspense fallback=Empty>
            {move || Suspend::new(async move {
                match data.await {
                    Ok(data) => view! { <Chat data on_conversation on_news/> }.into_any(),
                    Err(trouble) => view! { <NoChat trouble/> }.into_any(),
                }
            })}
        </Suspense>
        <Outlet/>
    }
}

/// While a chat is being fetched: its place, without a jump when it comes.
#[component]
fn Empty() -> impl IntoView {
    view! { <main class="page"><Topbar><span></span></Topbar></main> }
}

#[component]
fn NoChat(trouble: Trouble) -> impl IntoView {
    let (heading, text) = match trouble {
        Trouble::Missing => {
            say_not_found();
            ("This chat is not here", "It may have been deleted, or it belongs to another account.".to_owned())
        }
        Trouble::Said(text) => ("This chat cannot be shown right now", text),
    };
    view! {
        <Title text="Not found · Parlance"/>
        <main class="page">
            <Topbar><span></span></Topbar>
            <div class="page__scroll">
                <div class="picker">
                    <h1 class="picker__heading">{heading}</h1>
                    <p>{text}</p>
                    <p><a class="button" href="/">"Choose a chatbot"</a></p>
                </div>
            </div>
        </main>
    }
}

#[component]
fn Chat(data: ChatData, on_conversation: Callback<ConversationId>, on_news: Callback<()>) -> impl IntoView {
    let bot = data.bot.clone();
    let live = Live::new(data, on_conversation, on_news);
    Effect::new(move || live.start());
    let shown = live.shown;
    let Bot { name, description, colour, gone, .. } = bot;
    let title = {
        let name = name.clone();
        move || title_of(shown.title.get().unwrap_or_else(|| format!("Chat with {name}")))
    };
    let (intro_name, bar_name, log_name) = (name.clone(), name.clone(), name.clone());
    view! {
        <Title text=title/>
        <main class=format!("page chat {}", colour_class(colour)) data-connection=move || shown.phase.get().word()>
            <Topbar>
                <Avatar name=bar_name.clone() colour/>
                <div class="topbar__names">
                    <h1 class="topbar__name">{bar_name.clone()}</h1>
                    <ConnectionMark phase=shown.phase/>
                </div>
            </Topbar>
            <TranscriptView live name=log_name>
                <div class="intro">
                    <Avatar name=intro_name.clone() colour/>
                    <p class="intro__name">{intro_name.clone()}</p>
                    <p class="intro__description">{description.clone()}</p>
                    <ModelNote/>
                </div>
            </TranscriptView>
            <div class="chat__foot">
                <Notices live gone/>
                {(!gone).then(|| view! { <Composer live name/> })}
            </div>
        </main>
    }
}

/// What the reader should know, above the composer.
#[component]
fn Notices(live: Live, gone: bool) -> impl IntoView {
    let shown = live.shown;
    let queued = move || {
        shown.queued.get().map(|position| match position {
            0 => "The model is getting ready…".to_owned(),
            1 => "The model is busy. You are next.".to_owned(),
            position => format!("The model is busy. {position} are before you."),
        })
    };
    view! {
        {gone.then(|| view! {
            <p class="note">"This chatbot was deleted. The conversation stays readable."</p>
        })}
        {move || (shown.phase.get() == Phase::Replaced).then(|| view! {
            <div class="note note--row" role="alert">
                <p>"This chat is open elsewhere."</p>
                <button type="button" class="button button--quiet" on:click=move |_| live.use_here()>"Use here"</button>
            </div>
        })}
        {move || (shown.phase.get() == Phase::Closed(Ended::Gone)).then(|| view! {
            <p class="note" role="alert">"This chat was deleted elsewhere. Nothing can be added to it."</p>
        })}
        {move || queued().map(|text| view! { <p class="note" role="status">{text}</p> })}
        {move || shown.notice.get().map(|notice| view! {
            <div class="note note--row note--bad" role="alert">
                <p>{notice.text}</p>
                <button type="button" class="icon-button" aria-label="Dismiss" on:click=move |_| live.dismiss()>
                    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 6l12 12M18 6L6 18"/></svg>
                </button>
            </div>
        })}
    }
}
