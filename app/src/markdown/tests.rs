use super::*;

fn text(text: &str) -> Inline {
    Inline::Text(text.into())
}

fn paragraph(source: &str) -> Node {
    Node::Paragraph(vec![text(source)])
}

fn strong(inner: &str) -> Inline {
    Inline::Strong(vec![text(inner)])
}

fn emphasis(inner: &str) -> Inline {
    Inline::Emphasis(vec![text(inner)])
}

fn link(href: &str, host: &str, inlines: Vec<Inline>) -> Inline {
    Inline::Link(
        Target {
            href: href.into(),
            host: host.into(),
        },
        inlines,
    )
}

/// The inlines of a source that is one paragraph.
fn inlines(source: &str) -> Vec<Inline> {
    match parse(source).as_slice() {
        [Node::Paragraph(inlines)] => inlines.clone(),
        nodes => panic!("{source:?} is {nodes:?}"),
    }
}

/// All the text in nodes, in order: nothing that was written may be lost.
fn words(nodes: &[Node]) -> String {
    fn line(inlines: &[Inline]) -> String {
        inlines
            .iter()
            .map(|inline| match inline {
                Inline::Text(text) | Inline::Code(text) => text.clone(),
                Inline::Emphasis(inner)
                | Inline::Strong(inner)
                | Inline::Struck(inner)
                | Inline::Link(_, inner) => line(inner),
                Inline::Formula(marks, tex) => format!("{}{tex}{}", marks.open(), marks.close()),
                Inline::Footnote(name) => format!("[^{name}]"),
                Inline::Break => "\n".into(),
                Inline::Task(_) => String::new(),
                Inline::Source(number) => format!("[{number}]"),
            })
            .collect()
    }
    let node = |node: &Node| match node {
        Node::Paragraph(inlines) | Node::Heading(_, inlines) => line(inlines),
        Node::Code(_, code) => code.clone(),
        Node::Quote(inner) | Node::Footnote(_, inner) => words(inner),
        Node::List(_, items) => items.iter().map(|item| words(item)).collect(),
        Node::Table(head, rows) => head
            .iter()
            .chain(rows.iter().flatten())
            .map(|cell| line(cell))
            .collect(),
        Node::Rule => String::new(),
    };
    nodes.iter().map(node).collect()
}

#[test]
fn ordinary_markdown_becomes_nodes() {
    let source =
        "## Title ##\n\nSome *soft* and **loud** ~~old~~ `code`.\n\n> said\nlazily\n\n---\nmore\n===";
    assert_eq!(
        parse(source),
        [
            Node::Heading(2, vec![text("Title")]),
            Node::Paragraph(vec![
                text("Some "),
                emphasis("soft"),
                text(" and "),
                strong("loud"),
                text(" "),
                Inline::Struck(vec![text("old")]),
                text(" "),
                Inline::Code("code".into()),
                text("."),
            ]),
            Node::Quote(vec![paragraph("said\nlazily")]),
            Node::Rule,
            Node::Heading(1, vec![text("more")]),
        ]
    );
}

#[test]
fn lists_nest_and_keep_their_first_number() {
    let inner = Node::List(None, vec![vec![paragraph("inner")], vec![paragraph("second")]]);
    let list = [Node::List(
        Some(3),
        vec![vec![paragraph("three"), inner], vec![paragraph("four")]],
    )];
    assert_eq!(parse("3. three\n   - inner\n   - second\n4. four"), list);
    assert_eq!(
        parse("3. three\n  - inner\n  - second\n\n4. four"),
        list,
        "as models indent"
    );
}

#[test]
fn items_hold_paragraphs_and_code() {
    assert_eq!(
        parse("- one\n  still one\n\n  ```sh\n  ls\n\n  pwd\n  ```\n- two\nlazy\n\nafter"),
        [
            Node::List(
                None,
                vec![
                    vec![
                        paragraph("one\nstill one"),
                        Node::Code("sh".into(), "ls\n\npwd\n".into())
                    ],
                    vec![paragraph("two\nlazy")],
                ]
            ),
            paragraph("after"),
        ]
    );
}

