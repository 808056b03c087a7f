//! Code: each piece has the ink a reader expects, nothing is lost, and nothing takes long.

use std::time::{Duration, Instant};
use typeset::code::{BYTES, LINE_BYTES, draw};
use wire::drawn::{Ink, runs};

/// The pieces of a text that have an ink, without spaces.
fn inked(language: &str, text: &str) -> Vec<(Ink, String)> {
    let how = draw(language, text).unwrap_or_else(|| panic!("nothing in {text:?} is told apart"));
    let pieces = runs(&how, text).unwrap_or_else(|| panic!("{how} does not fit {text:?}"));
    let inked = pieces.into_iter().filter(|(ink, _)| *ink != Ink::Plain);
    inked.map(|(ink, piece)| (ink, piece.trim().to_owned())).collect()
}

#[track_caller]
fn has(language: &str, text: &str, expected: &[(Ink, &str)]) {
    let found = inked(language, text);
    for (ink, piece) in expected {
        assert!(
            found.contains(&(*ink, (*piece).to_owned())),
            "{piece:?} is not {ink:?} in {found:?}"
        );
    }
}

#[test]
fn rust_is_read_as_rust() {
    let text = "#[derive(Debug)]\n/// Boils.\nfn boil<'a>(pot: &'a Pot) -> Option<u32> {\n    let s = r#\"a \"b\"\"#;\n    \
                println!(\"{s} {}\", 'x'); // done\n    self.heat(1_000.5e-3); Some(42)\n}\n";
    has(
        "rust",
        text,
        &[
            (Ink::Meta, "#[derive(Debug)]"),
            (Ink::Comment, "/// Boils."),
            (Ink::Keyword, "fn"),
            (Ink::Function, "boil"),
            (Ink::Type, "'a"),
            (Ink::Type, "Option"),
            (Ink::Keyword, "u32"),
            (Ink::String, "r#\"a \"b\"\"#"),
            (Ink::Function, "println!"),
            (Ink::String, "'x'"),
            (Ink::Comment, "// done"),
            (Ink::Literal, "self"),
            (Ink::Function, "heat"),
            (Ink::Number, "1_000.5e-3"),
            (Ink::Number, "42"),
        ],
    );
}

#[test]
fn python_is_read_as_python() {
    let text = "@cache\ndef boil(pot: Pot) -> int:\n    \"\"\"Boils\n    'it'.\"\"\"\n    return f\"{pot}\" if None else 0x1F  # hex\n";
    has(
        "Python",
        text,
        &[
            (Ink::Meta, "@cache"),
            (Ink::Keyword, "def"),
            (Ink::Function, "boil"),
            (Ink::Type, "int"),
            (Ink::Comment, "\"\"\"Boils\n    'it'.\"\"\""),
            (Ink::Keyword, "return"),
            (Ink::Literal, "None"),
            (Ink::Number, "0x1F"),
            (Ink::Comment, "# hex"),
        ],
    );
}

#[test]
fn the_languages_of_a_page_are_read() {
    has(
        "ts",
        "const n: number = await fetch(`a${b}`); // x\nthis.class = null;",
        &[
            (Ink::Keyword, "const"),
            (Ink::Type, "number"),
            (Ink::Function, "fetch"),
            (Ink::String, "`a${b}`"),
            (Ink::Literal, "this"),
            (Ink::Literal, "null"),
        ],
    );
    has(
        "html",
        "<!-- a --><p class=\"x\">a &amp; b</p><script>let x = 1;</script><style>p { color: red; }</style>",
        &[
            (Ink::Comment, "<!-- a -->"),
            (Ink::Type, "p"),
            (Ink::Property, "class"),
            (Ink::String, "\"x\""),
            (Ink::Literal, "&amp;"),
            (Ink::Keyword, "let"),
            (Ink::Property, "color"),
        ],
    );
    has(
        "css",
        ".a { margin-top: 4px; --x: var(--y); } @media print {}",
        &[
            (Ink::Property, "margin-top"),
            (Ink::Number, "4px"),
            (Ink::Function, "var"),
            (Ink::Keyword, "media"),
        ],
    );
}

