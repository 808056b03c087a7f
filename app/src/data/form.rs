//! A form that came back: the server shows its page again, with what is wrong and what was typed.

use crate::text;
use wire::{FieldFault, ProblemCode};

/// The name of the hidden field that proves a form is from a page of its sender's.
pub const FORM_TOKEN: &str = "form_token";

/// A form that was not taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Returned {
    /// Which form of its page.
    pub form: &'static str,
    /// The field that is wrong; `None`: no single one.
    pub field: Option<String>,
    /// What is wrong, for programs; `None` where nothing is.
    pub code: Option<ProblemCode>,
    /// What is wrong with the field, where that has words in every language.
    pub fault: Option<FieldFault>,
    /// A sentence that says what is wrong, in the server's own words.
    pub problem: String,
    /// What was typed, by field. Never a password.
    pub typed: Vec<(String, String)>,
}

impl Returned {
    /// What is wrong, in the language of the page.
    pub(crate) fn said(&self) -> String {
        match (self.fault, self.code) {
            (Some(fault), _) => text::of_field(fault),
            (None, Some(code)) => text::of_problem(code, &self.problem),
            (None, None) => self.problem.clone(),
        }
    }

    /// What is wrong with this field of this form.
    pub fn wrong(&self, form: &str, field: &str) -> Option<&str> {
        let is_it = self.form == form && self.field.as_deref() == Some(field);
        is_it.then_some(self.problem.as_str())
    }

    /// What is wrong with this form, when no field of it is.
    pub fn above(&self, form: &str) -> Option<&str> {
        let is_it = self.form == form && self.field.is_none();
        is_it.then_some(self.problem.as_str())
    }

    /// What was typed into this field of this form.
    pub fn typed(&self, form: &str, field: &str) -> Option<&str> {
        let typed = self.typed.iter().find(|(name, _)| name == field);
        typed
            .filter(|_| self.form == form)
            .map(|(_, value)| value.as_str())
    }
}

/// The form that says something in a chat: the box below it, or what came back of it.
pub const PROMPT_FORM: &str = "composer";
/// Its field.
pub const MESSAGE: &str = "message";
/// The name of the prompt, so that one that is sent twice is said once.
pub const CLIENT_MESSAGE_ID: &str = "client_message_id";
/// What its button does, where that is not to send.
pub const ACT: &str = "act";
/// Stops the answer.
pub const STOP: &str = "stop";

/// The form that takes files for a chatbot; what is wrong with one of them stands where its problems do.
pub const DOCUMENTS_FORM: &str = "documents";
/// Reads a document again, from its file on.
pub const ANEW: &str = "anew";
/// Deletes it.
pub const DELETE: &str = "delete";
