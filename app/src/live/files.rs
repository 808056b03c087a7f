//! Files that are dropped on a chat, or pasted into it, go into the chatbot's documents, for who may change those. How far
//! they are is said beside the way to the documents, which the server draws into the bar at the top where it is allowed.

use super::Live;
use crate::{
    net::{browser, upload::upload},
    text,
};
use leptos::{task::spawn_local, wasm_bindgen::JsCast};
use web_sys::{ClipboardEvent, DataTransfer, DragEvent, Event, File};

/// What is said about them. It is there where documents may be given.
const SAID: &str = ".topbar__files";

impl Live {
    /// Takes files from now on, if they may be given.
    pub(super) fn take_files(self) {
        if browser::find(SAID).is_none() {
            return;
        }
        for kind in ["dragover", "drop", "paste"] {
            browser::listen(".chat", kind, Box::new(move |event| self.heard_of_files(&event)));
        }
    }

    /// Text is dropped and pasted as ever: also that of an office program, which puts a picture of it beside it.
    fn heard_of_files(self, event: &Event) {
        let is_text = |carried: &DataTransfer| {
            event.type_() == "paste" && carried.types().includes(&"text/plain".into(), 0)
        };
        let carried = carried(event).filter(|carried| !is_text(carried));
        let files = carried.and_then(|carried| carried.files());
        let files: Vec<File> = files
            .map(|files| (0..files.length()).filter_map(|at| files.get(at)).collect())
            .unwrap_or_default();
        // While it is dragged, what it is is not told.
        if event.type_() == "dragover" || !files.is_empty() {
            event.prevent_default();
        }
        let bot = self.bot;
        spawn_local(async move {
            for file in files {
                let name = file.name();
                let shown = name.clone();
                let told = move |part: u32| browser::write(SAID, &format!("{shown}: {part} %"));
                told(0);
                let said = match upload(bot, &file, told).await {
                    Ok(true) => text::file_known_here(&name),
                    Ok(false) => text::file_here(&name),
                    Err(failure) => text::file_not_here(&name, &failure.text()),
                };
                browser::write(SAID, &said);
            }
        });
    }
}

fn carried(event: &Event) -> Option<DataTransfer> {
    match event.dyn_ref::<DragEvent>() {
        Some(event) => event.data_transfer(),
        None => event.dyn_ref::<ClipboardEvent>()?.clipboard_data(),
    }
}
