//! JSON as the browser reads and writes it: a small tree ([`Value`]), and a line or two for each thing that is read out of
//! one (`read`) or written (`write`). Readers that are derived were a sixth of the wasm, and its largest functions.
//!
//! Must not know: what the things are for. The types of [`wire`] are the truth: the tests hold what stands here against
//! their own readers and writers, name by name.

pub(crate) mod read;
pub(crate) mod write;

use std::{mem, str::Chars};

/// Anything in JSON. Whole numbers only: no page reads another, so another is [`Value::Null`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Value {
    /// Nothing; also what is not there.
    #[default]
    Null,
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Number(u64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// Names and what they name, as they came.
    Object(Vec<(String, Value)>),
}

/// Things in things in things: more than any answer of ours has, and less than the stack bears.
const DEPTH: u8 = 60;

impl Value {
    /// Reads a whole text.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader(text);
        let value = reader.value(DEPTH)?;
        reader.0.trim_ascii_start().is_empty().then_some(value)
    }

    /// Takes a field out of an object; [`Value::Null`] where there is none.
    pub(crate) fn take(&mut self, name: &str) -> Self {
        let Self::Object(fields) = self else {
            return Self::Null;
        };
        let mut fields = fields.iter_mut();
        let field = fields.find(|(known, _)| known == name);
        field.map(|(_, value)| mem::take(value)).unwrap_or_default()
    }

    /// The text in this field.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name) {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number in this field.
    pub(crate) fn number(&mut self, name: &str) -> Option<u64> {
        match self.take(name) {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The same where it is a small one.
    pub(crate) fn small(&mut self, name: &str) -> Option<u32> {
        self.number(name)?.try_into().ok()
    }

    /// Whether this field says yes.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        self.take(name) == Self::Flag(true)
    }

    /// What the items of a list are; `None` where one of them is not that, or this is no list.
    pub(crate) fn items<T>(self, read: fn(Self) -> Option<T>) -> Option<Vec<T>> {
        match self {
            Self::List(items) => items.into_iter().map(read).collect(),
            _ => None,
        }
    }
}

/// What is not read yet.
struct Reader<'a>(&'a str);

impl Reader<'_> {
    /// The next sign that is not space, if it is this one; it is read then.
    fn sign(&mut self, sign: char) -> bool {
        let text = self.0.trim_ascii_start();
        let rest = text.strip_prefix(sign);
        self.0 = rest.unwrap_or(text);
        rest.is_some()
    }

    fn value(&mut self, depth: u8) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        if self.sign('"') {
            return self.text().map(Value::Text);
        }
        if self.sign('{') {
            return self.object(depth).map(Value::Object);
        }
        if self.sign('[') {
            return self.list(depth).map(Value::List);
        }
        let end = self
            .0
            .bytes()
            .position(|byte| !(byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)));
        let (word, rest) = self.0.split_at_checked(end.unwrap_or(self.0.len()))?;
        self.0 = rest;
        match word {
            "null" => Some(Value::Null),
            "true" => Some(Value::Flag(true)),
            "false" => Some(Value::Flag(false)),
            _ => number(word),
        }
    }

    fn list(&mut self, depth: u8) -> Option<Vec<Value>> {
        let mut list = Vec::new();
        if self.sign(']') {
            return Some(list);
        }
        loop {
            list.push(self.value(depth)?);
            if self.sign(']') {
                return Some(list);
            }
            self.sign(',').then_some(())?;
        }
    }

    fn object(&mut self, depth: u8) -> Option<Vec<(String, Value)>> {
        let mut fields = Vec::new();
        if self.sign('}') {
            return Some(fields);
        }
        loop {
            self.sign('"').then_some(())?;
            let name = self.text()?;
            self.sign(':').then_some(())?;
            fields.push((name, self.value(depth)?));
            if self.sign('}') {
                return Some(fields);
            }
            self.sign(',').then_some(())?;
        }
    }

    /// The rest of a text whose first quotation mark was read.
    fn text(&mut self) -> Option<String> {
        let mut text = String::new();
        loop {
            let end = self.0.bytes().position(|byte| byte == b'"' || byte == b'\\')?;
            let (plain, rest) = self.0.split_at_checked(end)?;
            text.push_str(plain);
            let mut rest = rest.chars();
            if rest.next() == Some('"') {
                self.0 = rest.as_str();
                return Some(text);
            }
            text.push(escaped(&mut rest)?);
            self.0 = rest.as_str();
        }
    }
}

