//! Word: paragraphs with styles, lists, tables, notes.

use super::package;
use crate::{
    archive::Archive,
    decode,
    error::ExtractError,
    limits::Limits,
    outline::Outline,
    xml::{Node, Tag, Xml},
};
use std::collections::HashMap;

pub(super) fn read(
    archive: &Archive<'_>,
    limits: &Limits,
    outline: &mut Outline<'_>,
) -> Result<(), ExtractError> {
    let main = package::main_part(archive, "word/document.xml", limits.nesting)?;
    let relations = package::relations(archive, &main, limits.nesting)?;
    let styles = match package::by_role(&relations, "styles") {
        Some(part) => read_styles(archive, part, limits)?,
        None => Styles::new(),
    };
    let body = archive.must_read(&main)?;
    read_body(&decode::member(&body)?, &styles, limits, outline)?;
    for role in ["footnotes", "endnotes"] {
        if let Some(part) = package::by_role(&relations, role)
            && let Some(notes) = archive.read(part)?
        {
            read_body(&decode::member(&notes)?, &styles, limits, outline)?;
        }
    }
    Ok(())
}

/// What a paragraph is by its style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Title,
    Heading(u8),
    Item,
    Text,
}

type Styles = HashMap<String, Role>;

fn read_styles(archive: &Archive<'_>, part: &str, limits: &Limits) -> Result<Styles, ExtractError> {
    let Some(bytes) = archive.read(part)? else {
        return Ok(Styles::new());
    };
    let text = decode::member(&bytes)?;
    let mut xml = Xml::new(&text, limits.nesting);
    let mut own: HashMap<String, Role> = HashMap::new();
    let mut based_on: HashMap<String, String> = HashMap::new();
    let mut style = String::new();
    loop {
        match xml.next()? {
            Node::Open(tag) => match tag.name() {
                "style" => style = tag.attr("styleId").unwrap_or_default(),
                "name" => {
                    if let Some(role) = tag.attr("val").and_then(|name| role_of_name(&name)) {
                        own.insert(style.clone(), role);
                    }
                }
                "basedOn" => {
                    based_on.insert(style.clone(), tag.attr("val").unwrap_or_default());
                }
                "outlineLvl" => {
                    if let Some(level @ 0..=8) = tag.number::<u8>("val") {
                        own.entry(style.clone()).or_insert(Role::Heading(level + 1));
                    }
                }
                _ => {}
            },
            Node::End => break,
            _ => {}
        }
    }
    // A style of somebody's own is what it is based on.
    let mut styles = own.clone();
    for (name, base) in &based_on {
        let mut base = Some(base);
        for _ in 0..10 {
            let Some(role) = base.and_then(|base| own.get(base)) else {
                base = base.and_then(|base| based_on.get(base));
                continue;
            };
            styles.entry(name.clone()).or_insert(*role);
            break;
        }
    }
    Ok(styles)
}

fn role_of_name(name: &str) -> Option<Role> {
    let name = name.to_ascii_lowercase();
    if name == "title" {
        return Some(Role::Title);
    }
    if let Some(level) = name.strip_prefix("heading ") {
        return level.trim().parse().ok().map(Role::Heading);
    }
    name.starts_with("list ").then_some(Role::Item)
}

/// A paragraph while it is read; text boxes put one into another.
struct Paragraph {
    role: Role,
    text: String,
}

fn read_body(
    text: &str,
    styles: &Styles,
    limits: &Limits,
    outline: &mut Outline<'_>,
) -> Result<(), ExtractError> {
    let mut xml = Xml::new(text, limits.nesting);
    let mut open: Vec<Paragraph> = Vec::new();
    let mut table = Table::default();
    let mut in_text = false;
    loop {
        match xml.next()? {
            Node::Open(tag) => match tag.name() {
                // The same again for old programs, what was deleted, and what fields are computed from.
                "Fallback" | "del" | "moveFrom" | "instrText" | "delText" => xml.skip()?,
                "footnote" | "endnote" if tag.attr("type").is_some() => xml.skip()?,
                "p" => open.push(Paragraph {
                    role: Role::Text,
                    text: String::new(),
                }),
                "tbl" => table.depth += 1,
                "tr" if table.depth == 1 => table.rows.push(Vec::new()),
                "tc" if table.depth == 1 => table.begin_cell(),
                "t" => in_text = true,
                name => {
                    if let Some(paragraph) = open.last_mut() {
                        inside(paragraph, name, &tag, styles);
                    }
                }
            },
            Node::Text(part) if in_text => {
                if let Some(paragraph) = open.last_mut() {
                    paragraph.text.push_str(&part);
                }
            }
            Node::Close(name) => match name.as_str() {
                "t" => in_text = false,
                "p" => {
                    if let Some(paragraph) = open.pop() {
                        end_paragraph(&paragraph, &mut table, outline)?;
                    }
                }
                "tbl" => {
                    table.depth = table.depth.saturating_sub(1);
                    if table.depth == 0 {
                        table.end(outline)?;
                    }
                }
                _ => {}
            },
            Node::Text(_) => {}
            Node::End => return Ok(()),
        }
    }
}

fn inside(paragraph: &mut Paragraph, name: &str, tag: &Tag<'_>, styles: &Styles) {
    match name {
        "tab" | "ptab" => paragraph.text.push('\t'),
        "br" | "cr" => paragraph.text.push('\n'),
        "noBreakHyphen" => paragraph.text.push('-'),
        "pStyle" => {
            if let Some(role) = tag.attr("val").and_then(|style| styles.get(&style)) {
                paragraph.role = *role;
            }
        }
        "outlineLvl" => {
            if let Some(level @ 0..=8) = tag.number::<u8>("val") {
                paragraph.role = Role::Heading(level + 1);
            }
        }
        "numPr" if paragraph.role == Role::Text => paragraph.role = Role::Item,
        _ => {}
    }
}

fn end_paragraph(
    paragraph: &Paragraph,
    table: &mut Table,
    outline: &mut Outline<'_>,
) -> Result<(), ExtractError> {
    if table.depth > 0 {
        table.text(&paragraph.text);
        return Ok(());
    }
    match paragraph.role {
        Role::Title => outline.title(&paragraph.text),
        Role::Heading(level) => outline.heading(level, &paragraph.text),
        Role::Item => outline.list_item(&paragraph.text),
        Role::Text => outline.paragraph(&paragraph.text),
    }
}

/// A table while it is read; what stands in inner ones belongs to the outer one's cell.
#[derive(Default)]
struct Table {
    depth: usize,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn begin_cell(&mut self) {
        if let Some(row) = self.rows.last_mut() {
            row.push(String::new());
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(cell) = self.rows.last_mut().and_then(|row| row.last_mut()) {
            cell.push_str(text);
            cell.push('\n');
        }
    }

    fn end(&mut self, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
        let rows = std::mem::take(&mut self.rows);
        // One column is a frame around text.
        if rows.iter().all(|row| row.len() < 2) {
            return rows.iter().flatten().try_for_each(|cell| outline.paragraph(cell));
        }
        outline.table(&rows)
    }
}
