//! What an answer rests on: the marks in its text, and the list below it. The list's lines are links, so that they lead
//! somewhere without scripts too; with them, `actions` opens the source beside the chat.

use crate::state::transcript::{Entry, Mark};
use leptos::prelude::*;
use std::sync::Arc;
use wire::{ChatbotId, document::Citation, message::MessageStatus};

/// Shown of an answer that names none of its sources.
const SHOWN: usize = 3;

/// A mark in the text.
pub(super) fn chip(number: u32) -> AnyView {
    let number = number.to_string();
    view! {
        <button
            type="button"
            class="cite"
            data-act="cite"
            data-number=number.clone()
            aria-label=format!("Source {number}")
        >
            {number.clone()}
        </button>
    }
    .into_any()
}

/// The list below a finished answer.
#[component]
pub(crate) fn Sources(
    /// The answer.
    entry: ArcRwSignal<Entry>,
    /// Whose documents they are.
    bot: ChatbotId,
) -> impl IntoView {
    let finished = Memo::new(move |_| {
        entry.with(|entry| {
            let finished = entry.mark != Mark::Known(MessageStatus::Generating);
            (finished && !entry.sources.is_empty()).then(|| Sorted::of(&entry.sources, &entry.text))
        })
    });
    move || {
        let Sorted { named, rest } = finished.get()?;
        let more = (!rest.is_empty()).then(|| {
            view! {
                <details class="sources__more">
                    <summary>{format!("{} more that were read", rest.len())}</summary>
                    <ul class="sources__list">{items(&rest, bot)}</ul>
                </details>
            }
        });
        let list = view! {
            <div class="sources" role="group" aria-label="Sources">
                <ul class="sources__list">{items(&named, bot)}</ul>
                {more}
            </div>
        };
        Some(list.into_any())
    }
}

/// Sources that the answer names, and the others.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sorted {
    named: Vec<Citation>,
    rest: Vec<Citation>,
}

impl Sorted {
    fn of(sources: &Arc<[Citation]>, text: &str) -> Self {
        let is_named = |source: &Citation| {
            let number = source.number;
            // `[1]`, `[1, 2]`: what stands between is not worth a parser here.
            text.contains(&format!("[{number}]"))
                || text.contains(&format!("[{number},"))
                || text.contains(&format!(" {number}]"))
        };
        let (mut named, mut rest): (Vec<_>, Vec<_>) = sources.iter().cloned().partition(is_named);
        if named.is_empty() {
            named = rest;
            rest = named.split_off(SHOWN.min(named.len()));
        }
        Self { named, rest }
    }
}

fn items(sources: &[Citation], bot: ChatbotId) -> Vec<AnyView> {
    sources.iter().map(|source| item(source, bot)).collect()
}

fn item(source: &Citation, bot: ChatbotId) -> AnyView {
    let number = source.number.to_string();
    view! {
        <li>
            <a class="source" href=address(source, bot) data-act="cite" data-number=number.clone()>
                <span class="cite">{number.clone()}</span>
                <span class="source__place">{place(source)}</span>
                <span class="source__snippet">{source.snippet.clone()}</span>
            </a>
        </li>
    }
    .into_any()
}

/// The document, and the page where there are pages.
pub(super) fn place(source: &Citation) -> String {
    match source.page {
        Some(page) => format!("{}, page {page}", source.document_name),
        None => source.document_name.clone(),
    }
}

/// The page of its own on which the source stands.
fn address(source: &Citation, bot: ChatbotId) -> String {
    let Citation {
        document_id,
        start,
        end,
        ..
    } = source;
    format!("/bot/{bot}/document/{document_id}?at={start}&to={end}#cited")
}

/// What is being read, while the answer has no word yet.
pub(super) fn reading(entry: &Entry) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for source in entry.sources.iter() {
        if !names.contains(&source.document_name.as_str()) {
            names.push(&source.document_name);
        }
    }
    (!names.is_empty()).then(|| format!("Reading: {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;
    use wire::DocumentId;

    fn source(number: u32) -> Citation {
        Citation {
            number,
            document_id: DocumentId::from_uuid(Uuid::nil()),
            document_name: if number < 3 { "a.pdf" } else { "b.md" }.into(),
            page: (number == 1).then_some(7),
            start: 0,
            end: 1,
            snippet: String::new(),
            score: 1,
        }
    }

    fn sorted(text: &str) -> (Vec<u32>, Vec<u32>) {
        let sources: Vec<_> = (1..=5).map(source).collect();
        let Sorted { named, rest } = Sorted::of(&sources.into(), text);
        let numbers = |list: Vec<Citation>| list.iter().map(|source| source.number).collect();
        (numbers(named), numbers(rest))
    }

    #[test]
    fn what_an_answer_names_stands_before_what_it_was_only_given() {
        assert_eq!(sorted("So [2]."), (vec![2], vec![1, 3, 4, 5]));
        assert_eq!(sorted("So [1, 3]."), (vec![1, 3], vec![2, 4, 5]));
        assert_eq!(sorted("So."), (vec![1, 2, 3], vec![4, 5]));
    }

    #[test]
    fn a_source_is_named_by_its_document_and_its_page() {
        assert_eq!(place(&source(1)), "a.pdf, page 7");
        assert_eq!(place(&source(2)), "a.pdf");
    }
}
