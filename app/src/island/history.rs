//! The user's conversations, newest first.

use super::News;
use crate::{
    data::{Line, Lines},
    net::api,
};
use leptos::{prelude::*, task::spawn_local};
use wire::ConversationId;

/// The list.
#[island]
pub fn History(
    /// The newest ones; `None` when they could not be read.
    page: Option<Lines>,
    /// The one on the page.
    current: Option<ConversationId>,
) -> impl IntoView {
    let failed = page.is_none();
    let Lines {
        conversations,
        next_cursor,
    } = page.unwrap_or_default();
    let list = RwSignal::new(conversations);
    let cursor = RwSignal::new(next_cursor);
    let current = RwSignal::new(current);
    Effect::new(move || {
        News::listen(Callback::new(move |news| {
            if let News::Began(id) = news {
                current.set(Some(id));
            }
            spawn_local(async move {
                if let Ok(page) = api::conversations(None).await {
                    list.try_update(|list| refresh(list, page.conversations));
                }
            });
        }));
    });
    let older = move |_| {
        spawn_local(async move {
            let from = cursor.try_get_untracked().flatten();
            if let Ok(page) = api::conversations(from).await {
                list.try_update(|list| append(list, page.conversations));
                cursor.try_set(page.next_cursor);
            }
        });
    };
    let empty = if failed {
        "The list cannot be read right now."
    } else {
        "What you talk about will be listed here."
    };
    let not_empty = Signal::derive(move || list.with(|list| !list.is_empty()));
    let no_older = Signal::derive(move || cursor.with(Option::is_none));
    view! {
        <nav class="history" aria-label="Conversations">
            <ul class="history__list">
                <For each=move || list.get() key=|line| (line.id, line.title.clone()) let(line)>
                    <LineView line current/>
                </For>
            </ul>
            <p class="history__empty" hidden=not_empty>{empty}</p>
            <button
                type="button"
                class="button button--quiet history__more"
                hidden=no_older
                on:click=older
            >
                "Show older"
            </button>
        </nav>
    }
}

#[component]
fn LineView(line: Line, current: RwSignal<Option<ConversationId>>) -> impl IntoView {
    let Line {
        id,
        title,
        chatbot_name,
    } = line;
    let title = title.unwrap_or_else(|| format!("Chat with {chatbot_name}"));
    let here = Signal::derive(move || (current.get() == Some(id)).then_some("page"));
    view! {
        <li>
            <a
                class="history__line"
                href=format!("/c/{id}")
                title=title.clone()
                aria-current=here
            >
                {title.clone()}
            </a>
        </li>
    }
}

/// The newest page, read again, in front of what is older.
fn refresh(list: &mut Vec<Line>, newest: Vec<Line>) {
    let older = std::mem::replace(list, newest);
    append(list, older);
}

fn append(list: &mut Vec<Line>, more: Vec<Line>) {
    for line in more {
        if !list.iter().any(|known| known.id == line.id) {
            list.push(line);
        }
    }
}