#[test]
fn another_mark_is_another_list_and_a_number_in_a_sentence_is_none() {
    assert_eq!(
        parse("- a\n* b"),
        [
            Node::List(None, vec![vec![paragraph("a")]]),
            Node::List(None, vec![vec![paragraph("b")]])
        ]
    );
    assert_eq!(
        parse("It was in\n1984. Yes."),
        [paragraph("It was in\n1984. Yes.")]
    );
    assert_eq!(parse("-5 degrees"), [paragraph("-5 degrees")]);
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
    let row = |a: Inline, b: Inline| vec![vec![a], vec![b]];
    let table = [Node::Table(
        row(text("a"), text("b")),
        vec![row(text("1 | x"), emphasis("2")), vec![vec![text("3")], vec![]]],
    )];
    assert_eq!(parse("| a | b |\n|:--|---:|\n| 1 \\| x | *2* |\n| 3 |"), table);
    assert_eq!(
        parse("a | b\n--|--\n1 \\| x | *2*\n3 |"),
        table,
        "without bars at the ends"
    );
    assert_eq!(parse("a | b\nno table"), [paragraph("a | b\nno table")]);
}

#[test]
fn code_keeps_its_text_and_language() {
    let code = |language: &str, code: &str| [Node::Code(language.into(), code.into())];
    assert_eq!(
        parse("```rust,ignore\nlet x = \"<b>\";\n\n```"),
        code("rust", "let x = \"<b>\";\n\n")
    );
    assert_eq!(parse("````\n```\n````"), code("", "```\n"));
    assert_eq!(parse("```\nstill open"), code("", "still open\n"));
    assert_eq!(
        parse("    indented\n\n      more"),
        code("", "indented\n\n  more\n")
    );
    assert_eq!(
        inlines("``a ` b``, ` `` `, `open"),
        [
            Inline::Code("a ` b".into()),
            text(", "),
            Inline::Code("``".into()),
            text(", `open"),
        ]
    );
}

#[test]
fn emphasis_pairs_as_its_readers_expect() {
    assert_eq!(inlines("***both***"), [Inline::Emphasis(vec![strong("both")])]);
    assert_eq!(
        inlines("**bold *and soft***"),
        [Inline::Strong(vec![text("bold "), emphasis("and soft")])]
    );
    assert_eq!(
        inlines("2 * 3 * 4 and snake_case_name"),
        [text("2 * 3 * 4 and snake_case_name")]
    );
    assert_eq!(
        inlines("in*ter*nal _x_"),
        [text("in"), emphasis("ter"), text("nal "), emphasis("x")]
    );
    assert_eq!(
        inlines("**open and *half*"),
        [text("**open and "), emphasis("half")]
    );
    assert_eq!(
        inlines("a ~ b ~~c~~"),
        [text("a ~ b "), Inline::Struck(vec![text("c")])]
    );
    assert_eq!(
        inlines("\\*not\\* **a:** b"),
        [text("*not* "), strong("a:"), text(" b")]
    );
}

#[test]
fn breaks_and_entities_are_read() {
    assert_eq!(
        inlines("one  \ntwo\\\nthree<br>four\nfive"),
        [
            text("one"),
            Inline::Break,
            text("two"),
            Inline::Break,
            text("three"),
            Inline::Break,
            text("four\nfive")
        ]
    );
    assert_eq!(
        inlines("a &amp; b &#x27; &unknown; &;"),
        [text("a & b ' &unknown; &;")]
    );
}

#[test]
fn html_in_an_answer_is_text() {
    for html in [
        "a <b onclick=x>c</b>",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<!-- x -->",
    ] {
        assert_eq!(parse(html), [paragraph(html)]);
    }
}

#[test]
fn links_lead_only_where_they_may() {
    assert_eq!(
        inlines("[site *x*](https://example.org/x_(y) \"title\") [bad](javascript:alert(1))"),
        [
            link(
                "https://example.org/x_(y)",
                "example.org",
                vec![text("site "), emphasis("x")]
            ),
            text(" bad"),
        ]
    );
    assert_eq!(
        inlines("[a](<https://a.example/b c>)"),
        [text("a")],
        "a space is no part of an address"
    );
    assert_eq!(inlines("[a] [b](c d) [e]["), [text("[a] [b](c d) [e][")]);
    assert_eq!(
        inlines("[a [b](https://b.example) c](d)"),
        [
            text("[a "),
            link("https://b.example", "b.example", vec![text("b")]),
            text(" c](d)")
        ],
        "links do not nest"
    );
}

