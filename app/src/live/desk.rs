//! A chatbot's documents, carried: files are sent one after the other, and how far each document is is asked after until
//! all are at their end.
//!
//! Like [`super::Live`], a handle to signals: the page may be gone when an answer comes.

use crate::{
    data::Paper,
    net::{
        api::{self, DocumentChange},
        browser,
        upload::upload,
    },
    state::papers,
};
use leptos::{ev, prelude::*, task::spawn_local, wasm_bindgen::JsCast};
use send_wrapper::SendWrapper;
use web_sys::{Element, File, FileList};
use wire::{ChatbotId, DocumentId};

/// A file that is not a document yet.
#[derive(Clone)]
pub(crate) struct Sending {
    pub(crate) key: usize,
    pub(crate) name: String,
    /// Of it, on its way.
    pub(crate) sent: RwSignal<Option<u32>>,
    /// Why it was not taken.
    pub(crate) refused: RwSignal<Option<String>>,
}

/// Everything the list knows; copied into handlers.
#[derive(Clone, Copy)]
pub(crate) struct Desk {
    pub(crate) bot: ChatbotId,
    pub(crate) papers: RwSignal<Vec<Paper>>,
    pub(crate) sending: RwSignal<Vec<Sending>>,
    /// Files that wait for those before them. On the server there are none.
    waiting: StoredValue<Vec<(Sending, SendWrapper<File>)>>,
    busy: StoredValue<bool>,
    count: StoredValue<usize>,
    /// Whether somebody asks after the documents already.
    asking: StoredValue<bool>,
    /// Answers in a row without news.
    unchanged: StoredValue<u32>,
    /// For ears.
    pub(crate) said: RwSignal<String>,
    pub(crate) problem: RwSignal<Option<String>>,
    /// What is to be deleted, if that is meant.
    doomed: StoredValue<Option<DocumentId>>,
    pub(crate) question: RwSignal<Option<String>>,
}

impl Desk {
    /// A chatbot's documents as they were when the page was drawn.
    pub(crate) fn new(bot: ChatbotId, papers: Vec<Paper>) -> Self {
        Self {
            bot,
            papers: RwSignal::new(papers),
            sending: RwSignal::new(Vec::new()),
            waiting: StoredValue::new(Vec::new()),
            busy: StoredValue::new(false),
            count: StoredValue::new(0),
            asking: StoredValue::new(false),
            unchanged: StoredValue::new(0),
            said: RwSignal::new(String::new()),
            problem: RwSignal::new(None),
            doomed: StoredValue::new(None),
            question: RwSignal::new(None),
        }
    }

    /// The reader means it: what was asked about is deleted.
    pub(crate) fn delete(self) {
        if let Some(id) = self.doomed.try_get_value().flatten() {
            self.change(id, DocumentChange::Delete);
        }
    }

    /// A button of a line was pressed.
    pub(crate) fn pressed(self, event: &ev::MouseEvent) {
        let button = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
            .and_then(|target| target.closest("[data-act]").ok().flatten());
        let Some(button) = button else { return };
        let (Some(act), Some(id)) = (button.get_attribute("data-act"), button.get_attribute("data-id"))
        else {
            return;
        };
        if act == "dismiss" {
            self.sending
                .update(|sending| sending.retain(|sending| sending.key.to_string() != id));
            return;
        }
        let Ok(id) = id.parse::<DocumentId>() else { return };
        if act == "anew" {
            return self.change(id, DocumentChange::MakeAnew);
        }
        let name = self.papers.with_untracked(|papers| {
            let paper = papers.iter().find(|paper| paper.id == id);
            paper.map(|paper| paper.name.clone()).unwrap_or_default()
        });
        self.doomed.set_value(Some(id));
        let question = format!("Delete {name}? The file goes, and answers rest on it no more.");
        self.question.set(Some(question));
    }

    fn change(self, id: DocumentId, change: DocumentChange) {
        self.problem.set(None);
        spawn_local(async move {
            match api::change_document(self.bot, id, change).await {
                Ok(()) => {
                    if let DocumentChange::Delete = change {
                        self.papers
                            .try_update(|papers| papers.retain(|paper| paper.id != id));
                        self.said.try_set("Deleted".to_owned());
                        // The button is gone, and the focus with it.
                        browser::focus(".files input");
                    }
                    self.ask_now();
                }
                Err(failure) => {
                    self.problem.try_set(Some(failure.text()));
                }
            }
        });
    }

    /// Files to be sent, after those that are on their way.
    pub(crate) fn take(self, files: Option<FileList>) {
        let Some(files) = files else { return };
        self.problem.set(None);
        for index in 0..files.length() {
            let Some(file) = files.get(index) else { continue };
            let key = self.count.get_value();
            self.count.set_value(key + 1);
            let sending = Sending {
                key,
                name: file.name(),
                sent: RwSignal::new(None),
                refused: RwSignal::new(None),
            };
            self.sending.update(|list| list.push(sending.clone()));
            self.waiting
                .update_value(|waiting| waiting.push((sending, SendWrapper::new(file))));
        }
        if !self.busy.get_value() {
            self.busy.set_value(true);
            spawn_local(self.send_all());
        }
    }

    async fn send_all(self) {
        loop {
            let next = self
                .waiting
                .try_update_value(|waiting| (!waiting.is_empty()).then(|| waiting.remove(0)))
                .flatten();
            let Some((sending, file)) = next else { break };
            let Sending {
                key,
                name,
                sent,
                refused,
            } = sending;
            sent.try_set(Some(0));
            let told = move |part| {
                sent.try_set(Some(part));
            };
            match upload(self.bot, &file, told).await {
                Ok(known) => {
                    let what = if known { "is here already" } else { "was sent" };
                    self.said.try_set(format!("{name} {what}"));
                    if known {
                        self.problem
                            .try_set(Some(format!("{name} is here already: nothing was added.")));
                    }
                    // In the list of documents before it leaves this one: no line is missing for a moment.
                    self.read().await;
                    self.sending
                        .try_update(|list| list.retain(|sending| sending.key != key));
                }
                Err(failure) => {
                    refused.try_set(Some(failure.text()));
                    self.said
                        .try_set(format!("{name} was not taken. {}", failure.text()));
                }
            }
            self.ask_now();
        }
        self.busy.try_set_value(false);
    }

    /// Something has been set going: its progress is near.
    fn ask_now(self) {
        self.unchanged.try_set_value(0);
        self.ask_later();
    }

    /// Asks after the documents for as long as one of them is not at its end.
    pub(crate) fn ask_later(self) {
        let settled = self
            .papers
            .try_with_untracked(|papers| papers.iter().all(papers::is_settled));
        if settled != Some(false) || self.asking.try_get_value() != Some(false) {
            return;
        }
        self.asking.try_set_value(true);
        let unchanged = self.unchanged.try_get_value().unwrap_or_default();
        let ask = move || {
            spawn_local(async move {
                if browser::is_visible() {
                    self.read().await;
                }
                self.asking.try_set_value(false);
                self.ask_later();
            });
        };
        set_timeout(ask, papers::pause(unchanged));
    }

    async fn read(self) {
        let before = self.papers.try_get_untracked().unwrap_or_default();
        let now = api::documents(self.bot).await;
        let changed = now.as_ref().is_ok_and(|now| *now != before);
        self.unchanged.try_update_value(|unchanged| {
            *unchanged = if changed { 0 } else { unchanged.saturating_add(1) };
        });
        if let Ok(now) = now
            && changed
        {
            if let Some(news) = papers::news(&before, &now) {
                self.said.try_set(news);
            }
            self.papers.try_set(now);
        }
    }
}
