//! How the code and the formulas of answers are drawn ([`wire::drawn`]): looked for with the parser that the page has, made
//! by [`typeset`], remembered.
//!
//! Must not know: who reads it. Start at [`Drawings::draw`]. Making is bounded in what it takes (long texts are left as
//! they are), in what it may hold (the cache), and in how much is made at a time; one drawing is made once, whoever asks.

use app::markdown::{Inline, Node, blocks, parse};
use parking_lot::Mutex;
use std::{
    collections::{HashMap, HashSet},
    mem,
    sync::Arc,
};
use tokio::sync::Semaphore;
use typeset::{code, formula};
use wire::{
    drawn::{Drawn, Kind, fingerprint},
    message::{Message, MessageRole, MessageStatus},
    socket::ServerEvent,
};

/// A longer answer is left as it is.
const TEXT_BYTES: usize = 512 * 1024;
/// So much code and TeX of one answer is drawn; the rest is left as it is.
const DRAWN_BYTES: usize = 256 * 1024;
/// So many pieces of one answer are drawn.
const PIECES: usize = 500;
/// What is remembered, roughly, of which half is forgotten at a time.
const CACHE_BYTES: usize = 16 * 1024 * 1024;
/// How much is made at a time: it is work for a processor.
const AT_ONCE: usize = 2;

/// The drawings of one text.
type Made = Arc<[Drawn]>;

/// What draws, and what was drawn lately.
#[derive(Debug)]
pub struct Drawings {
    made: Mutex<Cache>,
    turns: Arc<Semaphore>,
}

impl Default for Drawings {
    fn default() -> Self {
        Self {
            made: Mutex::default(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Drawings {
    /// Gives finished answers their drawings.
    pub async fn draw(&self, messages: &mut [Message]) {
        let whole = messages.iter_mut().filter(|message| {
            message.role == MessageRole::Assistant && message.status != MessageStatus::Generating
        });
        for message in whole {
            message.drawn = self.of(&message.message).await.to_vec();
        }
    }

    /// Gives the end of an answer its drawings. An answer that went on has those of what was added: a drawing belongs to a
    /// text, not to a place.
    pub async fn draw_end(&self, event: &mut ServerEvent) {
        if let ServerEvent::ResponseComplete {
            full_response, drawn, ..
        } = event
        {
            *drawn = self.of(full_response).await.to_vec();
        }
    }

    async fn of(&self, text: &str) -> Made {
        if !has_any(text) || text.len() > TEXT_BYTES {
            return Arc::from([]);
        }
        let key = fingerprints(text);
        if let Some(made) = self.made.lock().get(key) {
            return made;
        }
        let Ok(turn) = Arc::clone(&self.turns).acquire_owned().await else {
            return Arc::from([]);
        };
        let text = text.to_owned();
        let making = tokio::task::spawn_blocking(move || {
            let made = make(&text);
            drop(turn);
            made
        });
        // A panic in what draws costs a drawing, not an answer.
        let made: Made = making.await.unwrap_or_default().into();
        self.made.lock().put(key, Arc::clone(&made));
        made
    }
}

/// Whether there can be anything to draw. Most answers have nothing.
fn has_any(text: &str) -> bool {
    ["```", "~~~", "$", "\\(", "\\["]
        .iter()
        .any(|mark| text.contains(mark))
}

/// Two sums and a length: nobody gets the drawings of another text by chance.
fn fingerprints(text: &str) -> (usize, u32, u32) {
    let sums = [Kind::Inline, Kind::Display].map(|kind| fingerprint(kind, text));
    let [one, other] = sums;
    (text.len(), one, other)
}

fn make(text: &str) -> Vec<Drawn> {
    let mut maker = Maker::default();
    // As the page does: block by block.
    for block in blocks(text) {
        maker.nodes(&parse(&block.source));
    }
    maker.drawn
}

#[derive(Default)]
struct Maker {
    drawn: Vec<Drawn>,
    seen: HashSet<u32>,
    bytes: usize,
}

impl Maker {
    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Code(language, code) => {
                    self.add(Kind::Code(language), code, || code::draw(language, code));
                }
                Node::Paragraph(line) | Node::Heading(_, line) => self.line(line),
                Node::Quote(inner) | Node::Footnote(_, inner) => self.nodes(inner),
                Node::List(_, items) => items.iter().for_each(|item| self.nodes(item)),
                Node::Table(head, rows) => {
                    let cells = head.iter().chain(rows.iter().flatten());
                    cells.for_each(|cell| self.line(cell));
                }
                Node::Rule => {}
            }
        }
    }

    fn line(&mut self, line: &[Inline]) {
        for inline in line {
            match inline {
                Inline::Formula(marks, tex) if marks.is_display() => {
                    self.add(Kind::Display, tex, || formula::draw(tex, true));
                }
                Inline::Formula(_, tex) => self.add(Kind::Inline, tex, || formula::draw(tex, false)),
                Inline::Emphasis(inner)
                | Inline::Strong(inner)
                | Inline::Struck(inner)
                | Inline::Link(_, inner) => self.line(inner),
                Inline::Text(_)
                | Inline::Code(_)
                | Inline::Break
                | Inline::Task(_)
                | Inline::Footnote(_)
                | Inline::Source(_) => {}
            }
        }
    }

    fn add(&mut self, kind: Kind<'_>, text: &str, draw: impl FnOnce() -> Option<String>) {
        let of = fingerprint(kind, text);
        self.bytes = self.bytes.saturating_add(text.len());
        if self.bytes > DRAWN_BYTES || self.seen.len() >= PIECES || !self.seen.insert(of) {
            return;
        }
        if let Some(how) = draw() {
            self.drawn.push(Drawn { of, how });
        }
    }
}

/// What was made lately, in two halves: when the newer one is full, the older one is forgotten.
#[derive(Debug, Default)]
struct Cache {
    newer: HashMap<(usize, u32, u32), Made>,
    older: HashMap<(usize, u32, u32), Made>,
    bytes: usize,
}

impl Cache {
    fn get(&mut self, key: (usize, u32, u32)) -> Option<Made> {
        if let Some(made) = self.newer.get(&key) {
            return Some(Arc::clone(made));
        }
        let made = self.older.remove(&key)?;
        self.put(key, Arc::clone(&made));
        Some(made)
    }

