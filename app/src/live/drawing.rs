//! From what the reducers know to what the page shows: at most once a frame, and only what changed.

use super::{Live, Row};
use crate::state::transcript::Transcript;
use leptos::prelude::*;

/// The rows of a transcript; those that are there keep their signals, and so their elements.
pub(super) fn rows(transcript: &Transcript, before: &[Row]) -> Vec<Row> {
    // Mostly they stand in the order in which they were: long conversations are not looked through for each message.
    let mut next = 0;
    let row = |entry: &crate::state::transcript::Entry| {
        let is_it = |row: &Row| row.key == entry.key;
        let known = match before.get(next).filter(|row| is_it(row)) {
            Some(_) => Some(next),
            None => before.iter().position(is_it),
        };
        next = known.map_or(next, |at| at + 1);
        let known = known.and_then(|at| before.get(at)).cloned();
        known.unwrap_or_else(|| Row {
            key: entry.key,
            entry: ArcRwSignal::new(entry.clone()),
            editing: ArcRwSignal::new(false),
            typed: ArcStoredValue::new(None),
        })
    };
    transcript.shown().map(row).collect()
}

impl Live {
    /// Draws in the next frame, however often it is asked for until then.
    pub(super) fn draw_soon(self) {
        if self.drawing.try_get_value() == Some(false) {
            self.drawing.try_set_value(true);
            request_animation_frame(move || {
                self.drawing.try_set_value(false);
                self.draw();
            });
        }
    }

    /// Draws now.
    pub(super) fn draw(self) {
        let shown = self.shown;
        let changed = self.chat.try_update_value(|chat| {
            let changes = chat.transcript.take_changes();
            set_if_new(shown.busy, chat.is_busy());
            set_if_new(shown.sending, chat.is_sending());
            set_if_new(shown.notice, chat.notice().cloned());
            set_if_new(shown.queued, chat.queued());
            set_if_new(shown.prompts_left, chat.prompts_left());
            set_if_new(shown.has_more, chat.transcript.has_more());
            let list = changes.list.then(|| {
                let before = shown.rows.try_get_untracked().unwrap_or_default();
                rows(&chat.transcript, &before)
            });
            let entries: Vec<_> = changes
                .entries
                .iter()
                .filter_map(|key| chat.transcript.entry(*key).cloned())
                .collect();
            (list, entries)
        });
        let Some((list, entries)) = changed else { return };
        shown.rows.try_with_untracked(|rows| {
            for entry in entries {
                if let Some(row) = rows.iter().rev().find(|row| row.key == entry.key) {
                    row.entry.set(entry);
                }
            }
        });
        if let Some(list) = list {
            shown.rows.try_set(list);
        }
    }
}

fn set_if_new<T: PartialEq + Clone + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.try_with_untracked(|old| *old != value) == Some(true) {
        signal.try_set(value);
    }
}
