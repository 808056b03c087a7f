//! XML as events, without what harms: no document type definition (so no entities that grow), a limit on nesting.

use crate::error::ExtractError;
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use std::borrow::Cow;

/// What stands in an XML file, in order. An empty element is opened and closed.
#[derive(Debug)]
pub(crate) enum Node<'a> {
    Open(Tag<'a>),
    /// Its local name.
    Close(String),
    Text(Cow<'a, str>),
    End,
}

/// An element's name and attributes.
#[derive(Debug)]
pub(crate) struct Tag<'a>(BytesStart<'a>);

impl Tag<'_> {
    /// The name without its prefix.
    pub(crate) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// An attribute's value, found by its name without prefix.
    pub(crate) fn attr(&self, name: &str) -> Option<String> {
        let found = self
            .0
            .attributes()
            .with_checks(false)
            .flatten()
            .find(|attribute| attribute.key.local_name().into_inner() == name)?;
        let value = found.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()?;
        Some(value.into_owned())
    }

    /// The id of a relation (`r:id`), which elements carry beside an `id` of their own.
    pub(crate) fn relation_id(&self) -> Option<String> {
        let found = self
            .0
            .attributes()
            .with_checks(false)
            .flatten()
            .find(|attribute| {
                attribute.key.prefix().is_some() && attribute.key.local_name().into_inner() == "id"
            })?;
        let value = found.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()?;
        Some(value.into_owned())
    }

    /// An attribute that is a number.
    pub(crate) fn number<N: std::str::FromStr>(&self, name: &str) -> Option<N> {
        self.attr(name)?.trim().parse().ok()
    }
}

/// A walk through an XML file.
pub(crate) struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    depth: usize,
    limit: usize,
}

impl<'a> Xml<'a> {
    pub(crate) fn new(text: &'a str, nesting: usize) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            depth: 0,
            limit: nesting,
        }
    }

    /// The next thing that matters.
    ///
    /// # Errors
    /// It is no XML, is nested too deeply, or declares entities.
    pub(crate) fn next(&mut self) -> Result<Node<'a>, ExtractError> {
        loop {
            let event = self
                .reader
                .read_event()
                .map_err(|error| ExtractError::damaged(format!("its XML is broken ({error})")))?;
            match event {
                Event::Start(tag) => {
                    self.depth += 1;
                    if self.depth > self.limit {
                        return Err(ExtractError::damaged("its XML is nested too deeply"));
                    }
                    return Ok(Node::Open(Tag(tag)));
                }
                Event::End(tag) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Node::Close(tag.local_name().into_inner().to_owned()));
                }
                Event::Text(text) => return Ok(Node::Text(text.into_inner())),
                Event::CData(text) => return Ok(Node::Text(text.into_inner())),
                Event::GeneralRef(name) => {
                    if let Some(text) = reference(&name.into_inner()) {
                        return Ok(Node::Text(text));
                    }
                }
                Event::DocType(definition) if definition.contains('[') => {
                    return Err(ExtractError::damaged(
                        "its XML declares entities, which are not read",
                    ));
                }
                Event::Eof if self.depth > 0 => return Err(ExtractError::damaged("its XML ends too early")),
                Event::Eof => return Ok(Node::End),
                Event::Empty(_) | Event::DocType(_) | Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
            }
        }
    }

    /// Passes over all that stands in the element that was just opened.
    pub(crate) fn skip(&mut self) -> Result<(), ExtractError> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            self.next()?;
        }
        Ok(())
    }
}

/// What `&…;` stands for. Others than these need a definition, and none is read.
fn reference(name: &str) -> Option<Cow<'static, str>> {
    let known = match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        "nbsp" => "\u{a0}",
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            return char::from_u32(code).map(|c| Cow::Owned(c.to_string()));
        }
    };
    Some(Cow::Borrowed(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(xml: &str) -> Result<String, ExtractError> {
        let mut walk = Xml::new(xml, 10);
        let mut text = String::new();
        loop {
            match walk.next()? {
                Node::Text(part) => text.push_str(&part),
                Node::End => return Ok(text),
                Node::Open(_) | Node::Close(_) => {}
            }
        }
    }

    #[test]
    fn references_to_characters_are_text() {
        assert_eq!(
            text_of("<a>K&#246;nigin &amp; K<b/>&#xF6;nig</a>").unwrap(),
            "Königin & König"
        );
    }

    #[test]
    fn entities_depth_and_early_ends_are_refused() {
        let bomb = r#"<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>"#;
        assert_eq!(text_of(bomb).unwrap_err().code(), "damaged");
        assert_eq!(text_of(&"<a>".repeat(11)).unwrap_err().code(), "damaged");
        assert_eq!(text_of("<a><b>text</b>").unwrap_err().code(), "damaged");
    }
}
