//! Code: read by Sublime Text's grammars (syntect), of which [`ink`] says what a reader sees.
//!
//! A grammar is a set of regular expressions, and a text can be written to make one slow. So there is a bound for the text,
//! one for a line, and one for the time; what passes them is left as it was written.

mod ink;

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use syntect::parsing::{ParseState, ScopeStack, SyntaxReference, SyntaxSet};
use syntect::util::LinesWithEndings;
use wire::drawn::{Ink, write_runs};

use ink::Inks;

/// Longer code is left as it is: nobody reads so much of it in a chat, and every reader would load its drawing.
pub const BYTES: usize = 64 * 1024;
/// Code with a longer line is data, or hostile.
pub const LINE_BYTES: usize = 2 * 1024;
/// For one text; looked at after each line. Nearly all of it is for the first text in a language, whose grammar is compiled.
const PATIENCE: Duration = Duration::from_secs(2);

/// All grammars. Read at the first code that is drawn; their expressions are compiled when a language is met.
static GRAMMARS: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

/// What fences say, and what the grammars are called there.
const OTHER_NAMES: [(&str, &str); 12] = [
    ("c++", "cpp"),
    ("console", "sh"),
    ("csharp", "cs"),
    ("golang", "go"),
    ("jsonc", "json"),
    ("jsx", "js"),
    ("node", "js"),
    ("objective-c", "m"),
    ("ps1", "powershell"),
    ("python3", "py"),
    ("shell", "sh"),
    ("vue", "html"),
];

/// The runs of a text in a language, named as fences name it. `None`: the language is not known, there is nothing to tell
/// apart, or it is too much.
pub fn draw(name: &str, text: &str) -> Option<String> {
    let runs = runs(name, text)?;
    let plain = runs.iter().all(|(ink, _)| *ink == Ink::Plain);
    (!plain).then(|| write_runs(runs))
}

/// The runs, of which two beside each other never have the same ink.
fn runs(name: &str, text: &str) -> Option<Vec<(Ink, usize)>> {
    if text.len() > BYTES {
        return None;
    }
    let mut state = ParseState::new(grammar(name)?);
    let mut scopes = ScopeStack::new();
    let (mut inks, mut runs) = (Inks::default(), Runs::default());
    let start = Instant::now();
    for line in LinesWithEndings::from(text) {
        if line.len() > LINE_BYTES || start.elapsed() > PATIENCE {
            return None;
        }
        let mut rest = 0;
        for (place, change) in state.parse_line(line, &GRAMMARS).ok()? {
            let piece = line.get(rest..place)?;
            runs.add(inks.of(&scopes, piece), piece);
            scopes.apply(&change).ok()?;
            rest = place;
        }
        let piece = line.get(rest..)?;
        runs.add(inks.of(&scopes, piece), piece);
    }
    Some(runs.0)
}

fn grammar(name: &str) -> Option<&'static SyntaxReference> {
    let name = name.trim().to_ascii_lowercase();
    let other = OTHER_NAMES.iter().find(|(said, _)| *said == name);
    let token = other.map_or(name.as_str(), |(_, token)| token);
    if token.is_empty() {
        return None;
    }
    let plain = GRAMMARS.find_syntax_plain_text();
    GRAMMARS
        .find_syntax_by_token(token)
        .filter(|grammar| grammar.name != plain.name)
}

/// Runs as they are found, in characters.
#[derive(Debug, Default)]
struct Runs(Vec<(Ink, usize)>);

impl Runs {
    fn add(&mut self, ink: Ink, piece: &str) {
        let length = piece.chars().count();
        match self.0.last_mut() {
            _ if length == 0 => {}
            Some((last, count)) if *last == ink => *count += length,
            _ => self.0.push((ink, length)),
        }
    }
}
