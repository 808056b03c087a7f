//! What every page of a signed-in user has: the conversations at the side, the page beside them.

use super::{
    awaited::{Awaited, later},
    param::query,
};
use crate::{
    component::{
        account_link::AccountLink,
        icon::{Brand, Icon, Shape},
    },
    data::{HistoryGiven, Lines, given::give, page_data},
    island::{DRAWER, History, SHORTCUTS},
    text,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use wire::{ChatbotId, ConversationId, chatbot::Chatbot};

/// The frame around a page.
#[component]
pub(crate) fn Frame(
    /// The conversation on the page.
    #[prop(optional_no_strip)]
    current: Option<ConversationId>,
    /// The page.
    children: Children,
) -> impl IntoView {
    let data = page_data();
    let words = use_query_map()
        .with_untracked(|query| query.get("q"))
        .unwrap_or_default();
    let words = words.trim().to_owned();
    let bot: Option<ChatbotId> = query("bot");
    let history = later(async move {
        let data = data?;
        let page = data.conversations(Some(words.clone()), bot).await;
        let choice = choice(data.chatbots().await.unwrap_or_default(), bot);
        let block = give(HistoryGiven {
            page: page.ok().map(Lines::from),
            current,
            words,
            bot: bot.map(|bot| bot.to_string()).unwrap_or_default(),
            now: data.now(),
        });
        Some(view! { <History>{choice}</History>{block} })
    });
    view! {
        <div class="frame">
            <section id=DRAWER popover class="drawer" aria-label=text::sidebar()>
                <div class="drawer__head">
                    <a class="brand" href="/"><Brand/></a>
                    <button
                        type="button"
                        class="icon-button drawer__close"
                        popovertarget=DRAWER
                        popovertargetaction="hide"
                        aria-label=text::close()
                    >
                        <Icon shape=Shape::Cross/>
                    </button>
                </div>
                <a class="button button--quiet drawer__new" href="/"><Icon shape=Shape::Plus/>{text::new_chat()}</a>
                <Awaited>{history}</Awaited>
                <AccountLink/>
                <button
                    type="button"
                    class="button button--quiet shortcuts__open"
                    popovertarget=SHORTCUTS
                >
                    {text::keyboard_shortcuts()}
                </button>
            </section>
            {children()}
            <Shortcuts/>
        </div>
    }
}

/// With whom the conversations in the list are, where there is a choice. Part of the list's form: `island::history`.
fn choice(bots: Vec<Chatbot>, chosen: Option<ChatbotId>) -> Option<AnyView> {
    if bots.len() < 2 {
        return None;
    }
    let option = |Chatbot { id, name, .. }: Chatbot| {
        view! { <option value=id.to_string() selected=chosen == Some(id)>{name}</option> }
    };
    let choice = view! {
        <select class="search__bot" name="bot" aria-label=text::only_chatbot()>
            <option value="">{text::all_chatbots()}</option>
            {bots.into_iter().map(option).collect_view()}
        </select>
        <noscript><button type="submit" class="button button--quiet">{text::show_list()}</button></noscript>
    };
    Some(choice.into_any())
}

/// What keys do. Heard by `island::History` and by the composer.
#[component]
fn Shortcuts() -> impl IntoView {
    let keys = [
        ("Enter", text::send()),
        ("Shift Enter", text::key_new_line()),
        ("Esc", text::key_stop()),
        ("/", text::key_box()),
        ("Ctrl K", text::search_conversations()),
        ("Ctrl Shift O", text::key_new_chat()),
        ("?", text::key_list()),
    ];
    let line = |(keys, does): (&'static str, &'static str)| {
        let keys = keys
            .split(' ')
            .map(|key| view! { <kbd>{key}</kbd> })
            .collect_view();
        view! { <div class="shortcuts__line"><dt>{keys}</dt><dd>{does}</dd></div> }
    };
    view! {
        <div id=SHORTCUTS popover class="shortcuts" role="dialog" aria-labelledby="shortcuts-heading">
            <h2 id="shortcuts-heading" class="shortcuts__heading">{text::keyboard_shortcuts()}</h2>
            <dl class="shortcuts__list">{keys.map(line).collect_view()}</dl>
            <button
                type="button"
                class="button"
                popovertarget=SHORTCUTS
                popovertargetaction="hide"
                autofocus
            >
                {text::close()}
            </button>
        </div>
    }
}
