//! Code: told apart by a table a language ([`language`]), read by one lexer ([`scan`]); tags and differences have one of
//! their own ([`markup`], [`lines`]).

mod language;
mod lines;
mod markup;
mod scan;

use language::{Manner, language};
use wire::drawn::{Ink, write_runs};

/// Longer code is left as it is: nobody reads so much of it in a chat, and every reader would load its drawing.
pub const BYTES: usize = 64 * 1024;

/// The runs of a text in a language, named as fences name it. `None`: the language is not known, or there is nothing to
/// tell apart.
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
    let language = language(name)?;
    let mut runs = Runs::default();
    match language.manner {
        Manner::Words => scan::scan(language, text, &mut runs),
        Manner::Tags => markup::scan(text, &mut runs),
        Manner::Lines => lines::scan(text, &mut runs),
    }
    Some(runs.0)
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
