//! Formulas: what models write is drawn, what is hostile is not.

use typeset::formula::{BYTES, draw};
use wire::drawn::formula::read;

#[test]
fn what_models_write_is_drawn() {
    let mut left = Vec::new();
    for tex in [
        "x^2 + y^2 = z^2",
        "a < b \\leq c",
        "E = mc^2",
        "\\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}",
        "\\int_0^\\infty e^{-x^2}\\,dx = \\frac{\\sqrt{\\pi}}{2}",
        "\\sum_{n=1}^{\\infty} \\frac{1}{n^2}",
        "\\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}",
        "\\begin{aligned} a &= b \\\\ &= c \\end{aligned}",
        "\\begin{cases} 1 & \\text{if } x > 0 \\\\ 0 & \\text{otherwise} \\end{cases}",
        "\\mathbb{R}^n \\to \\mathcal{L}",
        "\\lim_{x \\to 0} \\sin x",
        "\\left( \\frac{a}{b} \\right)",
        "\\vec{v} \\cdot \\hat{n}",
        "\\boxed{42}",
        "\\nabla \\times \\mathbf{E} = -\\frac{\\partial \\mathbf{B}}{\\partial t}",
        "\\dfrac{1}{2} + \\tfrac{1}{2}",
        "\\binom{n}{k}",
        "\\mathrm{d}x \\quad \\text{and} \\quad \\cdots",
        "a \\implies b \\iff c",
        "\\underbrace{a + b}_{n}",
        "\\overline{AB} \\perp \\vec{CD}",
        "\\operatorname{argmax}_x f(x)",
        "x \\in \\{1, 2\\}, \\; \\forall y \\neq \\emptyset",
        "\\begin{bmatrix} 1 & 0 \\\\ 0 & 1 \\end{bmatrix}",
        "\\begin{align} a &= b \\\\ c &= d \\end{align}",
        "50\\% \\approx 0.5 \\times 10^{-3} \\, \\mathrm{kg}",
        "\\boldsymbol{\\beta} = (X^\\top X)^{-1} X^\\top y",
        "f'(x) = \\left. \\frac{dy}{dx} \\right|_{x=0}",
    ] {
        let Some(drawn) = draw(tex, true) else {
            left.push(tex);
            continue;
        };
        assert!(read(&drawn).is_some(), "{tex}: {drawn}");
        assert!(drawn.starts_with("<math display=\"block\">"), "{drawn}");
    }
    assert!(left.is_empty(), "not drawn: {left:#?}");
}

#[test]
fn a_fraction_is_a_fraction_in_a_line_and_on_its_own() {
    let line = draw("\\frac{1}{2}", false).unwrap();
    assert!(line.starts_with("<math display=\"inline\">"), "{line}");
    let bare = line.replace("<mrow>", "").replace("</mrow>", "");
    assert!(bare.contains("<mfrac><mn>1</mn><mn>2</mn></mfrac>"), "{line}");
}

#[test]
fn what_cannot_be_read_is_left_as_it_was_written() {
    for tex in [
        "",
        "  ",
        "\\frac{1}",
        "\\nosuchcommand{x}",
        "{",
        "\\begin{nothing}",
        "a & b",
    ] {
        assert_eq!(draw(tex, false), None, "{tex}");
    }
}

#[test]
fn nothing_but_what_is_on_the_list_comes_out() {
    for tex in [
        "\\text{<script>alert(1)</script>}",
        "\\text{\" onload=\"alert(1)}",
        "\\color{red} x",
        "\\textcolor{url(x)}{y}",
        "<img src=x onerror=alert(1)>",
        "\\href{javascript:alert(1)}{x}",
        "\\htmlClass{x}{y}",
        "\\includegraphics{https://evil.example/x.png}",
    ] {
        let Some(drawn) = draw(tex, false) else { continue };
        assert!(read(&drawn).is_some(), "{tex}: {drawn}");
        for hostile in ["<script", "<img", "style=", "href"] {
            assert!(!drawn.contains(hostile), "{tex}: {drawn}");
        }
    }
}

#[test]
fn what_grows_or_nests_without_end_is_refused_before_it_is_read() {
    let bomb = "\\def\\a{xx}\\def\\b{\\a\\a}\\def\\c{\\b\\b}\\c";
    assert_eq!(draw(bomb, true), None);
    assert_eq!(draw("\\newcommand{\\a}{x}\\a", true), None);
    assert_eq!(
        draw(&format!("{}x{}", "{".repeat(100), "}".repeat(100)), true),
        None
    );
    assert_eq!(draw(&"x".repeat(BYTES + 1), true), None);
}

#[test]
fn no_text_that_was_written_to_do_harm_does_any() {
    for piece in [
        "\\hat",
        "\\frac",
        "\\sqrt",
        "\\mathbf",
        "^",
        "_",
        "^x_",
        "\\left(",
        "\\right)",
        "{x}",
        "&",
        "\\\\",
        "\\begin{matrix}",
        "\\end{matrix}",
        "'",
        "\\not",
        "\\text{",
        "\\operatorname",
        "\\overset",
        "~",
        "\\,",
        "\\",
        "}",
        "\\hline",
        "$",
        "#1",
        "%",
        "\\displaystyle",
        "\\bigl",
        "\\middle|",
        "é",
        "\u{202e}",
    ] {
        for count in [1, 2, 40, BYTES / piece.len()] {
            for text in [piece.repeat(count), format!("{}x", piece.repeat(count))] {
                if let Some(drawn) = draw(&text, true) {
                    assert!(read(&drawn).is_some(), "{piece} × {count}");
                }
            }
        }
    }
}
