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
    wanted: StoredValue<Wanted>,
    timer: StoredValue<Option<TimeoutHandle>>,
}

/// What is to be listed.
#[derive(Clone, PartialEq, Eq)]
struct Wanted {
    /// Only where these words were said; empty: everything.
    words: String,
    /// Only with this chatbot; empty: with all.
    bot: String,
}

impl Search {
    pub(super) fn new(list: List, words: String, bot: String) -> Self {
        Self {
            list,
            wanted: StoredValue::new(Wanted { words, bot }),
            timer: StoredValue::new(None),
        }
    }

    /// This stands in the form.
    fn chosen(self, wanted: Wanted) {
        if self.wanted.with_value(|before| *before == wanted) {
            return;
        }
        self.wanted.set_value(wanted);
        if let Some(timer) = self.timer.get_value() {
            timer.clear();
        }
        let timer = set_timeout_with_handle(move || self.run(), PAUSE).ok();
        self.timer.set_value(timer);
    }

    /// Asks, and shows what comes unless something else stands there by then.
    fn run(self) {
        let Some(wanted) = self.wanted.try_get_value() else {
            return;
        };
        browser::say_search(&wanted.words, &wanted.bot);
        spawn_local(async move {
            let answer = api::conversations(&wanted.words, &wanted.bot, "").await;
            if self.wanted.try_get_value().as_ref() != Some(&wanted) {
                return;
            }
            let Wanted { words, bot } = wanted;
            match answer {
                Ok(page) => {
                    let searched = !words.is_empty();
                    let said = if searched {
                        count(&page, &words)
                    } else {
                        String::new()
                    };
                    self.list.show(page, (searched, bot), said);
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

/// The field, and the choice of the chatbot.
#[component]
pub(super) fn SearchField(
    /// What hears it.
    search: Search,
    /// The field's place.
    field: NodeRef<Input>,
    /// The choice.
    children: Children,
) -> impl IntoView {
    let words = search.wanted.with_value(|wanted| wanted.words.clone());
    let read = move || {
        if let Some(field) = field.get_untracked() {
            let bot = browser::find(".search__bot :checked").and_then(|bot| bot.get_attribute("value"));
            search.chosen(Wanted {
                words: field.value().trim().to_owned(),
                bot: bot.unwrap_or_default(),
            });
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
        <form
            class="search"
            role="search"
            aria-label=text::conversations()
            on:submit=on_submit
            on:input=move |_| read()
        >
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
            />
            {children()}
        </form>
    }
}
