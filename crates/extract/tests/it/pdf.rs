//! PDFs of real programs: words whole, lines in order, pages true.

use super::reading::{assert_in_order, block, fixture, headings, manual, read, tables, text_of};
use extract::{ExtractError, ExtractedText};
use rag::document::BlockKind;

/// The manual on paper: every paragraph whole, although it was cut into lines and pages.
/// Its last paragraph begins on the page `last`.
async fn says_the_manual(name: &str, pages: u32, last: u32) -> ExtractedText {
    let text = text_of(name).await;
    let manual = manual();
    assert_eq!(text.pages, pages, "{name}");
    assert_in_order(&text.plain_text(), &manual.sentences, name);
    let found: Vec<String> = headings(&text).into_iter().map(|(_, heading)| heading).collect();
    for (_, heading) in &manual.headings {
        assert!(
            found.contains(heading),
            "{name}: {heading:?} is no heading; these are: {found:?}"
        );
    }
    assert!(
        tables(&text).contains(&manual.rows.join("\n").as_str()),
        "{name}: {:?}",
        tables(&text)
    );
    // Pages go up, from the first to the last.
    let on: Vec<u32> = text.blocks.iter().map(|block| block.page.unwrap()).collect();
    assert!(on.is_sorted(), "{name}: {on:?}");
    assert_eq!(
        block(&text, "an efficient appliance for offices").page,
        Some(1),
        "{name}"
    );
    assert_eq!(
        block(&text, "says nothing about kettles").page,
        Some(last),
        "{name}"
    );
    assert_eq!(
        block(&text, "Leave it overnight").heading_path.last().unwrap(),
        "Removing lime",
        "{name}"
    );
    assert_eq!(
        block(&text, "Rinse the filter").kind,
        BlockKind::ListItem,
        "{name}"
    );
    assert!(
        text.plain_text()
            .contains("    line = port.readline()\n    return int(line) / 10"),
        "{name}"
    );
    text
}

#[tokio::test]
async fn chromium_prints_the_manual() {
    says_the_manual("chromium.pdf", 6, 5).await;
}

#[tokio::test]
async fn libreoffice_exports_the_manual() {
    says_the_manual("libreoffice.pdf", 3, 3).await;
}

#[tokio::test]
async fn two_columns_are_read_one_after_the_other() {
    let text = text_of("columns.pdf").await;
    let plain = text.plain_text();
    let said = [
        "A gazette in two columns",
        "The ice-breaker is on its way from Fredrikshavn and is expected before midnight, unless the wind turns to the \
         north once more.",
        "Whoever has a kettle to spare is asked to bring it, and the considerable quantity of sugar which was promised on \
         Monday.",
        "The municipal thermometer, a responsibility of the library, has been stolen, and nobody knows how cold it is.",
        "An understanding is thought to be possible by the end of the month",
        "Subscribers beyond the bridge receive two issues at once",
        "This paragraph is the last one and stands at the foot of the second column.",
    ]
    .map(str::to_owned);
    assert_in_order(&plain, &said, "columns.pdf");
    let last = block(&text, "This paragraph is the last one");
    assert!(
        last.text.starts_with("This paragraph"),
        "an indented line begins a paragraph: {}",
        last.text
    );
}

#[tokio::test]
async fn a_paper_has_its_hyphens_joined_and_its_running_heads_gone() {
    let text = text_of("typst.pdf").await;
    let plain = text.plain_text();
    let said = [
        "Efficient affiliation between offices is difficult to file. The characteristics of an electrically heated \
         container are determined by its conductivity, by the sufficiently insulated surroundings, and by the \
         responsibilities of whoever administers it.",
        "Disproportionately many publications concentrate on temperature measurements. Circumstances of manufacturing, \
         transportation and dissatisfaction remain uninvestigated. This contribution attempts a straightforward \
         characterisation of all three, and recommends institutional reconsideration.",
        "Seventeen kettles were boiled simultaneously in a refrigerated laboratory. Thermometers recorded temperatures \
         automatically at intervals of approximately four seconds.",
        "The largest kettle boiled after 407 seconds.",
        "Experimental uncertainties notwithstanding, temperature development corresponds satisfactorily with theoretical \
         expectations.",
        "Whatever may be concluded on the second page belongs to the second page.",
    ]
    .map(str::to_owned);
    assert_in_order(&plain, &said, "typst.pdf");
    assert!(
        !plain.contains("A paper about kettles"),
        "the running head is no text"
    );
    assert!(plain.contains("Thermometer | 17 | 0.1 K"), "{plain}");
    assert_eq!(block(&text, "concluded on the second page").page, Some(2));
    assert_eq!(block(&text, "thanks everybody").page, Some(3));
    let found: Vec<String> = headings(&text).into_iter().map(|(_, heading)| heading).collect();
    assert!(found.contains(&"2.1 Instruments".to_owned()), "{found:?}");
}

#[tokio::test]
async fn fonts_that_are_not_in_the_file_are_read() {
    let text = text_of("reportlab.pdf").await;
    let said = [
        "Invoice 2044",
        "Dear Mrs Møller, thank you for the kettle which you sent us on Friday. We have replaced its cord and its switch. \
         The repair is covered by the warranty, so nothing is to be paid.",
        "The kettle leaves our workshop tomorrow.",
        "total = 0.00 EUR",
    ]
    .map(str::to_owned);
    assert_in_order(&text.plain_text(), &said, "reportlab.pdf");
    assert_eq!(block(&text, "total =").kind, BlockKind::Code { language: None });
}

#[tokio::test]
async fn a_password_is_asked_for_only_where_one_is_needed() {
    let error = read(&fixture("encrypted.pdf"), "encrypted.pdf")
        .await
        .unwrap_err();
    assert_eq!(error, ExtractError::Encrypted);
    // It may be read by everybody, and only not be changed.
    let text = text_of("restricted.pdf").await;
    assert!(text.plain_text().contains("Dear Mrs Møller"));
}
