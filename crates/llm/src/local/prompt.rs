//! From turns to the tokens that the model is fed.

use super::seam::Seam;
use super::template::Template;
use super::window::{self, Misfit};
use crate::{ChatRole, ChatTurn, ModelError};
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;

/// Makes prompts for one model.
pub(super) struct Prompter<'model> {
    pub(super) model: &'model LlamaModel,
    pub(super) template: Template,
    /// Tokens of a prompt: the window, less what an answer needs.
    pub(super) limit: usize,
    /// Tokens of a prompt and the beginning of its answer: the window, less what is worth going on for.
    pub(super) limit_going_on: usize,
}

/// What a model is fed, and what of it comes again.
pub(super) struct Prompt {
    /// Never empty.
    pub(super) tokens: Vec<LlamaToken>,
    /// How many of them, at the end, are the answer's own.
    pub(super) said: usize,
    pub(super) seam: Seam,
}

impl Prompter<'_> {
    /// As many turns as fit, up to where the model is to speak: the beginning of its answer, if the last turn is that.
    pub(super) fn prompt(&self, turns: &[ChatTurn]) -> Result<Prompt, ModelError> {
        match turns.split_last() {
            Some((last, before)) if last.role == ChatRole::Assistant => {
                let said = self.template.without_control(&last.text);
                let mut tokens = self.tokens(before, &said, self.limit_going_on)?;
                let vocabulary = self.model.vocab();
                let pieces = tokens
                    .iter()
                    .rev()
                    .map(|token| vocabulary.token_to_piece(*token, false, None));
                let (again, seam) = match Seam::behind(&said, pieces) {
                    // An answer is drawn from what comes of the last token: one must stay.
                    (again, _) if again >= tokens.len() => (0, Seam::default()),
                    taken_back => taken_back,
                };
                let kept = tokens.len() - again;
                tokens.truncate(kept);
                let said = vocabulary.tokenize(said.as_bytes(), false, false).len();
                Ok(Prompt {
                    said: said.saturating_sub(again).min(kept),
                    tokens,
                    seam,
                })
            }
            _ => Ok(Prompt {
                tokens: self.tokens(turns, "", self.limit)?,
                said: 0,
                seam: Seam::default(),
            }),
        }
    }

    /// The text `said` follows as it is: it is tokenised together with what is before it, as the model's own words are.
    fn tokens(&self, turns: &[ChatTurn], said: &str, limit: usize) -> Result<Vec<LlamaToken>, ModelError> {
        let vocabulary = self.model.vocab();
        let count = |text: &str| vocabulary.tokenize(text.as_bytes(), false, false).len();
        let bos = vocabulary
            .text(vocabulary.bos())
            .map(|text| text.to_bytes().to_vec())
            .unwrap_or_default();
        let render = |turns: &[ChatTurn]| {
            let mut text = self.template.render(self.model, turns)?;
            text.push_str(said);
            // Many templates write the first token themselves: it must not be there twice.
            let begins = !bos.is_empty() && text.as_bytes().starts_with(&bos);
            Ok::<_, String>(vocabulary.tokenize(text.as_bytes(), !begins, true))
        };
        match window::fit(turns, limit, count, render) {
            Ok(tokens) if tokens.is_empty() => {
                Err(ModelError::Refused("there is nothing to answer".to_owned()))
            }
            Ok(tokens) => Ok(tokens),
            Err(Misfit::Unrenderable(why)) => {
                Err(ModelError::Refused(format!("its chat template fails: {why}")))
            }
            Err(Misfit::TooLong { tokens }) if said.is_empty() => Err(ModelError::Refused(format!(
                "the message is too long for it: with the instructions it takes {tokens} tokens, and {limit} fit"
            ))),
            Err(Misfit::TooLong { tokens }) => Err(ModelError::Refused(format!(
                "the answer is too long to go on: with its message it takes {tokens} tokens, and {limit} fit"
            ))),
        }
    }
}
