//! What a file is: by its content. Its name only breaks ties between kinds of text.

use crate::{archive::Archive, decode, error::ExtractError, limits::Limits};

/// Kinds of files that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Portable Document Format.
    Pdf,
    /// Word.
    Docx,
    /// Excel.
    Xlsx,
    /// PowerPoint.
    Pptx,
    /// OpenDocument text.
    Odt,
    /// OpenDocument spreadsheet.
    Ods,
    /// OpenDocument presentation.
    Odp,
    /// A book.
    Epub,
    /// A page.
    Html,
    /// Markdown.
    Markdown,
    /// Text without mark-up.
    PlainText,
    /// Comma, semicolon or tab separated values.
    Csv,
    /// JSON, or a line of it each.
    Json,
    /// A program, or whatever is written like one, in this language.
    Code(&'static str),
}

/// What is read, by its media type. A program is text.
const MEDIA_TYPES: [&str; 13] = [
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
    "application/epub+zip",
    "text/html",
    "text/markdown",
    "text/plain",
    "text/csv",
    "application/json",
];

impl Kind {
    /// As the rest of the world calls it.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        let [
            pdf,
            docx,
            xlsx,
            pptx,
            odt,
            ods,
            odp,
            epub,
            html,
            markdown,
            plain,
            csv,
            json,
        ] = MEDIA_TYPES;
        match self {
            Self::Pdf => pdf,
            Self::Docx => docx,
            Self::Xlsx => xlsx,
            Self::Pptx => pptx,
            Self::Odt => odt,
            Self::Ods => ods,
            Self::Odp => odp,
            Self::Epub => epub,
            Self::Html => html,
            Self::Markdown => markdown,
            Self::PlainText | Self::Code(_) => plain,
            Self::Csv => csv,
            Self::Json => json,
        }
    }

    /// This word, if [`media_type`](Self::media_type) says it of anything.
    pub(crate) fn known_media_type(word: &str) -> Option<&'static str> {
        MEDIA_TYPES.into_iter().find(|known| *known == word)
    }
}

