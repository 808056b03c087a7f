//! What an answer rests on: the marks in its text, and the list below it. The list's lines are links, so that they lead
//! somewhere without scripts too; with them, `actions` opens the source beside the chat.

use super::inert::{Inert, Part};
use crate::{
    state::transcript::{Entry, Mark},
    text,
};
use leptos::prelude::*;
use web_sys::Element;
use wire::{ChatbotId, document::Citation, message::MessageStatus};

/// Shown of an answer that names none of its sources.
const SHOWN: usize = 3;

/// A mark in the text.
pub(super) fn chip(number: u32) -> Inert {
    let number = number.to_string();
    let label = text::source_number(&number);
    classed("button", "cite", vec![Part::Text(number)])
        .with("type", "button")
        .with("aria-label", label)
}

/// The list below a finished answer.
pub(super) fn sources(entry: ArcRwSignal<Entry>, bot: ChatbotId) -> impl IntoView {
    move || {
        entry.with(|entry| {
            let finished = entry.mark != Mark::Known(MessageStatus::Generating);
            (finished && !entry.sources.is_empty()).then(|| list(&entry.sources, &entry.text, bot))
        })
    }
}

fn list(sources: &[Citation], answer: &str, bot: ChatbotId) -> Inert {
    let Sorted { named, rest } = Sorted::of(sources, answer);
    let items = |sources: &[&Citation]| {
        let items = sources.iter().map(|source| Part::Inert(item(source, bot)));
        Part::Inert(classed("ul", "sources__list", items.collect()))
    };
    let mut parts = vec![items(&named)];
    if !rest.is_empty() {
        let words = Part::Text(text::sources_more(rest.len()));
        let more = vec![Part::Inert(Inert::new("summary", vec![words])), items(&rest)];
        parts.push(Part::Inert(classed("details", "sources__more", more)));
    }
    let list = classed("div", "sources", parts);
    list.with("role", "group").with("aria-label", text::sources())
}

fn classed(tag: &'static str, class: &str, parts: Vec<Part>) -> Inert {
    Inert::new(tag, parts).with("class", class)
}

/// Sources that the answer names, and the others.
#[derive(Debug)]
struct Sorted<'a> {
    named: Vec<&'a Citation>,
    rest: Vec<&'a Citation>,
}

impl<'a> Sorted<'a> {
    fn of(sources: &'a [Citation], text: &str) -> Self {
        let is_named = |source: &&Citation| {
            let number = source.number;
            // `[1]`, `[1, 2]`: what stands between is not worth a parser here.
            [
                format!("[{number}]"),
                format!("[{number},"),
                format!(" {number}]"),
            ]
            .iter()
            .any(|mark| text.contains(mark.as_str()))
        };
        let (mut named, mut rest): (Vec<_>, Vec<_>) = sources.iter().partition(is_named);
        if named.is_empty() {
            named = rest;
            rest = named.split_off(SHOWN.min(named.len()));
        }
        Self { named, rest }
    }
}

fn item(source: &Citation, bot: ChatbotId) -> Inert {
    let words = |class: &str, words: String| {
        Part::Inert(classed("span", class, vec![Part::Text(words)]).with("dir", "auto"))
    };
    let parts = vec![
        words("cite", source.number.to_string()),
        words("source__place", place(source)),
        words("source__snippet", source.snippet.clone()),
    ];
    let link = classed("a", "source", parts).with("href", address(source, bot));
    Inert::new("li", vec![Part::Inert(link)])
}

/// The number of what was pressed, if it is a mark or a line of the list.
pub(super) fn number_of(pressed: &Element) -> Option<u32> {
    let place = pressed.closest(".cite, .source").ok()??;
    let words = match place.query_selector(".cite").ok()? {
        Some(mark) => mark.text_content(),
        None => place.text_content(),
    };
    words?.rsplit(' ').next()?.parse().ok()
}

/// The document, and the page where there are pages.
pub(super) fn place(source: &Citation) -> String {
    match source.page {
        Some(page) => text::place_page(&source.document_name, page),
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
pub(super) fn reading(entry: &Entry) -> String {
    let mut names: Vec<&str> = Vec::new();
    for source in entry.sources.iter() {
        if !names.contains(&source.document_name.as_str()) {
            names.push(&source.document_name);
        }
    }
    if names.is_empty() {
        String::new()
    } else {
        text::reading_of(&text::joined(names))
    }
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
        let Sorted { named, rest } = Sorted::of(&sources, text);
        let numbers = |list: Vec<&Citation>| list.iter().map(|source| source.number).collect();
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
