//! PowerPoint: a slide is a page, its title a heading; notes follow their slide.

use super::package;
use crate::{
    archive::Archive,
    decode,
    error::ExtractError,
    limits::Limits,
    outline::Outline,
    xml::{Node, Xml},
};

pub(super) fn read(
    archive: &Archive<'_>,
    limits: &Limits,
    outline: &mut Outline<'_>,
) -> Result<(), ExtractError> {
    let main = package::main_part(archive, "ppt/presentation.xml", limits.nesting)?;
    let relations = package::relations(archive, &main, limits.nesting)?;
    let bytes = archive.must_read(&main)?;
    let text = decode::member(&bytes)?;
    let mut xml = Xml::new(&text, limits.nesting);
    let mut slides = Vec::new();
    loop {
        match xml.next()? {
            Node::Open(tag) if tag.name() == "sldId" => {
                // Two attributes are called `id`; the one with a prefix is the relation's.
                let slide = tag.relation_id().and_then(|id| relations.get(&id));
                slides.extend(slide.map(|slide| slide.part.clone()));
            }
            Node::End => break,
            _ => {}
        }
    }
    outline.set_pages(u32::try_from(slides.len()).unwrap_or(u32::MAX))?;
    for (slide, number) in slides.iter().zip(1_u32..) {
        outline.set_page(number);
        read_slide(archive, slide, Some(number), limits, outline)?;
        let beside = package::relations(archive, slide, limits.nesting)?;
        if let Some(notes) = package::by_role(&beside, "notesSlide") {
            read_slide(archive, notes, None, limits, outline)?;
        }
        outline.progress(number)?;
    }
    Ok(())
}

/// What a box of a slide is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Title,
    Text,
    /// Page numbers, dates, pictures of the slide.
    Furniture,
}

/// `number` is the slide's; notes have none, and no title.
fn read_slide(
    archive: &Archive<'_>,
    part: &str,
    number: Option<u32>,
    limits: &Limits,
    outline: &mut Outline<'_>,
) -> Result<(), ExtractError> {
    let bytes = archive.must_read(part)?;
    let text = decode::member(&bytes)?;
    let mut slide = Slide::default();
    slide.walk(&mut Xml::new(&text, limits.nesting))?;
    if let Some(number) = number {
        match slide.title.trim() {
            "" => outline.heading(1, &format!("Slide {number}"))?,
            title => outline.heading(1, title)?,
        }
    }
    for part in &slide.parts {
        match part {
            Part::Text(text) => outline.paragraph(text)?,
            Part::Item(text) => outline.list_item(text)?,
            Part::Table(rows) => outline.table(rows)?,
        }
    }
    Ok(())
}

enum Part {
    Text(String),
    Item(String),
    Table(Vec<Vec<String>>),
}

#[derive(Default)]
struct Slide {
    title: String,
    parts: Vec<Part>,
}

impl Slide {
    fn walk(&mut self, xml: &mut Xml<'_>) -> Result<(), ExtractError> {
        let (mut role, mut text, mut in_text) = (Role::Text, String::new(), false);
        // A body's paragraphs are points of a list, as they look.
        let mut points = false;
        let mut rows: Option<Vec<Vec<String>>> = None;
        loop {
            match xml.next()? {
                Node::Open(tag) => match tag.name() {
                    "Fallback" => xml.skip()?,
                    "sp" => (role, points) = (Role::Text, false),
                    "ph" => match tag.attr("type").as_deref() {
                        Some("title" | "ctrTitle") => role = Role::Title,
                        Some("dt" | "ftr" | "sldNum" | "hdr" | "sldImg") => role = Role::Furniture,
                        Some("subTitle") => {}
                        _ => points = true,
                    },
                    "tbl" => rows = Some(Vec::new()),
                    "tr" => rows.iter_mut().for_each(|rows| rows.push(Vec::new())),
                    "tc" => {
                        if let Some(row) = rows.as_mut().and_then(|rows| rows.last_mut()) {
                            row.push(String::new());
                        }
                    }
                    "p" => text.clear(),
                    "br" => text.push('\n'),
                    "t" => in_text = true,
                    _ => {}
                },
                Node::Text(part) if in_text => text.push_str(&part),
                Node::Close(name) => match name.as_str() {
                    "t" => in_text = false,
                    "tbl" => self.parts.extend(rows.take().map(Part::Table)),
                    "p" => {
                        let text = std::mem::take(&mut text);
                        let cell = rows.as_mut().and_then(|rows| rows.last_mut()?.last_mut());
                        match (cell, role) {
                            (Some(cell), _) => {
                                cell.push_str(&text);
                                cell.push('\n');
                            }
                            (None, Role::Title) => {
                                self.title.push_str(&text);
                                self.title.push(' ');
                            }
                            (None, Role::Text) if points => self.parts.push(Part::Item(text)),
                            (None, Role::Text) => self.parts.push(Part::Text(text)),
                            (None, Role::Furniture) => {}
                        }
                    }
                    _ => {}
                },
                Node::Text(_) => {}
                Node::End => return Ok(()),
            }
        }
    }
}
