//! What the reader thinks of an answer: a thumb counts at once, its reason can be given after it. The dialog that asks for
//! the reason is drawn by the server (`component::feedback_form`).

use super::{Live, Row};
use crate::{
    json::write::quoted,
    net::{api, browser},
    state::transcript::EntryKey,
};
use leptos::{prelude::*, task::spawn_local, wasm_bindgen::JsCast};
use web_sys::{Event, HtmlDialogElement, HtmlInputElement, HtmlTextAreaElement};
use wire::feedback::{Feedback, Reason, Verdict};

const DIALOG: &str = ".feedback";
/// The reason that is chosen.
const CHOSEN: &str = ".feedback :checked";

impl Live {
    /// A thumb was pressed. Up is taken back by pressing it again; down asks why, also when it is pressed again.
    pub(crate) fn thumb(self, row: &Row, verdict: Verdict) {
        let before = row.entry.with_untracked(|entry| entry.feedback.clone());
        let again = before.filter(|before| before.verdict == verdict);
        match (verdict, &again) {
            (Verdict::Up, Some(_)) => self.rate(row, None),
            (_, None) => self.rate(
                row,
                Some(Feedback {
                    verdict,
                    reason: None,
                    comment: String::new(),
                }),
            ),
            (Verdict::Down, Some(_)) => {}
        }
        if verdict == Verdict::Down {
            ask_why(&row.label(), again);
        }
    }

    /// A button of the dialog was pressed, which closes it.
    fn answered(self, event: &Event) -> Option<()> {
        let (act, _) = browser::act_of(event)?;
        let row = self.row(&browser::find(DIALOG)?.get_attribute("data-of")?)?;
        if act == "take-back" {
            self.rate(&row, None);
        } else if act == "send" {
            let chosen = browser::find(CHOSEN).and_then(|chosen| chosen.get_attribute("value"));
            let feedback = Feedback {
                verdict: Verdict::Down,
                reason: Reason::ALL
                    .into_iter()
                    .find(|reason| chosen.as_deref() == Some(reason.name())),
                comment: comment_field()?.value(),
            };
            self.rate(&row, Some(feedback));
        }
        Some(())
    }

    /// Listens to the dialog, as long as the page is there.
    pub(super) fn listen_to_reasons(self) {
        browser::listen(
            DIALOG,
            "click",
            Box::new(move |event| {
                self.answered(&event);
            }),
        );
    }

    /// Shows it at once, and tells the server.
    fn rate(self, row: &Row, feedback: Option<Feedback>) {
        let key = row.key;
        let message = self.look_at(key, |entry| entry.message_id);
        let (Some(conversation), Some(message)) = (self.conversation.try_get_value().flatten(), message)
        else {
            return;
        };
        let before = row.entry.with_untracked(|entry| entry.feedback.clone());
        let body = feedback.as_ref().map(body);
        self.show_rated(key, feedback);
        spawn_local(async move {
            if let Err(failure) = api::rate(conversation, message, body).await {
                self.show_rated(key, before);
                self.tell(&failure);
            }
        });
    }

    fn show_rated(self, key: EntryKey, feedback: Option<Feedback>) {
        self.chat
            .try_update_value(|chat| chat.transcript.rate(key, feedback));
        self.draw();
    }
}

/// As the server reads it. Written out: a writer of its own costs the wasm more.
fn body(feedback: &Feedback) -> String {
    let verdict = match feedback.verdict {
        Verdict::Up => "up",
        Verdict::Down => "down",
    };
    let reason = match feedback.reason {
        Some(reason) => quoted(reason.name()),
        None => "null".to_owned(),
    };
    let comment = quoted(&feedback.comment);
    format!(r#"{{"verdict":"{verdict}","reason":{reason},"comment":{comment}}}"#)
}

/// Opens the dialog, with what was said before.
fn ask_why(label: &str, before: Option<Feedback>) -> Option<()> {
    let dialog = browser::find(DIALOG)?.dyn_into::<HtmlDialogElement>().ok()?;
    let _ = dialog.set_attribute("data-of", label);
    let (reason, comment) = before
        .map(|before| (before.reason, before.comment))
        .unwrap_or_default();
    let chosen = reason.and_then(|reason| browser::find(&format!(".feedback [value={}]", reason.name())));
    for (button, on) in [(browser::find(CHOSEN), false), (chosen, true)] {
        if let Some(Ok(button)) = button.map(JsCast::dyn_into::<HtmlInputElement>) {
            button.set_checked(on);
        }
    }
    comment_field()?.set_value(&comment);
    dialog.show_modal().ok()
}

fn comment_field() -> Option<HtmlTextAreaElement> {
    browser::find(".feedback textarea")?.dyn_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::feedback::NewFeedback;

    #[test]
    fn what_is_sent_is_what_the_server_reads() {
        let all = Reason::ALL.into_iter().map(Some).chain([None]);
        for (reason, verdict) in all
            .map(|reason| (reason, Verdict::Down))
            .chain([(None, Verdict::Up)])
        {
            let comment = "\"So\"\n🫖".to_owned();
            let feedback = Feedback {
                verdict,
                reason,
                comment: comment.clone(),
            };
            let read: NewFeedback = serde_json::from_str(&body(&feedback)).unwrap();
            let expected = NewFeedback {
                verdict,
                reason,
                comment,
            };
            assert_eq!(read, expected);
        }
    }
}
