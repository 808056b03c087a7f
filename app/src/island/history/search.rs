//! Searching in what was said, as one types. Without scripts the form asks for the page with `?q=`, which the server
//! draws; with them the address says the same, for reload and Back.

use super::list::List;
use crate::{
    data::Lines,
    net::{api, browser},
    text,
};
use leptos::{ev, html::Input, prelude::*, task::spawn_local};
use std::time::Duration;

/// Nobody is searched for while a word is being typed.
const PAUSE: Duration = Duration::from_millis(300);

/// What is searched for, and where it is shown.
#[derive(Clone, Copy)]
pub(super) struct Search {
    list: List,
    words: StoredValue<String>,
    timer: StoredValue<Option<TimeoutHandle>>,
}

impl Search {
    pub(super) fn new(list: List, words: String) -> Self {
        Self {
            list,
            words: StoredValue::new(words),
            timer: StoredValue::new(None),
        }
    }

    /// These words stand in the field.
    fn typed(self, words: String) {
        let words = words.trim().to_owned();
        if self.words.with_value(|before| *before == words) {
            return;
        }
        self.words.set_value(words);
        if let Some(timer) = self.timer.get_value() {
            timer.clear();
        }
        let timer = set_timeout_with_handle(move || self.run(), PAUSE).ok();
        self.timer.set_value(timer);
    }

    /// Asks, and shows what comes unless other words stand there by then.
    fn run(self) {
        let Some(words) = self.words.try_get_value() else {
            return;
        };
        browser::say_search(&words);
        spawn_local(async move {
            let searched = !words.is_empty();
            let answer = if searched {
                api::search(&words).await
            } else {
                api::conversations(None).await
            };
            if self.words.try_get_value().as_ref() != Some(&words) {
                return;
            }
            match answer {
                Ok(page) => {
                    let said = if searched {
                        count(&page, &words)
                    } else {
                        String::new()
                    };
                    self.list.show(page, searched, said);
                }
                Err(failure) => self.list.say(failure.text()),
            }
        });
    }
}

/// For ears, and for who wonders why there is nothing.
fn count(found: &Lines, words: &str) -> String {
    match found.conversations.len() {
        0 => text::search_none(words),
        count => text::search_found(count),
    }
}

/// The field.
#[component]
pub(super) fn SearchField(search: Search, field: NodeRef<Input>) -> impl IntoView {
    let words = search.words.get_value();
    let read = move || {
        if let Some(field) = field.get_untracked() {
            search.typed(field.value());
        }
    };
    // What was typed before the page was awake.
    Effect::new(move || {
        if field.get().is_some() {
            read();
        }
    });
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        read();
    };
    view! {
        <form class="search" role="search" aria-label=text::conversations() on:submit=on_submit>
            <input
                node_ref=field
                class="search__field"
                type="search"
                name="q"
                value=words
                placeholder=text::search()
                aria-label=text::search_conversations()
                dir="auto"
                maxlength="200"
                autocomplete="off"
                on:input=move |_| read()
            />
        </form>
    }
}
