//! A chatbot's documents, carried: files are sent one after the other, and how far each document is is asked after until
//! all are at their end.
//!
//! What is shown is the server's own markup, filled by the document's object model: a list of this kind is not worth its
//! weight in views. Texts are set as texts; there is no HTML here.

use crate::{
    data::Paper,
    net::{
        api::{self, DocumentChange},
        browser,
        upload::upload,
    },
    state::papers,
    text,
};
use leptos::{prelude::set_timeout, task::spawn_local, wasm_bindgen::JsCast};
use std::cell::RefCell;
use web_sys::{DragEvent, Element, Event, File, FileList, HtmlInputElement};
use wire::{ChatbotId, DocumentId};

/// The list.
const LIST: &str = ".files__list";
/// What is told to eyes and ears.
const PROBLEM: &str = ".files .problem";
const SAID: &str = ".files [role=status]";

/// A chatbot's documents; copied into handlers.
#[derive(Clone, Copy)]
pub(crate) struct Desk {
    pub(crate) bot: ChatbotId,
}

thread_local! {
    // In the browser there is one thread, and one list on a page. The server never looks here: handlers do.
    static KNOWN: RefCell<Known> = RefCell::default();
}

/// Everything the list knows.
#[derive(Default)]
struct Known {
    papers: Vec<Paper>,
    /// Lines of files that wait for those before them, and the files.
    waiting: Vec<(Element, File)>,
    sending: bool,
    /// Somebody asks after the documents already.
    asking: bool,
    /// Answers in a row without news.
    unchanged: u32,
    /// What is to be deleted, if that is meant.
    doomed: Option<DocumentId>,
}

impl Desk {
    /// Begins to live: the button takes files, and what goes on is followed.
    pub(crate) fn start(self) {
        browser::listen(".files", "click", Box::new(move |event| self.pressed(&event)));
        browser::listen(".files", "change", Box::new(move |event| self.chosen(&event)));
        browser::listen(".files", "dragover", Box::new(|event| event.prevent_default()));
        browser::listen(".files", "drop", Box::new(move |event| self.dropped(&event)));
        if let Some(chooser) = browser::find(".files input") {
            let _ = chooser.remove_attribute("disabled");
        }
        spawn_local(async move {
            self.read().await;
            self.ask_later();
        });
    }

    /// Files were chosen.
    fn chosen(self, event: &Event) {
        let chooser = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(chooser) = chooser {
            self.take(chooser.files());
            // The same file can be chosen again.
            chooser.set_value("");
        }
    }

    /// Files were dropped.
    fn dropped(self, event: &Event) {
        event.prevent_default();
        let event = event.dyn_ref::<DragEvent>();
        self.take(
            event
                .and_then(DragEvent::data_transfer)
                .and_then(|dropped| dropped.files()),
        );
    }

    /// Something was pressed: perhaps a button of a line, or the one that means it.
    fn pressed(self, event: &Event) {
        let Some((act, button)) = browser::act_of(event) else {
            return;
        };
        if act == "yes" {
            if let Some(id) = KNOWN.with_borrow_mut(|known| known.doomed.take()) {
                self.change(id, DocumentChange::Delete);
            }
            return;
        }
        let Some(line) = button.closest(".file").ok().flatten() else {
            return;
        };
        let id = line.get_attribute("data-id").and_then(|id| id.parse().ok());
        match (act.as_str(), id) {
            ("delete", Some(id)) => {
                KNOWN.with_borrow_mut(|known| known.doomed = Some(id));
                let name = browser::text_of(&line, ".file__name");
                browser::ask(&text::paper_delete_question(&name));
            }
            // A file that was not taken.
            ("delete", None) => line.remove(),
            ("anew", Some(id)) => self.change(id, DocumentChange::MakeAnew),
            _ => {}
        }
    }

    fn change(self, id: DocumentId, change: DocumentChange) {
        browser::write(PROBLEM, "");
        spawn_local(async move {
            if let Err(failure) = api::change_document(self.bot, id, change).await {
                return browser::write(PROBLEM, &failure.text());
            }
            self.read().await;
            if let DocumentChange::Delete = change {
                browser::write(SAID, text::line_deleted());
                // The button is gone, and the focus with it.
                browser::focus(".files input");
            }
            self.ask_now();
        });
    }

    /// Files to be sent, after those that are on their way.
    fn take(self, files: Option<FileList>) {
        let Some(files) = files else { return };
        browser::write(PROBLEM, "");
        for index in 0..files.length() {
            if let Some(file) = files.get(index)
                && let Some(line) = new_line()
            {
                fill(&line, &file.name(), "busy", text::paper_waiting(), "", None);
                KNOWN.with_borrow_mut(|known| known.waiting.push((line, file)));
            }
        }
        if !KNOWN.with_borrow_mut(|known| std::mem::replace(&mut known.sending, true)) {
            spawn_local(self.send_all());
        }
    }

