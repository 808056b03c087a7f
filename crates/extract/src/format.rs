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
    sniff::{Kind, beyond_text, kind_of_text, no_known_format},
};
use std::borrow::Cow;

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
    let kind = beyond_text(&bytes, limits)?;
    if let Some(kind) = kind {
        outline.is(kind)?;
    }
    match kind {
        Some(Kind::Pdf) => pdf::read(bytes, limits, &mut outline)?,
        Some(kind) => {
            let archive = Archive::open(&bytes, limits)?;
            match kind {
                Kind::Docx => docx::read(&archive, limits, &mut outline)?,
                Kind::Xlsx => xlsx::read(&archive, limits, &mut outline)?,
                Kind::Pptx => pptx::read(&archive, limits, &mut outline)?,
                Kind::Epub => epub::read(&archive, limits, &mut outline)?,
                _ => odf::read(&archive, limits, &mut outline)?,
            }
        }
        None => read_text(&bytes, name, limits, &mut outline)?,
    }
    if outline.is_empty() {
        return Err(ExtractError::no_text(if kind == Some(Kind::Pdf) {
            "its pages are pictures, as a scan's are; recognise the text first (OCR)"
        } else {
            "there is not a word in it"
        }));
    }
    Ok(outline.pages())
}

/// More bytes than so many times the text that is allowed are no text that is allowed, whatever mark-up is in them.
const MARK_UP: u64 = 4;

fn read_text(
    bytes: &[u8],
    name: &str,
    limits: &Limits,
    outline: &mut Outline<'_>,
) -> Result<(), ExtractError> {
    let most = limits.text_bytes.saturating_mul(MARK_UP);
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
        let most = most >> 20;
        return Err(ExtractError::too_large(format!("more than {most} MiB of text")));
    }
    let text = decode::text(bytes).ok_or_else(no_known_format)?;
    let kind = kind_of_text(&text, name);
    outline.is(kind)?;
    let text = match text.contains('\r') {
        true => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")),
        false => text,
    };
    match kind {
        Kind::Html => html::read(&text, outline),
        Kind::Markdown => markdown::read(&text, outline),
        Kind::Csv => table::read(&text, outline),
        Kind::Json => json::read(&text, outline),
        Kind::Code(language) => code::read(&text, language, outline),
        _ => plain::read(&text, outline),
    }
}
