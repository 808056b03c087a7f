//! The chat template of the model: how turns become the one text it was trained on.
//!
//! The template is the GGUF's own, run by a Jinja library; llama.cpp's built-in stands in where that cannot read it, and
//! only for a template that llama.cpp recognises. Not the other way round: the built-in ones are approximations picked by
//! a few words in the template. A model that has none is refused: with another model's template it would answer nonsense.

use crate::{ChatRole, ChatTurn};
use llama_cpp_2::model::{LlamaChatMessage, LlamaChatTemplate, LlamaModel};
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, ErrorKind, Value, context};

const NAME: &str = "chat";

pub(super) struct Template {
    writer: Writer,
    /// Some models know no instructions: they are given with the first question.
    knows_system: bool,
    /// What ends and begins turns: it means nothing inside a turn.
    control: Vec<String>,
}

enum Writer {
    Jinja {
        environment: Box<Environment<'static>>,
        bos: String,
        eos: String,
    },
    BuiltIn(LlamaChatTemplate),
}

impl Template {
    /// The template of this model, tried once: what fails here would fail in every conversation.
    pub(super) fn of(model: &LlamaModel) -> Result<Self, String> {
        let source = model.chat_template(None).map_err(|_| {
            "its file holds no chat template. Choose a model that was trained to chat (often called Instruct)".to_owned()
        })?;
        let control = control_texts(model);
        let jinja = jinja(model, &source).and_then(|writer| Self::tried(model, writer, control.clone()));
        jinja.or_else(|why| {
            Self::tried(model, Writer::BuiltIn(source), control)
                .map_err(|_| format!("its chat template cannot be used: {why}"))
        })
    }

    fn tried(model: &LlamaModel, writer: Writer, control: Vec<String>) -> Result<Self, String> {
        let turn = |role| ChatTurn {
            role,
            text: "Hi".to_owned(),
        };
        let mut template = Self {
            writer,
            knows_system: true,
            control,
        };
        template.render(model, &[turn(ChatRole::User)])?;
        template.knows_system = template
            .render(model, &[turn(ChatRole::System), turn(ChatRole::User)])
            .is_ok();
        Ok(template)
    }

    /// The whole text, up to where the answer begins.
    pub(super) fn render(&self, model: &LlamaModel, turns: &[ChatTurn]) -> Result<String, String> {
        let mut messages: Vec<_> = turns
            .iter()
            .map(|turn| (role(turn.role), self.without_control(&turn.text)))
            .collect();
        if let ([(first, instructions), (_, question), ..], false) =
            (messages.as_mut_slice(), self.knows_system)
            && *first == role(ChatRole::System)
        {
            *question = format!("{instructions}\n\n{question}");
            messages.remove(0);
        }
        match &self.writer {
            Writer::Jinja {
                environment,
                bos,
                eos,
            } => {
                let message = |(role, content): (&str, String)| context! { role, content };
                let messages: Vec<Value> = messages.into_iter().map(message).collect();
                let given =
                    context! { messages, add_generation_prompt => true, bos_token => bos, eos_token => eos };
                let rendered = environment
                    .get_template(NAME)
                    .and_then(|template| template.render(given));
                rendered.map_err(|error| error.to_string())
            }
            Writer::BuiltIn(source) => {
                let message =
                    |(role, content): (&str, String)| LlamaChatMessage::new(role.to_owned(), content);
                let messages: Result<Vec<_>, _> = messages.into_iter().map(message).collect();
                let messages = messages.map_err(|error| error.to_string())?;
                model
                    .apply_chat_template(source, &messages, true)
                    .map_err(|error| error.to_string())
            }
        }
    }

    /// A turn that holds `<|im_end|>` must not end itself and go on as somebody else.
    pub(super) fn without_control(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for control in self
            .control
            .iter()
            .filter(|control| text.contains(control.as_str()))
            .collect::<Vec<_>>()
        {
            let mut letters = control.chars();
            let first: String = letters.by_ref().take(1).collect();
            text = text.replace(control, &format!("{first}\u{200b}{}", letters.as_str()));
        }
        text
    }
}

fn jinja(model: &LlamaModel, source: &LlamaChatTemplate) -> Result<Writer, String> {
    let source = source.to_string().map_err(|error| error.to_string())?;
    let mut environment = Environment::new();
    // As Hugging Face renders them: templates are written for that.
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build();
    environment.set_syntax(syntax.map_err(|error| error.to_string())?);
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.add_function("raise_exception", |why: String| -> Result<(), minijinja::Error> {
        Err(minijinja::Error::new(ErrorKind::InvalidOperation, why))
    });
    environment
        .add_template_owned(NAME, source)
        .map_err(|error| error.to_string())?;
    let vocabulary = model.vocab();
    let text = |token| {
        vocabulary
            .text(token)
            .map(|text| text.to_string_lossy().into_owned())
            .unwrap_or_default()
    };
    let (bos, eos) = (text(vocabulary.bos()), text(vocabulary.eos()));
    Ok(Writer::Jinja {
        environment: Box::new(environment),
        bos,
        eos,
    })
}

fn control_texts(model: &LlamaModel) -> Vec<String> {
    let vocabulary = model.vocab();
    let control = vocabulary.tokens().filter(|token| vocabulary.is_control(*token));
    let texts = control.filter_map(|token| {
        vocabulary
            .text(token)
            .map(|text| text.to_string_lossy().into_owned())
    });
    texts.filter(|text| text.chars().count() > 1).collect()
}

fn role(role: ChatRole) -> &'static str {
    match role {
        ChatRole::System => "system",
        ChatRole::User => "user",
        ChatRole::Assistant => "assistant",
    }
}
