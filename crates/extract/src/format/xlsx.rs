//! Excel: a sheet is a heading, rows that touch are a table. Cells are taken as they come: a sheet's claimed size is not
//! believed, and empty cells cost nothing.

mod number;

use super::package;
use crate::{
    archive::Archive,
    decode,
    error::ExtractError,
    limits::Limits,
    outline::Outline,
    xml::{Node, Tag, Xml},
};
use number::{Format, show};

/// Cells to the right of this column are not read; Excel itself ends at 16,384.
const COLUMNS: usize = 1_024;
/// Rows that are handed on at once; the header goes with each.
const ROWS: usize = 200;

pub(super) fn read(
    archive: &Archive<'_>,
    limits: &Limits,
    outline: &mut Outline<'_>,
) -> Result<(), ExtractError> {
    let main = package::main_part(archive, "xl/workbook.xml", limits.nesting)?;
    let relations = package::relations(archive, &main, limits.nesting)?;
    let mut book = Book::default();
    if let Some(strings) = package::by_role(&relations, "sharedStrings")
        .map(|part| archive.read(part))
        .transpose()?
    {
        book.strings = shared_strings(&decode::member(&strings.unwrap_or_default())?, limits)?;
    }
    if let Some(styles) = package::by_role(&relations, "styles")
        .map(|part| archive.read(part))
        .transpose()?
    {
        book.formats = formats(&decode::member(&styles.unwrap_or_default())?, limits)?;
    }
    let bytes = archive.must_read(&main)?;
    let text = decode::member(&bytes)?;
    let mut xml = Xml::new(&text, limits.nesting);
    let mut sheets = Vec::new();
    loop {
        match xml.next()? {
            Node::Open(tag) => match tag.name() {
                "workbookPr" => {
                    book.from_1904 = tag
                        .attr("date1904")
                        .is_some_and(|value| matches!(&*value, "1" | "true"))
                }
                "sheet" => {
                    let sheet = tag.relation_id().and_then(|id| relations.get(&id));
                    sheets.extend(
                        sheet.map(|sheet| (tag.attr("name").unwrap_or_default(), sheet.part.clone())),
                    );
                }
                _ => {}
            },
            Node::End => break,
            _ => {}
        }
    }
    for (name, part) in &sheets {
        // Charts have sheets of their own, without cells.
        if let Some(bytes) = archive.read(part)? {
            outline.heading(1, name)?;
            read_sheet(&decode::member(&bytes)?, &book, limits, outline)?;
        }
    }
    Ok(())
}

/// What all sheets of a workbook refer to.
#[derive(Default)]
struct Book {
    strings: Vec<String>,
    /// By a cell's style.
    formats: Vec<Format>,
    from_1904: bool,
}

fn shared_strings(text: &str, limits: &Limits) -> Result<Vec<String>, ExtractError> {
    let mut xml = Xml::new(text, limits.nesting);
    let mut strings = Vec::new();
    let mut string = String::new();
    let mut in_text = false;
    loop {
        match xml.next()? {
            Node::Open(tag) => match tag.name() {
                // How Japanese is pronounced stands beside it.
                "rPh" => xml.skip()?,
                "si" => string.clear(),
                "t" => in_text = true,
                _ => {}
            },
            Node::Text(part) if in_text => string.push_str(&part),
            Node::Close(name) => match name.as_str() {
                "t" => in_text = false,
                "si" => strings.push(std::mem::take(&mut string)),
                _ => {}
            },
            Node::Text(_) => {}
            Node::End => return Ok(strings),
        }
    }
}

fn formats(text: &str, limits: &Limits) -> Result<Vec<Format>, ExtractError> {
    let mut xml = Xml::new(text, limits.nesting);
    let mut custom = std::collections::HashMap::new();
    let mut formats = Vec::new();
    let mut in_cells = false;
    loop {
        match xml.next()? {
            Node::Open(tag) => match tag.name() {
                "numFmt" => {
                    if let (Some(id), Some(code)) = (tag.number::<u32>("numFmtId"), tag.attr("formatCode")) {
                        custom.insert(id, Format::of_code(&code));
                    }
                }
                "cellXfs" => in_cells = true,
                "xf" if in_cells => {
                    let id = tag.number::<u32>("numFmtId").unwrap_or(0);
                    formats.push(custom.get(&id).copied().unwrap_or_else(|| Format::built_in(id)));
                }
                _ => {}
            },
            Node::Close(name) if name == "cellXfs" => in_cells = false,
            Node::End => return Ok(formats),
            _ => {}
        }
    }
}

