//! Files of real programs say what their source says: all of it, in order, with its structure.

use super::reading::{assert_in_order, block, headings, manual, tables, text_of};
use rag::document::BlockKind;

/// The manual as a text document: headings with levels, every sentence, the table, the code.
async fn says_the_manual(name: &str) {
    let text = text_of(name).await;
    let manual = manual();
    assert_in_order(&text.plain_text(), &manual.sentences, name);
    let found = headings(&text);
    let found: Vec<_> = found
        .iter()
        .filter(|(_, heading)| heading != "The Zephyr Kettle")
        .cloned()
        .collect();
    assert_eq!(found, manual.headings, "{name}");
    assert_eq!(tables(&text), [manual.rows.join("\n")], "{name}");
    let lime = block(&text, "Leave it overnight");
    assert_eq!(lime.heading_path.last().unwrap(), "Removing lime", "{name}");
    assert!(
        lime.heading_path.contains(&"Care".to_owned()),
        "{name}: {:?}",
        lime.heading_path
    );
    assert_eq!(
        block(&text, "Rinse the filter").kind,
        BlockKind::ListItem,
        "{name}"
    );
    assert!(text.plain_text().contains("return int(line) / 10"), "{name}");
}

#[tokio::test]
async fn markdown_says_the_manual() {
    says_the_manual("source.md").await;
    let code = BlockKind::Code {
        language: Some("python".to_owned()),
    };
    assert_eq!(block(&text_of("source.md").await, "def temperature").kind, code);
}

#[tokio::test]
async fn html_of_pandoc_says_the_manual() {
    says_the_manual("pandoc.html").await;
}

#[tokio::test]
async fn docx_of_pandoc_says_the_manual() {
    says_the_manual("pandoc.docx").await;
}

#[tokio::test]
async fn docx_of_libreoffice_says_the_manual() {
    says_the_manual("libreoffice.docx").await;
}

#[tokio::test]
async fn odt_of_libreoffice_says_the_manual() {
    says_the_manual("libreoffice.odt").await;
}

#[tokio::test]
async fn epub_of_pandoc_says_the_manual() {
    says_the_manual("pandoc.epub").await;
}

/// The table of parts, as every kind of sheet shows it.
const PARTS: &str = "Part | Number | Price | Lasts | Since | Share\n\
    Filter | ZK-101 | 4.5 | 6 months | 2024-03-01 | 12.5%\n\
    Lid, with hinge | ZK-107 | 12 | 5 years | 2023-11-15 | 40%\n\
    Base \"Mark II\" | ZK-220 | 19.9 | 10 years | 2025-01-31 | 7%\n\
    Ring | ZK-305 | 7.25 | 8 years | 2022-06-30 | 40.5%";

#[tokio::test]
async fn xlsx_shows_dates_and_percents_under_the_name_of_its_sheet() {
    let text = text_of("libreoffice.xlsx").await;
    assert_eq!(tables(&text), [PARTS]);
    assert_eq!(headings(&text), [(1, "Parts".to_owned())]);
    assert_eq!(text.blocks[1].heading_path, ["Parts"]);
}

#[tokio::test]
async fn ods_shows_what_its_cells_show() {
    let text = text_of("libreoffice.ods").await;
    assert_eq!(headings(&text), [(1, "Parts".to_owned())]);
    // Its cells are text already, as the sheet formats them.
    let table = tables(&text).concat();
    for shown in [
        "Filter | ZK-101 | 4.5",
        "Lid, with hinge",
        "Base \"Mark II\"",
        "40.5",
    ] {
        assert!(table.contains(shown), "{table}");
    }
}

#[tokio::test]
async fn csv_is_a_table() {
    let text = text_of("parts.csv").await;
    let table = tables(&text).concat();
    assert!(table.starts_with("Part | Number | Price"), "{table}");
    assert!(table.contains("Lid, with hinge | ZK-107 | 12.00"), "{table}");
}

/// Slides are pages, titles are headings, points are items, notes are there.
async fn says_the_slides(name: &str) {
    let text = text_of(name).await;
    assert_eq!(text.pages, 4, "{name}");
    let titles: Vec<String> = headings(&text).into_iter().map(|(_, title)| title).collect();
    assert_eq!(
        titles,
        ["The Zephyr Kettle", "Why a new kettle", "Warranty", "Prices"],
        "{name}"
    );
    let warranty = block(&text, "lasts 27 months");
    assert_eq!(warranty.page, Some(3), "{name}");
    assert_eq!(warranty.heading_path, ["Warranty"], "{name}");
    assert_eq!(block(&text, "the cord is covered").page, Some(3), "{name}");
    assert_eq!(
        tables(&text),
        ["Part | Price\nFilter | 4.50\nRing | 7.25"],
        "{name}"
    );
}

#[tokio::test]
async fn pptx_of_pandoc_says_the_slides() {
    says_the_slides("pandoc.pptx").await;
    assert_eq!(
        block(&text_of("pandoc.pptx").await, "keeps silent").kind,
        BlockKind::ListItem
    );
}

#[tokio::test]
async fn pptx_of_libreoffice_says_the_slides() {
    says_the_slides("libreoffice.pptx").await;
}

#[tokio::test]
async fn odp_of_libreoffice_says_the_slides() {
    says_the_slides("libreoffice.odp").await;
}