/// Beginnings of files that people do upload, and that hold no text for us.
const KNOWN: &[(usize, &[u8], &str)] = &[
    (0, b"GIF8", "a GIF image"),
    (0, b"\x89PNG", "a PNG image"),
    (0, b"\xff\xd8\xff", "a JPEG image"),
    (8, b"WEBP", "a WebP image"),
    (8, b"WAVE", "a sound file"),
    (8, b"AVI ", "a film"),
    (0, b"II*\0", "a TIFF image"),
    (0, b"MM\0*", "a TIFF image"),
    (0, b"8BPS", "a Photoshop image"),
    (4, b"ftyp", "a film or a photo"),
    (0, b"\x1a\x45\xdf\xa3", "a film"),
    (0, b"ID3", "a sound file"),
    (0, b"OggS", "a sound file"),
    (0, b"fLaC", "a sound file"),
    (0, b"\x7fELF", "a program"),
    (0, b"MZ", "a program"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"BZh", "a bzip2 archive"),
    (0, b"\xfd7zXZ", "an xz archive"),
    (0, b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (0, b"7z\xbc\xaf", "a 7z archive"),
    (0, b"Rar!", "a RAR archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"SQLite format 3\0", "a database"),
    (0, b"wOFF", "a font"),
    (0, b"\0\x01\0\0", "a font"),
    (0, b"{\\rtf", "an RTF document; save it as DOCX or PDF"),
    (0, b"%!PS", "a PostScript file; save it as PDF"),
];

/// What an old Office file begins with, and also the wrapping of a new one with a password.
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// Ends of names, and the language that code blocks of such a file name.
const LANGUAGES: &[(&str, &str)] = &[
    ("bash", "bash"),
    ("c", "c"),
    ("cc", "cpp"),
    ("clj", "clojure"),
    ("conf", "ini"),
    ("cpp", "cpp"),
    ("cs", "csharp"),
    ("css", "css"),
    ("dart", "dart"),
    ("dockerfile", "dockerfile"),
    ("erl", "erlang"),
    ("ex", "elixir"),
    ("exs", "elixir"),
    ("go", "go"),
    ("graphql", "graphql"),
    ("h", "c"),
    ("hpp", "cpp"),
    ("hs", "haskell"),
    ("ini", "ini"),
    ("java", "java"),
    ("jl", "julia"),
    ("js", "javascript"),
    ("jsx", "javascript"),
    ("kt", "kotlin"),
    ("lua", "lua"),
    ("makefile", "makefile"),
    ("mjs", "javascript"),
    ("ml", "ocaml"),
    ("nix", "nix"),
    ("php", "php"),
    ("pl", "perl"),
    ("proto", "protobuf"),
    ("ps1", "powershell"),
    ("py", "python"),
    ("r", "r"),
    ("rb", "ruby"),
    ("rs", "rust"),
    ("scala", "scala"),
    ("scss", "scss"),
    ("sh", "bash"),
    ("sql", "sql"),
    ("svg", "xml"),
    ("swift", "swift"),
    ("toml", "toml"),
    ("ts", "typescript"),
    ("tsx", "typescript"),
    ("xml", "xml"),
    ("yaml", "yaml"),
    ("yml", "yaml"),
    ("zig", "zig"),
];

/// Says what a file is.
///
/// # Errors
/// It is empty, encrypted as a whole, damaged, or of a kind that is not read.
pub fn sniff(bytes: &[u8], name: &str, limits: &Limits) -> Result<Kind, ExtractError> {
    match beyond_text(bytes, limits)? {
        Some(kind) => Ok(kind),
        None => decode::text(bytes)
            .map(|text| kind_of_text(&text, name))
            .ok_or_else(no_known_format),
    }
}

pub(crate) fn no_known_format() -> ExtractError {
    ExtractError::unsupported("it is neither text nor a known format")
}

/// What a file is by its first bytes; `None` when it can only be text.
pub(crate) fn beyond_text(bytes: &[u8], limits: &Limits) -> Result<Option<Kind>, ExtractError> {
    if bytes.is_empty() {
        return Err(ExtractError::no_text("it is empty"));
    }
    if is_pdf(bytes) {
        return Ok(Some(Kind::Pdf));
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return container(bytes, limits).map(Some);
    }
    if bytes.starts_with(COMPOUND) {
        return Err(compound(bytes));
    }
    let known = KNOWN
        .iter()
        .find(|(at, magic, _)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(magic)));
    match known {
        Some((_, _, what)) => Err(ExtractError::unsupported(*what)),
        None => Ok(None),
    }
}

/// Some programs write a few bytes before a PDF begins.
fn is_pdf(bytes: &[u8]) -> bool {
    let start = bytes.get(..1024).unwrap_or(bytes);
    start.starts_with(b"%PDF-")
        || (!start.starts_with(b"PK") && start.windows(5).any(|five| five == b"%PDF-") && !start.is_ascii())
}

fn container(bytes: &[u8], limits: &Limits) -> Result<Kind, ExtractError> {
    let archive = Archive::open(bytes, limits)?;
    if let Some(mimetype) = archive.read("mimetype")? {
        let mimetype = String::from_utf8_lossy(&mimetype);
        let mimetype = mimetype.trim();
        let known = match mimetype.strip_prefix("application/vnd.oasis.opendocument.") {
            _ if mimetype == "application/epub+zip" => Some(Kind::Epub),
            Some("text" | "text-template") => Some(Kind::Odt),
            Some("spreadsheet" | "spreadsheet-template") => Some(Kind::Ods),
            Some("presentation" | "presentation-template") => Some(Kind::Odp),
            _ => None,
        };
        return known.ok_or_else(|| ExtractError::unsupported(format!("a file of the type {mimetype}")));
    }
    if archive.has("xl/workbook.bin") {
        return Err(ExtractError::unsupported("a binary Excel file; save it as XLSX"));
    }
    let parts = [
        ("word/document.xml", Kind::Docx),
        ("xl/workbook.xml", Kind::Xlsx),
        ("ppt/presentation.xml", Kind::Pptx),
        ("META-INF/container.xml", Kind::Epub),
    ];
    parts
        .into_iter()
        .find(|(part, _)| archive.has(part))
        .map(|(_, kind)| kind)
        .ok_or_else(|| ExtractError::unsupported("a zip archive; upload the files in it"))
}

fn compound(bytes: &[u8]) -> ExtractError {
    let name: Vec<u8> = "EncryptedPackage"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    if bytes.windows(name.len()).any(|part| part == name) {
        return ExtractError::Encrypted;
    }
    ExtractError::unsupported("an old Office file; save it as DOCX, XLSX, PPTX or PDF")
}

/// What a text is: a page by how it begins, else by its name.
pub(crate) fn kind_of_text(text: &str, name: &str) -> Kind {
    let start = text.trim_start();
    let start = start
        .get(..start.floor_char_boundary(1024))
        .unwrap_or(start)
        .to_ascii_lowercase();
    if is_html(&start) {
        return Kind::Html;
    }
    let name = name
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(name)
        .to_ascii_lowercase();
    let ending = name.rsplit('.').next().unwrap_or(&name);
    match ending {
        "md" | "markdown" | "mdown" | "mkd" => return Kind::Markdown,
        "csv" | "tsv" | "tab" => return Kind::Csv,
        "json" | "jsonl" | "ndjson" | "geojson" | "ipynb" => return Kind::Json,
        "html" | "htm" | "xhtml" if start.contains('<') => return Kind::Html,
        "txt" | "text" | "log" => return Kind::PlainText,
        _ => {}
    }
    if let Some((_, language)) = LANGUAGES.iter().find(|(known, _)| *known == ending) {
        return Kind::Code(language);
    }
    if start.starts_with("<?xml") {
        return Kind::Code("xml");
    }
    if start.starts_with("#!") && start.lines().next().is_some_and(|line| line.ends_with("sh")) {
        return Kind::Code("bash");
    }
    if start.starts_with(['{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
        return Kind::Json;
    }
    Kind::PlainText
}

/// Does a text (in lower case) begin as a page does?
fn is_html(start: &str) -> bool {
    let begins = |text: &str| {
        ["<!doctype html", "<html", "<head", "<body"]
            .iter()
            .any(|tag| text.starts_with(tag))
    };
    if begins(start) {
        return true;
    }
    (start.starts_with("<?xml") || start.starts_with("<!--")) && start.contains("<html")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(bytes: &[u8], name: &str) -> Result<Kind, ExtractError> {
        sniff(bytes, name, &Limits::default())
    }

    #[test]
    fn content_counts_and_not_the_name() {
        assert_eq!(kind(b"%PDF-1.7\n%", "kettle.txt").unwrap(), Kind::Pdf);
        assert_eq!(
            kind(b"<!DOCTYPE html><p>Zephyr", "kettle.pdf").unwrap(),
            Kind::Html
        );
        assert_eq!(
            kind(b"GIF89a\x01\0", "kettle.pdf").unwrap_err().code(),
            "unsupported"
        );
        assert_eq!(kind(b"", "kettle.pdf").unwrap_err().code(), "no_text");
        assert_eq!(
            kind(b"PK\x03\x04 and no end", "kettle.docx").unwrap_err().code(),
            "damaged"
        );
    }

    #[test]
    fn the_name_breaks_ties_between_kinds_of_text() {
        assert_eq!(kind(b"a,b\n1,2\n", "Kettle.CSV").unwrap(), Kind::Csv);
        assert_eq!(kind(b"a,b\n1,2\n", "kettle").unwrap(), Kind::PlainText);
        assert_eq!(kind(b"# Kettle\n", "a/README.md").unwrap(), Kind::Markdown);
        assert_eq!(kind(b"fn main() {}", "main.rs").unwrap(), Kind::Code("rust"));
        assert_eq!(kind(b"all: kettle", "Makefile").unwrap(), Kind::Code("makefile"));
        assert_eq!(kind(b" {\"litres\": 2}", "kettle").unwrap(), Kind::Json);
        assert_eq!(kind(b"{not json}", "kettle").unwrap(), Kind::PlainText);
        assert_eq!(
            kind(b"How a file begins with %PDF-1.7 is told here.", "a.txt").unwrap(),
            Kind::PlainText
        );
    }

    #[test]
    fn old_office_files_are_told_from_encrypted_ones() {
        let mut old = COMPOUND.to_vec();
        old.extend([0; 600]);
        assert_eq!(kind(&old, "a.doc").unwrap_err().code(), "unsupported");
        old.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(kind(&old, "a.docx").unwrap_err(), ExtractError::Encrypted);
    }
}
