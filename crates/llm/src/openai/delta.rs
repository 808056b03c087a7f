//! What one event says: text, an end, a usage, an error. All else in it is skipped unread.
//!
//! Must not know: HTTP, and the order in which events come.

use super::report::UpstreamError;
use crate::{FinishReason, TokenUsage};
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, SeqAccess, Visitor};
use std::fmt;

/// The data of one event.
pub(super) enum Delta {
    /// `[DONE]`: nothing follows.
    Done,
    Chunk(Chunk),
}

/// A `chat.completion.chunk`; every part may be missing, and often is.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Chunk {
    choices: FirstChoice,
    usage: Option<Usage>,
    pub(super) error: Option<UpstreamError>,
}

#[derive(Deserialize)]
struct Usage {
    prompt_tokens: Option<u32>,
    completion_tokens: Option<u32>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Choice {
    delta: Option<Message>,
    finish_reason: Option<String>,
}

/// Reasoning (`reasoning_content`) is not part of the answer.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Message {
    content: Content,
}

/// The first of `choices`: we ask for one.
#[derive(Default)]
struct FirstChoice(Choice);

/// A string, null, or a list of parts of which we take the text.
#[derive(Default)]
struct Content(String);

impl Delta {
    pub(super) fn read(data: &[u8]) -> Result<Self, serde_json::Error> {
        Ok(match data.trim_ascii() {
            b"[DONE]" => Self::Done,
            b"" => Self::Chunk(Chunk::default()),
            json => Self::Chunk(serde_json::from_slice(json)?),
        })
    }
}

impl Chunk {
    /// The text it adds: often empty.
    pub(super) fn text(&mut self) -> String {
        self.choices
            .0
            .delta
            .take()
            .map(|message| message.content.0)
            .unwrap_or_default()
    }

    pub(super) fn finish_reason(&self) -> Option<FinishReason> {
        Some(match self.choices.0.finish_reason.as_deref()? {
            "" => return None,
            "length" | "max_tokens" => FinishReason::Length,
            "content_filter" => FinishReason::ContentFilter,
            _ => FinishReason::Stop,
        })
    }

    pub(super) fn usage(&self) -> Option<TokenUsage> {
        let Usage {
            prompt_tokens,
            completion_tokens,
        } = *self.usage.as_ref()?;
        Some(TokenUsage {
            prompt_tokens,
            completion_tokens,
        })
    }
}

impl<'de> Deserialize<'de> for FirstChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct First;

        impl<'de> Visitor<'de> for First {
            type Value = FirstChoice;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of choices")
            }

            fn visit_unit<E: Error>(self) -> Result<FirstChoice, E> {
                Ok(FirstChoice::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<FirstChoice, A::Error> {
                let first = list.next_element()?.unwrap_or_default();
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(FirstChoice(first))
            }
        }

        deserializer.deserialize_any(First)
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Content;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_unit<E: Error>(self) -> Result<Content, E> {
                Ok(Content::default())
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Content, E> {
                Ok(Content(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Content, A::Error> {
                let mut text = String::new();
                while let Some(part) = parts.next_element::<Part>()? {
                    text.push_str(&part.text);
                }
                Ok(Content(text))
            }
        }

        deserializer.deserialize_any(Text)
    }
}

/// `{"type": "text", "text": "…"}`; other parts have no text.
#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(json: &str) -> String {
        let Ok(Delta::Chunk(mut chunk)) = Delta::read(json.as_bytes()) else {
            panic!("no chunk: {json}")
        };
        chunk.text()
    }

    #[test]
    fn only_the_answer_is_text_and_unknown_fields_are_nothing() {
        let json = r#"{"id":"1","object":"x","choices":[{"index":0,"logprobs":null,"delta":{"role":"assistant",
            "reasoning_content":"hm","content":"Hi \ud83d\ude42"},"finish_reason":null},{"delta":{"content":"no"}}],"new":[{}]}"#;
        assert_eq!(text_of(json), "Hi 🙂");
        assert_eq!(
            text_of(r#"{"choices":[{"delta":{"reasoning_content":"hm"}}]}"#),
            ""
        );
        assert_eq!(text_of(r#"{"choices":[{"delta":{"content":null}}]}"#), "");
        assert_eq!(text_of(r#"{"choices":[{"delta":null}]}"#), "");
        assert_eq!(text_of(r#"{"choices":[],"usage":null}"#), "");
        assert_eq!(text_of(r#"{"choices":null}"#), "");
        assert_eq!(text_of(r#"{"object":"ping"}"#), "");
    }

    #[test]
    fn a_list_of_parts_is_the_text_of_its_text_parts() {
        let json = r#"{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},
            {"type":"text","text":"Hi"}]}}]}"#;
        assert_eq!(text_of(json), "Hi");
    }

    #[test]
    fn what_is_not_json_is_an_error_and_never_a_missing_word() {
        assert!(Delta::read(b"Hello").is_err());
        assert!(Delta::read(br#"{"choices":[{"delta":{"content":7}}]}"#).is_err());
        assert!(Delta::read(b"{\"choices\":[{\"delta\":{\"content\":\"\xff\"}}]}").is_err());
    }
}
