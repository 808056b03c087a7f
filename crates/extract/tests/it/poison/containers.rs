//! Zip bombs, and Office files with bombs in their XML.

use super::Poison;
use rawzip::{CompressionMethod, ZipArchiveWriter};
use std::io::Write;

const CONTENT: &str = r#"<?xml version="1.0"?><w:document xmlns:w="w"><w:body><w:p><w:r><w:t>"#;
const CONTENT_END: &str = "</w:t></w:r></w:p></w:body></w:document>";

/// A container of these members; each is written by a function, so that it need not be in memory.
type Member<'a> = (&'a str, &'a dyn Fn(&mut dyn Write) -> std::io::Result<()>);

fn container(name: &str, members: &[Member<'_>]) -> Poison {
    Poison::new(name, |file| {
        let mut archive = ZipArchiveWriter::new(file);
        for (name, write) in members {
            let (mut entry, config) = archive
                .new_file(name)
                .compression_method(CompressionMethod::DEFLATE)
                .start()
                .unwrap();
            let packed = flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::fast());
            let mut writer = config.wrap(packed);
            write(&mut writer)?;
            let (packed, descriptor) = writer.finish().unwrap();
            packed.finish()?;
            entry.finish(descriptor).unwrap();
        }
        archive.finish().unwrap();
        Ok(())
    })
}

fn document(name: &str, xml: &str) -> Poison {
    container(name, &[("word/document.xml", &|to| to.write_all(xml.as_bytes()))])
}

#[tokio::test]
async fn a_zip_bomb_does_not_go_off() {
    let bomb = |to: &mut dyn Write| {
        to.write_all(CONTENT.as_bytes())?;
        let zeros = [b'0'; 64 << 10];
        for _ in 0..2_000 {
            to.write_all(&zeros)?;
        }
        to.write_all(CONTENT_END.as_bytes())
    };
    assert_eq!(
        container("bomb.docx", &[("word/document.xml", &bomb)])
            .error()
            .await,
        "too_large"
    );
    let mimetype = |to: &mut dyn Write| to.write_all(b"application/vnd.oasis.opendocument.text");
    let odt = container("bomb.odt", &[("mimetype", &mimetype), ("content.xml", &bomb)]);
    assert_eq!(odt.error().await, "too_large");
}

#[tokio::test]
async fn a_bomb_in_many_parts_does_not_go_off() {
    // Each chapter is small enough; all together are not.
    let names: Vec<String> = (0..45).map(|n| format!("c{n}.xhtml")).collect();
    let chapter = |to: &mut dyn Write| {
        to.write_all(b"<html><p>")?;
        let zeros = [b' '; 64 << 10];
        for _ in 0..120 {
            to.write_all(&zeros)?;
        }
        to.write_all(b"kettle")
    };
    let items: String = names
        .iter()
        .map(|name| format!("<item id=\"{name}\" href=\"{name}\"/>"))
        .collect();
    let spine: String = names
        .iter()
        .map(|name| format!("<itemref idref=\"{name}\"/>"))
        .collect();
    let package = format!("<package><manifest>{items}</manifest><spine>{spine}</spine></package>");
    let mimetype = |to: &mut dyn Write| to.write_all(b"application/epub+zip");
    let index = |to: &mut dyn Write| to.write_all(b"<c><rootfile full-path=\"a.opf\"/></c>");
    let package = |to: &mut dyn Write| to.write_all(package.as_bytes());
    let mut members: Vec<Member<'_>> = vec![
        ("mimetype", &mimetype),
        ("META-INF/container.xml", &index),
        ("a.opf", &package),
    ];
    members.extend(
        names
            .iter()
            .map(|name| (name.as_str(), &chapter as &dyn Fn(&mut dyn Write) -> _)),
    );
    assert_eq!(container("bomb.epub", &members).error().await, "too_large");
}

#[tokio::test]
async fn a_container_of_too_many_files_is_not_opened() {
    let names: Vec<String> = (0..10_100).map(|n| format!("{n}")).collect();
    let empty = |_: &mut dyn Write| Ok(());
    let members: Vec<Member<'_>> = names
        .iter()
        .map(|name| (name.as_str(), &empty as &dyn Fn(&mut dyn Write) -> _))
        .collect();
    assert_eq!(container("many.docx", &members).error().await, "too_large");
}

