//! PDF: glyphs with places become lines, lines become paragraphs.
//!
//! A PDF knows where each glyph stands and mostly not what a word is, so that is found out here, in steps of a file each:
//! `content` runs a page's drawing program and keeps its text, in pieces that stand together (`piece`); `font` says what a code
//! means; `line` puts pieces into lines; `layout` makes blocks of the lines of all pages. Where the file tells its own
//! structure (`tags`), blocks are made of that instead (`tagged`).

mod content;
mod font;
mod layout;
mod line;
mod piece;
mod tagged;
mod tags;

use crate::{error::ExtractError, limits::Limits, outline::Outline};
use font::Fonts;
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};

pub(crate) fn read(bytes: Vec<u8>, limits: &Limits, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
    let pdf = Pdf::new(bytes).map_err(refused)?;
    let pages = pdf.pages();
    let count = u32::try_from(pages.len()).unwrap_or(u32::MAX);
    if count == 0 {
        return Err(ExtractError::damaged("it has no pages"));
    }
    outline.set_pages(count)?;
    let fonts = Fonts::default();
    let mut read = Vec::new();
    let mut left = limits.text_bytes;
    for (page, number) in pages.iter().zip(1_u32..) {
        let pieces = content::pieces(page, &fonts, &mut left)?;
        read.push(line::Sheet::new(number, page, pieces));
        if number % 10 == 0 || number == count {
            outline.progress(number)?;
        }
    }
    let tags = tags::Tags::read(&pdf);
    if tagged::is_told(&read, &tags) {
        return tagged::write(read, &tags, outline);
    }
    let pages: Vec<line::Page> = read.into_iter().map(line::Page::new).collect();
    layout::write(&pages, outline)
}

fn refused(error: LoadPdfError) -> ExtractError {
    match error {
        LoadPdfError::Decryption(DecryptionError::UnsupportedAlgorithm) => {
            ExtractError::unsupported("a PDF encrypted in an unusual way")
        }
        LoadPdfError::Decryption(_) => ExtractError::Encrypted,
        LoadPdfError::Invalid => ExtractError::damaged("it cannot be read as a PDF"),
    }
}
