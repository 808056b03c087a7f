//! The formats: a file each. All read bytes and write blocks into an [`Outline`].

mod code;
mod docx;
mod epub;
mod html;
mod json;
mod markdown;
mod odf;
mod package;
mod plain;
mod pptx;
mod table;
mod xlsx;

use crate::{
    archive::Archive,
    decode,
    error::ExtractError,
    limits::Limits,
    outline::{Outline, Sink},
    pdf,
    sniff::{Kind, sniff},
};

/// Reads a whole file; gives the number of its pages, 0 where its format has none.
///
/// # Errors
/// Every way in which the file has no text to give.
pub(crate) fn read(
    bytes: Vec<u8>,
    name: &str,
    limits: &Limits,
    sink: &mut dyn Sink,
) -> Result<u32, ExtractError> {
    let mut outline = Outline::new(sink, limits);
    let kind = sniff(&bytes, name, limits)?;
    match kind {
        Kind::Pdf => pdf::read(bytes, limits, &mut outline)?,
        Kind::Docx => docx::read(&Archive::open(&bytes, limits)?, limits, &mut outline)?,
        Kind::Xlsx => xlsx::read(&Archive::open(&bytes, limits)?, limits, &mut outline)?,
        Kind::Pptx => pptx::read(&Archive::open(&bytes, limits)?, limits, &mut outline)?,
        Kind::Odt | Kind::Ods | Kind::Odp => {
            odf::read(&Archive::open(&bytes, limits)?, limits, &mut outline)?
        }
        Kind::Epub => epub::read(&Archive::open(&bytes, limits)?, limits, &mut outline)?,
        Kind::Html | Kind::Markdown | Kind::PlainText | Kind::Csv | Kind::Json | Kind::Code(_) => {
            let text = decode::text(&bytes).ok_or_else(|| ExtractError::unsupported("it is no text"))?;
            let text = text.replace("\r\n", "\n").replace('\r', "\n");
            drop(bytes);
            match kind {
                Kind::Html => html::read(&text, &mut outline)?,
                Kind::Markdown => markdown::read(&text, &mut outline)?,
                Kind::Csv => table::read(&text, &mut outline)?,
                Kind::Json => json::read(&text, &mut outline)?,
                Kind::Code(language) => code::read(&text, language, &mut outline)?,
                _ => plain::read(&text, &mut outline)?,
            }
        }
    }
    if outline.is_empty() {
        return Err(ExtractError::no_text(if kind == Kind::Pdf {
            "its pages are pictures, as a scan's are; recognise the text first (OCR)"
        } else {
            "there is not a word in it"
        }));
    }
    Ok(outline.pages())
}
