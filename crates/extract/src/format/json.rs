//! JSON: a line for each value, with the way to it (`kettles.0.litres: 2`), so that a found line says what it is about.
//!
//! Values are walked while they are parsed: no tree is built.

use crate::{error::ExtractError, outline::Outline};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::{cell::RefCell, fmt};

/// Lines are handed on when they have about so many bytes.
const PART: usize = 2_000;

pub(super) fn read(text: &str, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
    let walk = RefCell::new(Walk {
        outline,
        path: Vec::new(),
        lines: String::new(),
        failed: None,
    });
    let mut parser = serde_json::Deserializer::from_str(text);
    let mut broken = None;
    // One value, or many in a row (JSON lines).
    while broken.is_none() && parser.end().is_err() {
        broken = Value(&walk).deserialize(&mut parser).err();
    }
    let mut walk = walk.into_inner();
    walk.flush();
    if let Some(error) = walk.failed {
        return Err(error);
    }
    // What is called JSON and is none is still text that somebody wrote.
    match broken {
        Some(_) if walk.outline.is_empty() => super::plain::read(text, walk.outline),
        Some(error) => {
            let mut lines = text.split_inclusive('\n');
            let before: usize = lines
                .by_ref()
                .take(error.line().saturating_sub(1))
                .map(str::len)
                .sum();
            let at = text.floor_char_boundary(before.saturating_add(error.column()).saturating_sub(1));
            super::plain::read(text.get(at..).unwrap_or_default(), walk.outline)
        }
        None => Ok(()),
    }
}

struct Walk<'a, 'o> {
    outline: &'a mut Outline<'o>,
    path: Vec<String>,
    lines: String,
    failed: Option<ExtractError>,
}

impl Walk<'_, '_> {
    fn value(&mut self, value: &str) {
        if !self.path.is_empty() {
            self.lines.push_str(&self.path.join("."));
            self.lines.push_str(": ");
        }
        self.lines.push_str(value.trim());
        self.lines.push('\n');
        // A part ends where a value of the outermost list or object ends, or where it is long enough.
        if self.lines.len() > PART {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        if let Err(error) = self.outline.code(Some("json"), &lines) {
            self.failed.get_or_insert(error);
        }
    }
}

#[derive(Clone, Copy)]
struct Value<'w, 'a, 'o>(&'w RefCell<Walk<'a, 'o>>);

impl Value<'_, '_, '_> {
    fn say<E: Error>(self, value: &str) -> Result<(), E> {
        let mut walk = self.0.borrow_mut();
        walk.value(value);
        match walk.failed {
            Some(_) => Err(E::custom("stopped")),
            None => Ok(()),
        }
    }

    fn within<T>(self, step: String, go: impl FnOnce() -> T) -> T {
        self.0.borrow_mut().path.push(step);
        let done = go();
        self.0.borrow_mut().path.pop();
        done
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.say(&value.to_string())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.say(&value.to_string())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.say(&value.to_string())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.say(&value.to_string())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.say(value)
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut at = 0_u64;
        while self
            .within(at.to_string(), || items.next_element_seed(self))?
            .is_some()
        {
            at = at.saturating_add(1);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(key) = entries.next_key::<String>()? {
            self.within(key, || entries.next_value_seed(self))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{limits::Limits, outline::tests::Kept};

    fn text_of(json: &str) -> String {
        let mut kept = Kept::default();
        read(json, &mut Outline::new(&mut kept, &Limits::default())).unwrap();
        kept.0.into_iter().map(|block| block.text).collect()
    }

    #[test]
    fn every_value_is_told_with_the_way_to_it() {
        let json = r#"{"kettles": [{"name": "Zephyr", "litres": 1.5}], "spare": null, "open": true}"#;
        assert_eq!(
            text_of(json),
            "kettles.0.name: Zephyr\nkettles.0.litres: 1.5\nopen: true\n"
        );
        assert_eq!(text_of("{\"a\":1}\n{\"a\":2}\n"), "a: 1\na: 2\n");
    }

    #[test]
    fn what_is_no_json_is_text() {
        assert!(text_of("{\"a\": 1, oh no").contains("oh no"));
        let deep = "[".repeat(100_000);
        assert_eq!(text_of(&deep).len(), deep.len());
    }
}