    fn put(&mut self, key: (usize, u32, u32), made: Made) {
        // An entry's own place, and what it holds.
        self.bytes += 128 + made.iter().map(|drawn| drawn.how.len() + 32).sum::<usize>();
        self.newer.insert(key, made);
        if self.bytes > CACHE_BYTES / 2 {
            self.older = mem::take(&mut self.newer);
            self.bytes = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::drawn::runs;

    const ANSWER: &str = "So:\n\n- a list\n\n  ```rust\n  let x = 1;\n  ```\n\n| $a$ | b |\n|---|---|\n| $a$ | \\(c\\) |\n\n\
                          $$\n\\frac{1}{2}\n$$\n\n```\nplain\n```\n";

    #[test]
    fn code_and_formulas_are_found_wherever_they_stand_and_drawn_once_each() {
        let drawn = make(ANSWER);
        let of = |kind, text| {
            drawn
                .iter()
                .find(|drawn| drawn.of == fingerprint(kind, text))
                .unwrap()
        };
        let code = "let x = 1;\n";
        assert!(runs(&of(Kind::Code("rust"), code).how, code).is_some());
        for tex in ["a", "c"] {
            assert!(of(Kind::Inline, tex).how.starts_with("<math display=\"inline\">"));
        }
        assert!(of(Kind::Display, "\n\\frac{1}{2}\n").how.contains("<mfrac>"));
        assert_eq!(drawn.len(), 4);
    }

    #[test]
    fn what_is_long_is_left_as_it_is_and_takes_no_time() {
        let long = format!("```rust\n{}\n```\n", "let x = 1; ".repeat(100_000));
        let start = std::time::Instant::now();
        assert_eq!(make(&long), []);
        assert!(make(&"$x$ ".repeat(10_000)).len() <= PIECES);
        let many: String = (0..2_000).map(|number| format!("$x_{{{number}}}$ ")).collect();
        assert_eq!(make(&many).len(), PIECES);
        assert!(
            start.elapsed() < std::time::Duration::from_secs(20),
            "{:?}",
            start.elapsed()
        );
    }

    #[tokio::test]
    async fn what_was_drawn_is_remembered_until_there_is_too_much_of_it() {
        let drawings = Drawings::default();
        let first = drawings.of(ANSWER).await;
        assert!(Arc::ptr_eq(&first, &drawings.of(ANSWER).await));
        let large: Made = Arc::from([Drawn {
            of: 1,
            how: "k1".repeat(CACHE_BYTES / 8),
        }]);
        for number in 0..9 {
            drawings.made.lock().put((number, 0, 0), Arc::clone(&large));
        }
        let again = drawings.of(ANSWER).await;
        assert!(!Arc::ptr_eq(&first, &again));
        assert_eq!(first, again);
    }
}