#[test]
fn data_is_read_by_its_keys() {
    has(
        "json",
        "{\"a\": [1, true], \"b\" : \"c\"}",
        &[
            (Ink::Property, "\"a\""),
            (Ink::Number, "1"),
            (Ink::Literal, "true"),
            (Ink::Property, "\"b\""),
            (Ink::String, "\"c\""),
        ],
    );
    has(
        "yaml",
        "on-push:\n  - name: x # y\n    ok: true\n",
        &[
            (Ink::Property, "on-push"),
            (Ink::Property, "name"),
            (Ink::Comment, "# y"),
            (Ink::Literal, "true"),
        ],
    );
    has(
        "toml",
        "[package]\nname = \"x\"\n",
        &[
            (Ink::Type, "package"),
            (Ink::Property, "name"),
            (Ink::String, "\"x\""),
        ],
    );
    has(
        "diff",
        "--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n same\n",
        &[
            (Ink::Comment, "--- a\n+++ b"),
            (Ink::Meta, "@@ -1 +1 @@"),
            (Ink::Removed, "-old"),
            (Ink::Added, "+new"),
        ],
    );
}

#[test]
fn a_shell_is_read_by_its_variables_and_comments() {
    has(
        "bash",
        "for f in $HOME/${x}; do echo \"$f\" # each\ndone\nls --no-comment#this",
        &[
            (Ink::Keyword, "for"),
            (Ink::Property, "HOME"),
            (Ink::Property, "x"),
            (Ink::Function, "echo"),
            (Ink::Comment, "# each"),
            (Ink::Keyword, "done"),
        ],
    );
}

#[test]
fn words_of_sql_have_no_case() {
    has(
        "sql",
        "SELECT count(*) from kettle WHERE name = 'it''s' -- all",
        &[
            (Ink::Keyword, "SELECT"),
            (Ink::Function, "count"),
            (Ink::Keyword, "from"),
            (Ink::String, "'it''s'"),
            (Ink::Comment, "-- all"),
        ],
    );
}

#[test]
fn what_is_not_known_has_no_drawing() {
    for language in ["", "text", "brainfuck", "rust2", "  "] {
        assert_eq!(draw(language, "let x = 1;"), None, "{language:?}");
    }
    assert_eq!(draw("rust", "abc\n"), None, "nothing to tell apart");
    assert_eq!(draw("rust", ""), None);
}

#[test]
fn what_is_too_long_is_left_as_it_is() {
    let line = format!("let {}\n", "a".repeat(59));
    assert!(draw("rust", &line.repeat(BYTES / 64)).is_some());
    assert_eq!(draw("rust", &line.repeat(BYTES / 64 + 1)), None);
    assert!(draw("rust", &"let ".repeat(LINE_BYTES / 4)).is_some());
    assert_eq!(
        draw("rust", &"let ".repeat(LINE_BYTES / 4 + 1)),
        None,
        "nor is a line"
    );
}

#[test]
fn whatever_is_written_is_drawn_whole_and_soon() {
    let pieces = [
        "\"", "'", "`", "\\", "/*", "*/", "//", "#", "<", ">", "<!--", "</", "&", "$", "${", "@", "[", "]",
        "r#\"", "\"\"\"", "\n", " ", "a", "1", ".", "e-", "é", "🫖", "\u{202e}", "\u{0}", "=", ":", "!", "-",
        "'a", "[[", "{-", "(*", "%",
    ];
    let languages = [
        "rust",
        "python",
        "js",
        "json",
        "c",
        "html",
        "css",
        "bash",
        "yaml",
        "toml",
        "sql",
        "lua",
        "haskell",
        "diff",
        "ruby",
        "tex",
        "nix",
        "php",
        "perl",
        "clojure",
        "ocaml",
        "powershell",
        "make",
    ];
    // A generator of one's own: the same texts in each run.
    let mut state = 7_u64;
    let mut next = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let start = Instant::now();
    for round in 0..200 {
        let text: String = (0..1 + next(60)).map(|_| pieces[next(pieces.len())]).collect();
        let language = languages[round % languages.len()];
        if let Some(how) = draw(language, &text) {
            let joined: Option<String> =
                runs(&how, &text).map(|pieces| pieces.into_iter().map(|(_, piece)| piece).collect());
            assert_eq!(joined.as_deref(), Some(text.as_str()), "{language}");
        }
    }
    for language in languages {
        for piece in pieces {
            let _ = draw(language, &piece.repeat(BYTES / 2 / piece.len()));
        }
    }
    // A grammar that is made to look back again and again would need hours: each text has seconds.
    let texts = u32::try_from(200 + languages.len() * pieces.len()).unwrap();
    assert!(
        start.elapsed() < texts * Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
}
