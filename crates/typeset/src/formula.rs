//! Formulas: TeX in, MathML out.
//!
//! The converter (`pulldown-latex`) reads what a model wrote, so it is held short: what could define words of its own (and
//! grow without end), nest without end, or is long is not given to it; what it could not read is no formula; and of what it
//! writes only what is on the list of [`wire::drawn::formula`] goes on.

use pulldown_latex::{Event, Parser, RenderConfig, Storage, config::DisplayMode, push_mathml};
use std::convert::Infallible;
use wire::drawn::formula;

/// Longer than this is left as it was written.
pub const BYTES: usize = 4 * 1024;
/// Groups in groups.
const DEPTH: usize = 32;
/// The converter recurses with what it reads, and not only into groups: `\hat\hat\hat x`. A formula of more bytes than
/// this is read where the stack is as high as the longest one could build it.
const SHALLOW: usize = 96;
const STACK: usize = 128 * 1024 * 1024;

/// The `<math>` element of a formula; `display`: on its own, not in a line. `None`: it is left as it was written.
pub fn draw(tex: &str, display: bool) -> Option<String> {
    if tex.trim().is_empty() || tex.len() > BYTES || !is_harmless(tex) {
        return None;
    }
    if tex.len() <= SHALLOW {
        return convert(tex, display);
    }
    // Its memory is asked for only where it is used.
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let converting = thread.spawn_scoped(scope, || convert(tex, display)).ok()?;
        converting.join().ok().flatten()
    })
}

fn convert(tex: &str, display: bool) -> Option<String> {
    // The converter has no boxes: what stands in one is read without it.
    let tex = &tex.replace("\\boxed", "");
    let storage = Storage::new();
    let events: Vec<Event<'_>> = Parser::new(tex, &storage).collect::<Result<_, _>>().ok()?;
    let config = RenderConfig {
        display_mode: if display {
            DisplayMode::Block
        } else {
            DisplayMode::Inline
        },
        ..RenderConfig::default()
    };
    let mut mathml = String::new();
    push_mathml(&mut mathml, events.into_iter().map(Ok::<_, Infallible>), config).ok()?;
    let written = formula::write(&formula::read(&mathml)?);
    (written.len() <= formula::BYTES).then_some(written)
}

/// Whether nothing in it can grow or nest without end.
fn is_harmless(tex: &str) -> bool {
    const DEFINING: [&str; 6] = [
        "def",
        "let",
        "futurelet",
        "newcommand",
        "renewcommand",
        "providecommand",
    ];
    let defines = tex.split('\\').skip(1).any(|word| {
        let end = word
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(word.len());
        word.get(..end)
            .is_some_and(|word| DEFINING.iter().any(|defining| word.ends_with(defining)))
    });
    let (mut depth, mut deepest) = (0_usize, 0);
    for c in tex.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            // Each of these may stand around the next without a bracket: `\sqrt\sqrt\sqrt x`, `a^b^c`.
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    let chained =
        tex.matches("\\sqrt").count() + tex.matches("\\left").count() + tex.matches("\\begin").count();
    !defines && deepest <= DEPTH && chained <= DEPTH
}