/// What stands behind a backslash.
fn escaped(rest: &mut Chars<'_>) -> Option<char> {
    Some(match rest.next()? {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'u' => {
            let first = unit(rest)?;
            if (0xd800..0xdc00).contains(&first) {
                // The other half of a character of UTF-16.
                let follows = rest.next() == Some('\\') && rest.next() == Some('u');
                let second = unit(rest).filter(|unit| follows && (0xdc00..0xe000).contains(unit))?;
                return char::from_u32(0x10000 + ((first & 0x3ff) << 10) + (second & 0x3ff));
            }
            char::from_u32(first)?
        }
        sign @ ('"' | '\\' | '/') => sign,
        _ => return None,
    })
}

fn unit(rest: &mut Chars<'_>) -> Option<u32> {
    let mut unit = 0;
    for _ in 0..4 {
        unit = unit * 16 + rest.next()?.to_digit(16)?;
    }
    Some(unit)
}

fn number(word: &str) -> Option<Value> {
    let mut number = 0_u64;
    for digit in word.bytes() {
        let Some(digit) = char::from(digit).to_digit(10) else {
            // `-1`, `0.5`, `1e9`: a number, and none that is read.
            let is_number = word.bytes().all(|byte| b"+-.eE0123456789".contains(&byte));
            return is_number.then_some(Value::Null);
        };
        number = number.checked_mul(10)?.checked_add(digit.into())?;
    }
    (!word.is_empty()).then_some(Value::Number(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    #[test]
    fn everything_that_json_has_is_read() {
        let read =
            Value::parse(" {\"a\" : [null, true,false , 0, 18446744073709551615],\n\"b\":{},\"c\":[]} ");
        let list = Value::List(vec![
            Value::Null,
            Value::Flag(true),
            Value::Flag(false),
            Value::Number(0),
            Value::Number(u64::MAX),
        ]);
        let fields = [
            ("a", list),
            ("b", Value::Object(vec![])),
            ("c", Value::List(vec![])),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value));
        assert_eq!(read, Some(Value::Object(fields.into())));
    }

    #[test]
    fn texts_come_back_as_the_server_wrote_them() {
        for words in [
            "",
            "\"quoted\" \\ / \n\r\t\u{8}\u{c}\u{1}\u{7f}",
            "Grüße 你好 🫖 \u{2028}\u{202e}\u{0}",
            "</script><!-- \\u0041",
        ] {
            let written = serde_json::to_string(words).unwrap();
            assert_eq!(Value::parse(&written), Some(text(words)), "{written}");
        }
        assert_eq!(Value::parse(r#""\ud83e\uDED6\u0041\/""#), Some(text("🫖A/")));
    }

    #[test]
    fn what_is_no_json_is_refused_whatever_it_begins_like() {
        for broken in [
            "",
            " ",
            "nul",
            "truefalse",
            "tru e",
            "[1,]",
            "[1 2]",
            "[,]",
            "[",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "{\"a\":1,}",
            "\"",
            "\"\\\"",
            "\"\\x\"",
            "\"\\ud83e\"",
            "\"\\ud83e\\u0041\"",
            "\"\\u12\"",
            "1 2",
            "18446744073709551616",
            "é",
            "0x1",
        ] {
            assert_eq!(Value::parse(broken), None, "{broken}");
        }
    }

    #[test]
    fn numbers_that_no_page_reads_are_nothing() {
        for other in ["-1", "0.5", "1e9", "-0.25E-3"] {
            assert_eq!(Value::parse(other), Some(Value::Null), "{other}");
        }
    }

    #[test]
    fn what_is_nested_without_end_is_refused_and_the_stack_holds() {
        assert!(Value::parse(&"[".repeat(1_000_000)).is_none());
        let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Value::parse(&deep(50)).is_some());
        assert!(Value::parse(&deep(61)).is_none());
    }

    #[test]
    fn a_field_is_what_it_is_asked_for_or_nothing() {
        let mut value = Value::parse(r#"{"name":"Ada","age":36,"big":4294967296,"ok":true}"#).unwrap();
        assert_eq!(value.number("name"), None);
        assert_eq!(value.small("big"), None);
        assert_eq!((value.small("age"), value.flag("ok")), (Some(36), true));
        assert_eq!((value.text("else"), value.flag("else")), (None, false));
        assert_eq!(Value::Number(1).take("name"), Value::Null);
    }
}