#[test]
fn bare_addresses_are_links_without_the_sentence_around_them() {
    assert_eq!(
        inlines("(see https://example.org/a_b_c), or <mailto:x@y.example>."),
        [
            text("(see "),
            link(
                "https://example.org/a_b_c",
                "example.org",
                vec![text("https://example.org/a_b_c")]
            ),
            text("), or "),
            link(
                "mailto:x@y.example",
                "x@y.example",
                vec![text("mailto:x@y.example")]
            ),
            text("."),
        ]
    );
    assert_eq!(
        inlines("xhttps://a.example http:// hhh"),
        [text("xhttps://a.example http:// hhh")]
    );
}

#[test]
fn a_picture_is_a_link_to_it_and_never_loaded() {
    let cat = link("https://cats.example/1.png", "cats.example", vec![text("a cat")]);
    assert_eq!(
        inlines("![a cat](https://cats.example/1.png)"),
        std::slice::from_ref(&cat)
    );
    assert_eq!(
        inlines("[![a cat](https://cats.example/1.png)](https://a.example)"),
        [link("https://a.example", "a.example", vec![text("a cat")])],
        "a link leads to one place"
    );
    assert_eq!(inlines("Wow! Really"), [text("Wow! Really")]);
}

/// How deep nodes nest.
fn depth_of(nodes: &[Node]) -> usize {
    fn line(inlines: &[Inline]) -> usize {
        let depth = |inline: &Inline| match inline {
            Inline::Emphasis(inner)
            | Inline::Strong(inner)
            | Inline::Struck(inner)
            | Inline::Link(_, inner) => 1 + line(inner),
            _ => 1,
        };
        inlines.iter().map(depth).max().unwrap_or(0)
    }
    let depth = |node: &Node| match node {
        Node::Paragraph(inlines) | Node::Heading(_, inlines) => 1 + line(inlines),
        Node::Quote(inner) | Node::Footnote(_, inner) => 1 + depth_of(inner),
        Node::List(_, items) => 1 + items.iter().map(|item| depth_of(item)).max().unwrap_or(0),
        Node::Table(head, rows) => {
            2 + head
                .iter()
                .chain(rows.iter().flatten())
                .map(|cell| line(cell))
                .max()
                .unwrap_or(0)
        }
        Node::Code(..) | Node::Rule => 1,
    };
    nodes.iter().map(depth).max().unwrap_or(0)
}

#[test]
fn towers_are_cut_and_nothing_hangs() {
    let many = 10_000;
    let towers = [
        format!("{}end", "> ".repeat(many)),
        format!("{}end", "- ".repeat(many)),
        format!("{}end{}", "*a **b ".repeat(many), "c** d* ".repeat(many)),
        format!("{}end{}", "![".repeat(many), "](https://a.example)".repeat(many)),
        format!("{}end", "[](".repeat(many)),
        format!("{}end", "[a](<".repeat(many)),
        format!("{}end", "<".repeat(many)),
        format!("{}end", "a* _b ~c ".repeat(many)),
        format!("{}end", "\n\n> - 1. ".repeat(many)),
        (1..300)
            .map(|length| format!("{} ", "`".repeat(length)))
            .collect::<String>()
            + "end",
        format!("{}end", "https://a.example/)".repeat(many / 4)),
        "|a".repeat(many) + "\n" + &"|-".repeat(many) + "\nend",
    ];
    for tower in towers {
        let started = std::time::Instant::now();
        let nodes = parse(&tower);
        let took = started.elapsed();
        let start: String = tower.chars().take(20).collect();
        assert!(depth_of(&nodes) < 3 * DEPTH, "{start}");
        assert!(words(&nodes).contains("end"), "{start}");
        assert!(
            took.as_secs() < 5,
            "{start} took {took:?}, even without optimisation"
        );
    }
}

