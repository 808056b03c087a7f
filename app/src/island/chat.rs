//! A chat: a new one or a conversation. Nothing is lost when the first becomes the second.

use crate::{
    component::{
        avatar::{Avatar, colour_class},
        composer::Composer,
        connection_mark::ConnectionMark,
        icon::{Icon, Shape},
        inert::{Inert, Part},
        model_note::ModelNote,
        source_panel::SourcePanel,
        topbar::Topbar,
        transcript::TranscriptView,
    },
    data::{Bot, ChatGiven, given::given},
    live::Live,
    state::connection::{Ended, Phase},
    text,
};
use leptos::prelude::*;

/// The chat.
#[cfg_attr(feature = "csr", component)]
#[cfg_attr(not(feature = "csr"), island)]
pub fn Chat(
    /// What the server draws into the bar at the top: where the chatbot is changed.
    children: Children,
) -> impl IntoView {
    given().map(|given| chat(given, children))
}

fn chat(given: ChatGiven, children: Children) -> impl IntoView {
    let ChatGiven { data, model } = given;
    let bot = data.bot.clone();
    let live = Live::new(data);
    Effect::new(move || live.start());
    let shown = live.shown;
    Effect::new(move |before: Option<Option<String>>| {
        let title = shown.title.get();
        if let Some(title) = title.as_ref().filter(|_| before.is_some()) {
            document().set_title(&format!("{title} · Parlance"));
        }
        title
    });
    let Bot {
        name,
        description,
        colour,
        starters,
        gone,
        ..
    } = bot;
    let said = Signal::derive(move || shown.rows.with(|rows| !rows.is_empty()));
    let phase = Signal::derive(move || shown.phase.get().word());
    let (intro_name, log_name) = (name.clone(), name.clone());
    let intro = view! {
        <div class="intro" hidden=said>
            <Avatar name=name.clone() colour/>
            <p class="intro__name" dir="auto">{intro_name}</p>
            <p class="intro__description" dir="auto">{description}</p>
            <div class="starters">{starter_buttons(&starters)}</div>
            <ModelNote model/>
        </div>
    };
    let composer = {
        let name = name.clone();
        (!gone).then(|| view! { <Composer live name/> })
    };
    let class = format!(
        "page chat {}{}",
        colour_class(colour),
        if gone { " chat--gone" } else { "" }
    );
    view! {
        <main class=class data-connection=phase>
            <Topbar>
                <Avatar name=name.clone() colour/>
                <div class="topbar__names">
                    <h1 class="topbar__name" dir="auto">{name.clone()}</h1>
                    <ConnectionMark phase=shown.phase/>
                </div>
                {children()}
            </Topbar>
            <TranscriptView live name=log_name intro/>
            <div class="chat__foot">
                <Notices live gone/>
                {composer}
            </div>
            <SourcePanel/>
        </main>
    }
}

/// What one can begin with. Heard by the conversation, as all its buttons are.
fn starter_buttons(starters: &str) -> Vec<Inert> {
    let button = |(number, words): (usize, &str)| {
        Inert::new("button", vec![Part::Text(words.to_owned())])
            .with("type", "button")
            .with("class", "starter")
            .with("dir", "auto")
            .with("id", format!("starter-{number}"))
            .with("data-act", "starter")
    };
    starters.lines().enumerate().map(button).collect()
}

/// What the reader should know, above the composer.
#[component]
fn Notices(live: Live, gone: bool) -> impl IntoView {
    let shown = live.shown;
    // `Signal`s, not closures: one attribute's code serves all.
    let word = Signal::derive(move || match (gone, shown.phase.get()) {
        (true, _) => Some(text::chat_bot_deleted()),
        (_, Phase::Closed(Ended::Gone)) => Some(text::chat_deleted_elsewhere()),
        (_, Phase::Replaced) => Some(text::chat_open_elsewhere()),
        _ => None,
    });
    let queued = Signal::derive(move || {
        shown.queued.get().map(|position| match position {
            0 => text::queue_loading().to_owned(),
            1 => text::queue_next().to_owned(),
            position => text::queue_before(position),
        })
    });
    let problem = Signal::derive(move || shown.notice.get().map(|notice| notice.text));
    let no_word = Signal::derive(move || word.with(Option::is_none));
    let not_elsewhere = Signal::derive(move || shown.phase.get() != Phase::Replaced);
    let not_queued = Signal::derive(move || queued.with(Option::is_none));
    let no_problem = Signal::derive(move || problem.with(Option::is_none));
    view! {
        <div class="note note--row" role="alert" hidden=no_word>
            <p>{word}</p>
            <button
                type="button"
                class="button button--quiet"
                hidden=not_elsewhere
                on:click=move |_| live.use_here()
            >
                {text::use_here()}
            </button>
        </div>
        <div class="note" role="status" hidden=not_queued><p>{queued}</p></div>
        <div class="note note--row note--bad" role="alert" hidden=no_problem>
            <p>{problem}</p>
            <button type="button" class="icon-button" aria-label=text::dismiss() on:click=move |_| live.dismiss()>
                <Icon shape=Shape::Cross/>
            </button>
        </div>
    }
}
