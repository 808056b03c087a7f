//! The user's conversations, newest first.

use crate::{data::Source, net::api};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::components::A;
use wire::conversation::{Conversation, ConversationPage};

/// The id of the drawer that holds the list.
pub(crate) const DRAWER: &str = "conversations";

/// The list of conversations, by context: pages say when it has changed.
#[derive(Clone, Copy)]
pub(crate) struct History {
    version: RwSignal<u32>,
    older: RwSignal<Vec<Conversation>>,
}

impl History {
    /// Makes one and puts it into the context.
    pub(crate) fn provide() -> Self {
        let history = Self { version: RwSignal::new(0), older: RwSignal::new(Vec::new()) };
        provide_context(history);
        history
    }

    /// Something was added or has a new title.
    pub(crate) fn changed(self) {
        self.version.try_update(|version| *version = version.wrapping_add(1));
    }
}

/// What a conversation is called.
pub(crate) fn title_of(conversation: &Conversation) -> String {
    conversation.title.clone().unwrap_or_else(|| format!("Chat with {}", conversation.chatbot_name))
}

/// The list.
#[component]
pub(crate) fn ConversationList(
    /// What it shows.
    history: History,
) -> impl IntoView {
    let source = Source::here();
    let newest = Resource::new(move || history.version.get(), move |_| source.clone().conversations());
    view! {
        <nav class="history" aria-label="Conversations">
            <Transition>
                {move || Suspend::new(async move {
                    match newest.await {
                        Ok(page) => view! { <Lines page older=history.older/> }.into_any(),
                        Err(_) => view! { <p class="history__empty">"The list cannot be read right now."</p> }.into_any(),
                    }
                })}
            </Transition>
        </nav>
    }
}

#[component]
fn Lines(page: ConversationPage, older: RwSignal<Vec<Conversation>>) -> impl IntoView {
    let ConversationPage { conversations: newest, next_cursor } = page;
    if newest.is_empty() {
        return view! { <p class="history__empty">"What you talk about will be listed here."</p> }.into_any();
    }
    let cursor = RwSignal::new(next_cursor);
    let ids: Vec<_> = newest.iter().map(|conversation| conversation.id).collect();
    let older_lines = move || {
        older.with(|older| {
            older.iter().filter(|conversation| !ids.contains(&conversation.id)).map(line).collect_view()
        })
    };
    let more = move |_| {
        spawn_local(async move {
            let from = cursor.try_get_untracked().flatten();
            if let Ok(page) = api::conversations(from).await {
                older.try_update(|older| {
                    for conversation in page.conversations {
                        if !older.iter().any(|known| known.id == conversation.id) {
                            older.push(conversation);
                        }
                    }
                });
                cursor.try_set(page.next_cursor);
            }
        });
    };
    view! {
        <ul class="history__list">
            {newest.iter().map(line).collect_view()}
            {older_lines}
        </ul>
        <Show when=move || cursor.with(Option::is_some)>
            <button type="button" class="button button--quiet history__more" on:click=more>
                "Show older"
            </button>
        </Show>
    }
    .into_any()
}

fn line(conversation: &Conversation) -> impl IntoView + use<> {
    let title = title_of(conversation);
    let hover = title.clone();
    view! {
        <li>
            <A href=format!("/c/{}", conversation.id) attr:class="history__line" attr:title=hover>
                {title}
            </A>
        </li>
    }
}