#[test]
fn any_text_is_parsed_without_a_panic_and_its_letters_stay() {
    let pieces = [
        "*", "_", "`", "```\n", "~~", "[", "](", ")", "|", "\n|--|\n", "<", ">", "\n\n", "- ", "1. ", "é",
        "\u{202e}", "\0", "#", "$", "$$", "\\(", "\\)", "\\[", "\\]", "[^1]", "[^1]: ", "    ", "\\",
        "&amp;", "http://", "!", "x", "\t", "\n", "===\n", "中。",
    ];
    let mut state = 7_usize;
    for _ in 0..4_000 {
        let mut source = String::new();
        for _ in 0..24 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            source.push_str(pieces[(state >> 33) % pieces.len()]);
        }
        let source = format!("{source}q");
        // The line that opens a fence is not shown whole.
        let is_fence = |source: &str| source.contains("```") || source.contains("~~~");
        assert!(
            words(&parse(&source)).contains('q') || is_fence(&source),
            "{source:?}"
        );
    }
}

fn formula(marks: Marks, tex: &str) -> Inline {
    Inline::Formula(marks, tex.into())
}

#[test]
fn formulas_are_known_by_their_marks() {
    assert_eq!(
        inlines("Let $a_1 * b_1$ and \\(x < y\\) be."),
        [
            text("Let "),
            formula(Marks::Dollar, "a_1 * b_1"),
            text(" and "),
            formula(Marks::Round, "x < y"),
            text(" be."),
        ]
    );
    for (source, marks, tex) in [
        ("$$x^2$$", Marks::Dollars, "x^2"),
        ("$$\nx\n- y\n$$", Marks::Dollars, "\nx\n- y\n"),
        ("\\[\n  x\n= y\n\\]", Marks::Square, "\nx\n= y\n"),
    ] {
        assert_eq!(
            parse(source),
            [Node::Paragraph(vec![formula(marks, tex)])],
            "{source:?}"
        );
    }
    assert_eq!(
        parse("So:\n$$x$$\nThus"),
        [
            paragraph("So:"),
            Node::Paragraph(vec![formula(Marks::Dollars, "x")]),
            paragraph("Thus"),
        ]
    );
    assert_eq!(
        inlines("$$a$$ and $$b$$"),
        [
            formula(Marks::Dollars, "a"),
            text(" and "),
            formula(Marks::Dollars, "b")
        ]
    );
}

#[test]
fn prices_shells_and_what_is_not_closed_are_no_formulas() {
    for source in [
        "$5 or $10",
        "$5-$10",
        "US$5 and CA$6",
        "$HOME/$USER",
        "a $ b $ c",
        "$x",
        "$$",
        "$$ x",
        "\\$5 and 6$",
        "$ $",
    ] {
        let all = inlines(source);
        assert!(
            all.iter().all(|inline| matches!(inline, Inline::Text(_))),
            "{source}: {all:?}"
        );
    }
    assert_eq!(inlines("\\(x"), [text("(x")], "an escape");
    assert_eq!(inlines("`$x$`"), [Inline::Code("$x$".into())]);
}

#[test]
fn footnotes_have_marks_and_texts() {
    assert_eq!(
        parse("Yes.[^1]\n\n[^1]: Said *so*.\n    And more.\n[^b]: Other."),
        [
            Node::Paragraph(vec![text("Yes."), Inline::Footnote("1".into())]),
            Node::Footnote(
                "1".into(),
                vec![Node::Paragraph(vec![
                    text("Said "),
                    emphasis("so"),
                    text(".\nAnd more.")
                ])]
            ),
            Node::Footnote("b".into(), vec![paragraph("Other.")]),
        ]
    );
    assert_eq!(inlines("[^a b] [^] x"), [text("[^a b] [^] x")]);
}

#[test]
fn a_link_leads_to_one_place_whatever_its_words_are() {
    let evil = |words: Vec<Inline>| link("https://evil.example/", "evil.example", words);
    for source in [
        "[https://bank.example](https://evil.example/)",
        "[<https://bank.example>](https://evil.example/)",
        "[![https://bank.example](https://bank.example/x.png)](https://evil.example/)",
    ] {
        assert_eq!(
            inlines(source),
            [evil(vec![text("https://bank.example")])],
            "{source}"
        );
    }
}