    async fn send_all(self) {
        loop {
            let next = KNOWN.with_borrow_mut(|known| {
                let next = (!known.waiting.is_empty()).then(|| known.waiting.remove(0));
                known.sending = next.is_some();
                next
            });
            let Some((line, file)) = next else { return };
            let name = file.name();
            let (shown, shown_name) = (line.clone(), name.clone());
            let told = move |part| {
                let words = if part == 100 {
                    text::paper_storing().to_owned()
                } else {
                    text::paper_sending(part)
                };
                fill(&shown, &shown_name, "busy", &words, "", Some(part));
            };
            told(0);
            match upload(self.bot, &file, told).await {
                Ok(known) => {
                    if known {
                        browser::write(PROBLEM, &text::paper_known(&name));
                    } else {
                        browser::write(SAID, &text::paper_sent(&name));
                    }
                    // In the list of documents before it leaves the others: no line is missing for a moment.
                    self.read().await;
                    line.remove();
                }
                Err(failure) => {
                    let words = text::paper_refused(&failure.text());
                    browser::write(SAID, &text::paper_says(&name, &words));
                    fill(&line, &name, "failed", &words, "", None);
                }
            }
            self.ask_now();
        }
    }

    /// Something has been set going: its progress is near.
    fn ask_now(self) {
        KNOWN.with_borrow_mut(|known| known.unchanged = 0);
        self.ask_later();
    }

    /// Asks after the documents for as long as one of them is not at its end.
    fn ask_later(self) {
        let pause = KNOWN.with_borrow_mut(|known| {
            let needed = !known.asking && !known.papers.iter().all(papers::is_settled);
            known.asking |= needed;
            needed.then(|| papers::pause(known.unchanged))
        });
        let Some(pause) = pause else { return };
        let ask = move || {
            spawn_local(async move {
                if browser::is_visible() {
                    self.read().await;
                }
                KNOWN.with_borrow_mut(|known| known.asking = false);
                self.ask_later();
            });
        };
        set_timeout(ask, pause);
    }

    async fn read(self) {
        let now = api::documents(self.bot).await.ok();
        let told = KNOWN.with_borrow_mut(|known| {
            let now = now.filter(|now| *now != known.papers);
            known.unchanged = if now.is_some() {
                0
            } else {
                known.unchanged.saturating_add(1)
            };
            let now = now?;
            show(self.bot, &known.papers, &now);
            let news = papers::news(&known.papers, &now);
            known.papers = now;
            news
        });
        if let Some(news) = told {
            browser::write(SAID, &news);
        }
    }
}

/// A line that nothing stands in yet, in front of the others.
fn new_line() -> Option<Element> {
    let list = browser::find(LIST)?;
    let empty = list.last_element_child()?;
    let line = empty
        .clone_node_with_deep(true)
        .ok()?
        .dyn_into::<Element>()
        .ok()?;
    let _ = line.remove_attribute("hidden");
    list.insert_before(&line, list.first_child().as_ref()).ok()?;
    Some(line)
}

/// Fills a line: what its file is called, how far it is, what is known of it.
fn fill(line: &Element, name: &str, state: &str, words: &str, about: &str, part: Option<u32>) {
    let _ = line.set_attribute("data-state", state);
    for (selector, words) in [
        (".file__name", name),
        (".file__state", words),
        (".file__about", about),
    ] {
        browser::write_in(line, selector, words);
    }
    if let Ok(Some(progress)) = line.query_selector("progress") {
        let _ = progress.toggle_attribute_with_force("hidden", part.is_none());
        let _ = progress.set_attribute("value", &part.unwrap_or_default().to_string());
        let _ = progress.set_attribute("aria-label", name);
    }
    for (act, label) in [
        ("anew", text::paper_read_again(name)),
        ("fetch", text::paper_download(name)),
        ("delete", text::paper_delete(name)),
    ] {
        if let Ok(Some(button)) = line.query_selector(&format!("[data-act={act}]")) {
            let _ = button.set_attribute("aria-label", &label);
        }
    }
}

/// Shows the documents as they are now.
fn show(bot: ChatbotId, before: &[Paper], now: &[Paper]) {
    let line_of = |id: DocumentId| browser::find(&format!(".file[data-id=\"{id}\"]"));
    for paper in now {
        if before.contains(paper) {
            continue;
        }
        let Some(line) = line_of(paper.id).or_else(new_line) else {
            return;
        };
        let id = paper.id.to_string();
        if let Ok(Some(link)) = line.query_selector("a") {
            let _ = link.set_attribute("href", &format!("/bot/{bot}/document/{id}/file"));
        }
        let _ = line.set_attribute("data-id", &id);
        fill(
            &line,
            &paper.name,
            papers::state(paper),
            &papers::words(paper),
            &papers::about(paper),
            papers::per_cent(paper),
        );
    }
    for paper in before {
        if !now.iter().any(|known| known.id == paper.id)
            && let Some(line) = line_of(paper.id)
        {
            line.remove();
        }
    }
}
