//! Text that is too long, too deep, or no text.

use super::Poison;
use std::io::Write;

/// One line of 50 MB.
fn long_line(name: &str, begin: &str, again: &str, end: &str) -> Poison {
    Poison::new(name, |file| {
        file.write_all(begin.as_bytes())?;
        for _ in 0..(50 << 20) / again.len() {
            file.write_all(again.as_bytes())?;
        }
        file.write_all(end.as_bytes())
    })
}

#[tokio::test]
async fn a_line_of_50_megabytes_is_too_much_text_in_every_kind_of_file() {
    for (name, begin, again, end) in [
        ("line.txt", "", "kettle ", "\n"),
        ("line.md", "# ", "kettle ", "\n"),
        ("line.csv", "a,b\n", "kettle,", "\n"),
        ("line.json", "[", "\"kettle\",", "1]"),
        ("line.html", "<p>", "kettle ", "</p>"),
        ("line.rs", "//", "kettle ", "\n"),
    ] {
        assert_eq!(
            long_line(name, begin, again, end).error().await,
            "too_large",
            "{name}"
        );
    }
}

#[tokio::test]
async fn depth_harms_no_reader_of_text() {
    let deep = |open: &str| open.repeat(300_000);
    for (name, text) in [
        ("deep.html", deep("<div><table><tr><td><ul><li>") + "bottom"),
        ("deep.md", deep(">") + " bottom"),
        ("deep.md", deep("[") + " bottom"),
        ("deep.md", deep("* ") + " bottom"),
        ("deep.json", deep("[") + " bottom"),
        ("deep.json", deep("{\"a\":") + " bottom"),
    ] {
        // There is a word in it, and it is either found or refused.
        let end = Poison::of(name, text.as_bytes()).take().await;
        let fine = match &end {
            Ok(text) => text.plain_text().contains("bottom") || name == "deep.md",
            Err(error) => ["too_large", "damaged", "timed_out"].contains(&error.code()),
        };
        assert!(fine, "{name}: {end:?}");
    }
}

#[tokio::test]
async fn laughs_stay_three() {
    let mut laughs = String::from("<?xml version=\"1.0\"?>\n<!DOCTYPE lolz [<!ENTITY lol \"lol\">\n");
    for n in 1..12 {
        let before = if n == 1 {
            String::new()
        } else {
            (n - 1).to_string()
        };
        laughs += &format!("<!ENTITY lol{n} \"{}\">\n", format!("&lol{before};").repeat(10));
    }
    laughs += "]>\n<lolz>&lol11;</lolz>";
    // As a text it is what it is: nothing is replaced.
    let text = Poison::of("laughs.xml", laughs.as_bytes()).take().await.unwrap();
    assert!(text.plain_text().contains("&lol11;"));
    assert!(text.plain_text().len() < 10_000);
}

#[tokio::test]
async fn other_files_and_empty_ones_are_refused_whatever_they_are_called() {
    let gif = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,";
    for (name, bytes, code) in [
        ("picture.pdf", gif.as_slice(), "unsupported"),
        ("picture.docx", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "unsupported"),
        (
            "program.txt",
            b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0",
            "unsupported",
        ),
        ("zeros.txt", &[0; 4096], "unsupported"),
        (
            "old.doc",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0",
            "unsupported",
        ),
        ("empty.pdf", b"", "no_text"),
        ("blank.txt", b" \n\t\n ", "no_text"),
        (
            "blank.html",
            b"<!DOCTYPE html><script>kettle()</script>",
            "no_text",
        ),
    ] {
        assert_eq!(Poison::of(name, bytes).error().await, code, "{name}");
    }
}

#[tokio::test]
async fn a_wrong_ending_does_not_hide_what_a_file_is() {
    for (fixture, name) in [
        ("pandoc.docx", "manual.pdf"),
        ("chromium.pdf", "manual.docx"),
        ("libreoffice.odt", "manual.xlsx"),
        ("pandoc.html", "manual.csv"),
        ("source.md", "manual.exe"),
    ] {
        let bytes = std::fs::read(crate::reading::fixture(fixture)).unwrap();
        let text = Poison::of(name, &bytes).take().await.unwrap();
        assert!(text.plain_text().contains("27 months"), "{fixture} as {name}");
    }
}

#[tokio::test]
async fn files_cut_anywhere_end_in_a_name() {
    for fixture in [
        "chromium.pdf",
        "typst.pdf",
        "encrypted.pdf",
        "pandoc.docx",
        "libreoffice.odt",
        "libreoffice.xlsx",
        "pandoc.pptx",
        "pandoc.epub",
        "pandoc.html",
        "source.md",
    ] {
        let bytes = std::fs::read(crate::reading::fixture(fixture)).unwrap();
        for part in [1, 10, 35, 60, 85, 99] {
            let cut = &bytes[..bytes.len() * part / 100];
            // What is still there may be read; `take` holds everything else.
            let end = Poison::of(fixture, cut).take().await;
            if let Err(error) = end {
                let named = ["damaged", "encrypted", "no_text", "unsupported"].contains(&error.code());
                assert!(named, "{fixture} at {part} %: {error:?}");
            }
        }
    }
}
