//! From turns to the tokens that the model is fed.

use super::template::Template;
use super::window::{self, Misfit};
use crate::{ChatTurn, ModelError};
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;

/// Makes prompts for one model.
pub(super) struct Prompter<'model> {
    pub(super) model: &'model LlamaModel,
    pub(super) template: Template,
    /// Tokens of a prompt: the window, less what an answer needs.
    pub(super) limit: usize,
}

impl Prompter<'_> {
    /// As many turns as fit. Never empty.
    pub(super) fn tokens(&self, turns: &[ChatTurn]) -> Result<Vec<LlamaToken>, ModelError> {
        let vocabulary = self.model.vocab();
        let count = |text: &str| vocabulary.tokenize(text.as_bytes(), false, false).len();
        let bos = vocabulary
            .text(vocabulary.bos())
            .map(|text| text.to_bytes().to_vec())
            .unwrap_or_default();
        let render = |turns: &[ChatTurn]| {
            let text = self.template.render(self.model, turns)?;
            // Many templates write the first token themselves: it must not be there twice.
            let begins = !bos.is_empty() && text.as_bytes().starts_with(&bos);
            Ok::<_, String>(vocabulary.tokenize(text.as_bytes(), !begins, true))
        };
        match window::fit(turns, self.limit, count, render) {
            Ok(tokens) if tokens.is_empty() => {
                Err(ModelError::Refused("there is nothing to answer".to_owned()))
            }
            Ok(tokens) => Ok(tokens),
            Err(Misfit::Unrenderable(why)) => {
                Err(ModelError::Refused(format!("its chat template fails: {why}")))
            }
            Err(Misfit::TooLong { tokens }) => Err(ModelError::Refused(format!(
                "the message is too long for it: with the instructions it takes {tokens} tokens, and {} fit",
                self.limit
            ))),
        }
    }
}