#[tokio::test]
async fn nobody_laughs_a_billion_times() {
    let mut xml = String::from("<?xml version=\"1.0\"?><!DOCTYPE w:document [<!ENTITY a0 \"ha\">");
    for n in 1..12 {
        xml += &format!("<!ENTITY a{n} \"{}\">", format!("&a{};", n - 1).repeat(10));
    }
    xml += &format!(
        "]>{}&a11;{CONTENT_END}",
        CONTENT.replace("<?xml version=\"1.0\"?>", "")
    );
    assert_eq!(document("laughs.docx", &xml).error().await, "damaged");
}

#[tokio::test]
async fn deep_xml_is_refused() {
    let xml = format!("{CONTENT}{}", "<w:tbl><w:tr><w:tc>".repeat(200_000));
    assert_eq!(document("deep.docx", &xml).error().await, "damaged");
}

#[tokio::test]
async fn a_sheet_may_claim_any_size() {
    let workbook =
        r#"<workbook xmlns:r="r"><sheets><sheet name="Wide" sheetId="1" r:id="a"/></sheets></workbook>"#;
    let relations = r#"<Relationships><Relationship Id="a" Type="t/worksheet" Target="worksheets/s.xml"/></Relationships>"#;
    let sheet = r#"<worksheet><dimension ref="A1:XFD1048576"/><sheetData>
        <row r="1"><c r="A1" t="inlineStr"><is><t>kettle</t></is></c><c r="XFD1"><v>1</v></c></row>
        <row r="1048576"><c r="XFD1048576"><v>27</v></c><c r="ZZZZZZZZ9"><v>1</v></c><c r="B1048576"><v>28</v></c></row>
        </sheetData></worksheet>"#;
    let poison = container(
        "wide.xlsx",
        &[
            ("xl/workbook.xml", &|to| to.write_all(workbook.as_bytes())),
            ("xl/_rels/workbook.xml.rels", &|to| {
                to.write_all(relations.as_bytes())
            }),
            ("xl/worksheets/s.xml", &|to| to.write_all(sheet.as_bytes())),
        ],
    );
    let text = poison.take().await.unwrap();
    assert!(text.plain_text().contains("kettle") && text.plain_text().contains("28"));
    assert!(text.plain_text().len() < 10_000);
}

#[tokio::test]
async fn cells_and_rows_that_claim_to_be_repeated_are_not() {
    let xml = r#"<office:document-content><office:spreadsheet><table:table table:name="T">
        <table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="1000000">
        <text:p>kettle</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet>
        </office:document-content>"#;
    let poison = container(
        "repeated.ods",
        &[
            ("mimetype", &|to| {
                to.write_all(b"application/vnd.oasis.opendocument.spreadsheet")
            }),
            ("content.xml", &|to| to.write_all(xml.as_bytes())),
        ],
    );
    let text = poison.take().await.unwrap();
    assert!(text.plain_text().len() < 100_000);
}

#[tokio::test]
async fn an_office_file_with_a_password_is_told_from_an_old_one() {
    let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    bytes.extend([0; 1_000]);
    bytes.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(Poison::of("secret.docx", &bytes).error().await, "encrypted");
}

#[tokio::test]
async fn a_heading_that_is_a_book_is_not_said_again_by_every_paragraph() {
    let long = "word ".repeat(100_000);
    let xml = format!(
        "<html><h1>{long}</h1><h2>{long}</h2><h3>{long}</h3>{}</html>",
        "<p>kettle</p>".repeat(20_000)
    );
    let end = Poison::of("headings.html", xml.as_bytes()).take().await;
    match end {
        Ok(text) => {
            let path: usize = text
                .blocks
                .iter()
                .flat_map(|block| &block.heading_path)
                .map(String::len)
                .sum();
            assert!(path < 20 << 20, "{path}");
        }
        Err(error) => assert_eq!(error.code(), "too_large"),
    }
}
