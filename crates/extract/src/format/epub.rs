//! Books: chapters in the order of their spine, each a page of HTML.

use super::html;
use crate::{
    archive::{Archive, beside},
    decode,
    error::ExtractError,
    limits::Limits,
    outline::Outline,
    xml::{Node, Xml},
};
use std::collections::HashMap;

pub(super) fn read(
    archive: &Archive<'_>,
    limits: &Limits,
    outline: &mut Outline<'_>,
) -> Result<(), ExtractError> {
    if archive.has("META-INF/rights.xml") {
        return Err(ExtractError::Encrypted);
    }
    let container = archive.must_read("META-INF/container.xml")?;
    let package = package_of(&decode::member(&container)?, limits)?;
    let bytes = archive.must_read(&package)?;
    let book = Book::read(&decode::member(&bytes)?, limits)?;
    outline.title(&book.title)?;
    for id in &book.spine {
        let Some(chapter) = book.files.get(id) else {
            continue;
        };
        if let Some(bytes) = archive.read(&beside(&package, &decoded(chapter)))? {
            html::read(&decode::member(&bytes)?, outline)?;
        }
    }
    Ok(())
}

fn package_of(container: &str, limits: &Limits) -> Result<String, ExtractError> {
    let mut xml = Xml::new(container, limits.nesting);
    loop {
        match xml.next()? {
            Node::Open(tag) if tag.name() == "rootfile" => {
                if let Some(path) = tag.attr("full-path") {
                    return Ok(path);
                }
            }
            Node::End => return Err(ExtractError::damaged("the book has no table of its parts")),
            _ => {}
        }
    }
}

/// What a book is made of.
#[derive(Default)]
struct Book {
    title: String,
    /// Names of members by id.
    files: HashMap<String, String>,
    /// Ids of chapters, in their order.
    spine: Vec<String>,
}

impl Book {
    fn read(package: &str, limits: &Limits) -> Result<Self, ExtractError> {
        let mut xml = Xml::new(package, limits.nesting);
        let mut book = Self::default();
        let mut in_title = false;
        loop {
            match xml.next()? {
                Node::Open(tag) => match tag.name() {
                    "title" => in_title = book.title.is_empty(),
                    "item" => {
                        if let (Some(id), Some(file)) = (tag.attr("id"), tag.attr("href")) {
                            // The table of contents says every heading a second time.
                            let contents = tag.attr("properties").is_some_and(|all| all.contains("nav"));
                            if !contents {
                                book.files.insert(id, file);
                            }
                        }
                    }
                    "itemref" => book.spine.extend(tag.attr("idref")),
                    _ => {}
                },
                Node::Text(text) if in_title => book.title.push_str(&text),
                Node::Close(_) => in_title = false,
                Node::Text(_) => {}
                Node::End => return Ok(book),
            }
        }
    }
}

/// `Chapter%201.xhtml` is a name with a space.
fn decoded(name: &str) -> String {
    let mut parts = name.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let byte = part
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend(part.bytes().skip(2));
            }
            None => {
                bytes.push(b'%');
                bytes.extend(part.bytes());
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn names_in_a_book_are_addresses() {
        assert_eq!(decoded("Chapter%201%C3%A9.xhtml"), "Chapter 1é.xhtml");
        assert_eq!(decoded("100%.xhtml"), "100%.xhtml");
    }
}
