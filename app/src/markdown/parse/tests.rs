use super::*;
use crate::markdown::Target;

fn text(text: &str) -> Inline {
    Inline::Text(text.into())
}

fn paragraph(source: &str) -> Node {
    Node::Paragraph(vec![text(source)])
}

fn link(href: &str, host: &str, inlines: Vec<Inline>) -> Inline {
    Inline::Link(Target { href: href.into(), host: host.into() }, inlines)
}

#[test]
fn ordinary_markdown_becomes_nodes() {
    let source = "## Title\n\nSome *soft* and **loud** ~~old~~ `code`.\n\n> said\n\n---";
    assert_eq!(
        parse(source),
        [
            Node::Heading(2, vec![text("Title")]),
            Node::Paragraph(vec![
                text("Some "),
                Inline::Emphasis(vec![text("soft")]),
                text(" and "),
                Inline::Strong(vec![text("loud")]),
                text(" "),
                Inline::Struck(vec![text("old")]),
                text(" "),
                Inline::Code("code".into()),
                text("."),
            ]),
            Node::Quote(vec![paragraph("said")]),
            Node::Rule,
        ]
    );
}

#[test]
fn lists_nest_and_keep_their_first_number() {
    assert_eq!(
        parse("3. three\n   - inner\n4. four"),
        [Node::List(
            Some(3),
            vec![
                vec![paragraph("three"), Node::List(None, vec![vec![paragraph("inner")]])],
                vec![paragraph("four")],
            ]
        )]
    );
}

#[test]
fn tasks_and_tables_are_known() {
    assert_eq!(
        parse("- [x] done\n- [ ] open"),
        [Node::List(
            None,
            vec![
                vec![Node::Paragraph(vec![Inline::Task(true), text("done")])],
                vec![Node::Paragraph(vec![Inline::Task(false), text("open")])],
            ]
        )]
    );
    assert_eq!(
        parse("| a | b |\n|---|---|\n| 1 | *2* |"),
        [Node::Table(
            vec![vec![text("a")], vec![text("b")]],
            vec![vec![vec![text("1")], vec![Inline::Emphasis(vec![text("2")])]]],
        )]
    );
}

#[test]
fn code_keeps_its_text_and_language() {
    assert_eq!(parse("```rust,ignore\nlet x = \"<b>\";\n\n```"), [Node::Code("rust".into(), "let x = \"<b>\";\n\n".into())]);
    assert_eq!(parse("```\nstill open"), [Node::Code(String::new(), "still open".into())]);
}

#[test]
fn html_in_an_answer_is_text() {
    assert_eq!(parse("a <b onclick=x>c</b>"), [paragraph("a <b onclick=x>c</b>")]);
    assert_eq!(parse("<script>alert(1)</script>\n"), [paragraph("<script>alert(1)</script>\n")]);
}

#[test]
fn links_lead_only_where_they_may() {
    assert_eq!(
        parse("[site](https://example.org/x) [bad](javascript:alert(1))"),
        [Node::Paragraph(vec![
            link("https://example.org/x", "example.org", vec![text("site")]),
            text(" bad"),
        ])]
    );
}

#[test]
fn a_picture_is_a_link_to_it_and_never_loaded() {
    assert_eq!(
        parse("![a cat](https://cats.example/1.png)"),
        [Node::Paragraph(vec![link("https://cats.example/1.png", "cats.example", vec![text("a cat")])])]
    );
}

#[test]
fn a_tower_of_quotes_neither_hangs_nor_overflows() {
    let deep = |node: &Node| {
        let (mut depth, mut node) = (0, node);
        while let Node::Quote(inner) = node
            && let Some(next) = inner.first()
        {
            depth += 1;
            node = next;
        }
        depth
    };
    let nodes = parse(&format!("{}end", "> ".repeat(10_000)));
    assert!(nodes.iter().all(|node| deep(node) <= DEPTH));
    assert!(format!("{nodes:?}").contains("end"));
}

#[test]
fn any_text_is_parsed_without_a_panic() {
    let pieces = ["*", "_", "`", "```\n", "~", "[", "](", ")", "|", "\n|--|\n", "<", ">", "\n\n", "- ", "1. ", "é", "\u{202e}", "\0", "#", "    "];
    let mut state = 7_usize;
    for _ in 0..2_000 {
        let mut source = String::new();
        for _ in 0..20 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            source.push_str(pieces[(state >> 33) % pieces.len()]);
        }
        parse(&source);
    }
}