/// A cell while it is read.
#[derive(Default)]
struct Cell {
    column: usize,
    kind: String,
    style: usize,
    text: String,
}

fn read_sheet(
    text: &str,
    book: &Book,
    limits: &Limits,
    outline: &mut Outline<'_>,
) -> Result<(), ExtractError> {
    let mut xml = Xml::new(text, limits.nesting);
    let mut rows = Rows::default();
    let mut row: Vec<String> = Vec::new();
    let mut cell = Cell::default();
    let mut in_value = false;
    loop {
        match xml.next()? {
            Node::Open(tag) => match tag.name() {
                "f" | "rPh" => xml.skip()?,
                "row" => rows.begin(tag.number("r"), outline)?,
                "c" => cell = begin_cell(&tag, cell.column),
                "v" | "t" => in_value = true,
                _ => {}
            },
            Node::Text(part) if in_value => cell.text.push_str(&part),
            Node::Close(name) => match name.as_str() {
                "v" | "t" => in_value = false,
                "c" if cell.column <= COLUMNS => {
                    let value = value(&cell, book);
                    if !value.is_empty() {
                        row.resize(cell.column, String::new());
                        if let Some(place) = row.last_mut() {
                            *place = value;
                        }
                    }
                }
                "row" => {
                    cell.column = 0;
                    rows.end(std::mem::take(&mut row), outline)?;
                }
                _ => {}
            },
            Node::Text(_) => {}
            Node::End => return rows.flush(outline),
        }
    }
}

fn begin_cell(tag: &Tag<'_>, before: usize) -> Cell {
    let named = tag.attr("r").and_then(|name| column(&name));
    Cell {
        column: named.unwrap_or_else(|| before.saturating_add(1)),
        kind: tag.attr("t").unwrap_or_default(),
        style: tag.number("s").unwrap_or(0),
        text: String::new(),
    }
}

/// `AB12` is in column 28.
fn column(name: &str) -> Option<usize> {
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic);
    let column = letters.take(4).fold(0_usize, |column, letter| {
        column * 26 + usize::from(letter.to_ascii_uppercase().saturating_sub(b'@'))
    });
    (column > 0).then_some(column)
}

fn value(cell: &Cell, book: &Book) -> String {
    match cell.kind.as_str() {
        "s" => {
            let place = cell.text.trim().parse::<usize>().ok();
            place
                .and_then(|place| book.strings.get(place))
                .cloned()
                .unwrap_or_default()
        }
        "b" => if cell.text.trim() == "1" { "TRUE" } else { "FALSE" }.to_owned(),
        "" | "n" => {
            let format = book.formats.get(cell.style).copied().unwrap_or_default();
            show(cell.text.trim(), format, book.from_1904)
        }
        _ => cell.text.trim().to_owned(),
    }
}

/// The rows that are a table together.
#[derive(Default)]
struct Rows {
    rows: Vec<Vec<String>>,
    /// The number of the row before.
    last: u32,
    /// Some of this table were handed on already.
    begun: bool,
}

impl Rows {
    /// A gap between rows is a gap between tables.
    fn begin(&mut self, number: Option<u32>, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
        let number = number.unwrap_or_else(|| self.last.saturating_add(1));
        if number > self.last.saturating_add(1) {
            self.flush(outline)?;
        }
        self.last = number;
        Ok(())
    }

    fn end(&mut self, row: Vec<String>, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
        if row.is_empty() {
            return self.flush(outline);
        }
        self.rows.push(row);
        if self.rows.len() > ROWS {
            outline.table(&self.rows)?;
            self.rows.truncate(1);
            self.begun = true;
        }
        Ok(())
    }

    fn flush(&mut self, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
        let rows = std::mem::take(&mut self.rows);
        let only_header = std::mem::take(&mut self.begun) && rows.len() < 2;
        match rows.as_slice() {
            _ if only_header => Ok(()),
            // A line above a table, a remark below it.
            [row] if row.iter().filter(|cell| !cell.is_empty()).count() == 1 => {
                outline.paragraph(&row.concat())
            }
            rows => outline.table(rows),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::column;

    #[test]
    fn columns_are_counted_in_letters() {
        assert_eq!(column("A1"), Some(1));
        assert_eq!(column("AB12"), Some(28));
        assert_eq!(column("XFD1048576"), Some(16_384));
        assert_eq!(column("12"), None);
    }
}
