//! A paragraph's text to inlines.

use super::{
    DEPTH, Inline,
    emphasis::{Piece, Run, resolve},
    line,
    link::{Target, target},
    math,
};

/// An address or a title longer than this is text: a search for its end must end.
const LONGEST_ADDRESS: usize = 2_048;

/// The inlines of a text.
pub(super) fn parse(text: &str) -> Vec<Inline> {
    let mut scanner = Scanner {
        text,
        at: 0,
        pieces: Vec::new(),
        brackets: Vec::new(),
    };
    while let Some(c) = scanner.rest().chars().next() {
        scanner.step(c);
    }
    resolve(scanner.pieces).0
}

/// A `[` that may begin a link.
struct Bracket {
    /// Where it is among the pieces.
    at: usize,
    /// Whether a link was closed inside it: links do not nest.
    spent: bool,
    image: bool,
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    pieces: Vec<Piece>,
    brackets: Vec<Bracket>,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn before(&self) -> Option<char> {
        self.text.get(..self.at)?.chars().next_back()
    }

    /// Takes text as it is.
    fn take(&mut self, length: usize) {
        let (taken, _) = self.rest().split_at_checked(length).unwrap_or((self.rest(), ""));
        self.at += taken.len();
        self.text_piece(taken);
    }

    fn text_piece(&mut self, text: &str) {
        // A bracket's piece is its own: it may become a link's.
        let count = self.pieces.len();
        let grows = self.brackets.last().is_none_or(|bracket| bracket.at + 1 < count);
        if let Some(Piece::Done(Inline::Text(before), _)) = self.pieces.last_mut().filter(|_| grows) {
            before.push_str(text);
        } else {
            self.pieces.push(Piece::text(text));
        }
    }

    /// Puts a node in the place of `length` bytes.
    fn put(&mut self, inline: Inline, length: usize) {
        self.at += length;
        self.pieces.push(Piece::Done(inline, 0));
    }

    fn step(&mut self, c: char) {
        let rest = self.rest();
        match c {
            '\\' => self.escape(rest),
            '`' => self.code(rest),
            '$' => self.dollars(rest),
            '*' | '_' | '~' => self.run(c, rest),
            '!' if rest.starts_with("![") => self.bracket("!["),
            '[' if rest.starts_with("[^") => self.footnote(rest),
            '[' => self.bracket("["),
            ']' => self.close_bracket(rest),
            '<' => self.angle(rest),
            '&' => self.entity(rest),
            '\n' => self.line_end(),
            'h' if !self.before().is_some_and(char::is_alphanumeric) => self.bare_address(rest),
            c => {
                let plain = |c: char| {
                    !matches!(
                        c,
                        '\\' | '`' | '$' | '*' | '_' | '~' | '!' | '[' | ']' | '<' | '&' | '\n' | 'h'
                    )
                };
                let end = rest.find(|c: char| !plain(c)).unwrap_or(rest.len());
                self.take(end.max(c.len_utf8()));
            }
        }
    }

    /// A formula takes its text before anything else does: `$a_1 * b_1$` has no emphasis in it.
    fn formula(&mut self, rest: &str) -> bool {
        let Some((marks, tex)) = math::formula(rest, self.before()) else {
            return false;
        };
        let length = marks.open().len() + tex.len() + marks.close().len();
        self.put(Inline::Formula(marks, tex.to_owned()), length);
        true
    }

    fn dollars(&mut self, rest: &str) {
        if !self.formula(rest) {
            let behind = rest.trim_start_matches('$');
            self.take(rest.len() - behind.len());
        }
    }

    /// `[^name]`: where a footnote belongs.
    fn footnote(&mut self, rest: &str) {
        match line::footnote(rest) {
            Some((name, length)) => self.put(Inline::Footnote(name.to_owned()), length),
            None => self.bracket("["),
        }
    }

    fn escape(&mut self, rest: &str) {
        match rest.chars().nth(1) {
            Some('(' | '[') if self.formula(rest) => {}
            Some('\n') => self.put(Inline::Break, 2),
            Some(c) if c.is_ascii_punctuation() => {
                self.at += 1;
                self.take(1);
            }
            _ => self.take(1),
        }
    }

    fn code(&mut self, rest: &str) {
        let inner = rest.trim_start_matches('`');
        let ticks = rest.len() - inner.len();
        let Some(end) = closing_ticks(inner, ticks) else {
            return self.take(ticks);
        };
        let code = inner.get(..end).unwrap_or_default().replace('\n', " ");
        let spaced = code.starts_with(' ') && code.ends_with(' ') && !code.trim().is_empty();
        let code = if spaced {
            code.get(1..code.len() - 1).unwrap_or_default().to_owned()
        } else {
            code
        };
        self.put(Inline::Code(code), ticks + end + ticks);
    }

    fn run(&mut self, mark: char, rest: &str) {
        let after = rest.trim_start_matches(mark);
        let count = rest.len() - after.len();
        let (before, next) = (self.before(), after.chars().next());
        let space = |c: Option<char>| c.is_none_or(char::is_whitespace);
        let punctuation = |c: Option<char>| c.is_some_and(is_punctuation);
        let left = !space(next) && (!punctuation(next) || space(before) || punctuation(before));
        let right = !space(before) && (!punctuation(before) || space(next) || punctuation(next));
        let (opens, closes) = match mark {
            '_' => (
                left && (!right || punctuation(before)),
                right && (!left || punctuation(next)),
            ),
            '~' => (left && count <= 2, right && count <= 2),
            _ => (left, right),
        };
        self.at += count;
        self.pieces.push(Piece::Run(Run {
            mark,
            count,
            opens,
            closes,
        }));
    }

    fn bracket(&mut self, mark: &str) {
        self.at += mark.len();
        self.brackets.push(Bracket {
            at: self.pieces.len(),
            spent: false,
            image: mark.starts_with('!'),
        });
        self.pieces.push(Piece::text(mark));
    }

    fn close_bracket(&mut self, rest: &str) {
        let Some(bracket) = self.brackets.pop() else {
            return self.take(1);
        };
        let found = rest.get(1..).and_then(address).filter(|_| !bracket.spent);
        let Some((address, length)) = found else {
            return self.take(1);
        };
        let (inner, depth) = resolve(self.pieces.split_off((bracket.at + 1).min(self.pieces.len())));
        self.pieces.pop();
        self.at += 1 + length;
        if !bracket.image {
            self.brackets
                .iter_mut()
                .for_each(|outer| outer.spent |= !outer.image);
        }
        // A picture is never loaded: its place is shown, and where it is.
        match target(&address).filter(|_| depth < DEPTH) {
            Some(target) => self
                .pieces
                .push(Piece::Done(Inline::Link(target, unlinked(inner)), depth + 1)),
            None => self
                .pieces
                .extend(inner.into_iter().map(|inline| Piece::Done(inline, depth))),
        }
    }

    /// `<https://…>`, `<a@b>` or `<br>`. Anything else in angles is text: there is no HTML here.
    fn angle(&mut self, rest: &str) {
        let inner = rest.get(1..).and_then(|rest| rest.get(..find_within(rest, '>')?));
        let Some(inner) = inner else { return self.take(1) };
        if matches!(inner, "br" | "br/" | "br />" | "br /") {
            return self.put(Inline::Break, inner.len() + 2);
        }
        let mail = inner.contains('@') && !inner.contains([':', '/']);
        let address = if mail {
            format!("mailto:{inner}")
        } else {
            inner.to_owned()
        };
        match target(&address) {
            Some(target) => self.link_to(target, inner, inner.len() + 2),
            None => self.take(1),
        }
    }

    fn bare_address(&mut self, rest: &str) {
        if !(rest.starts_with("https://") || rest.starts_with("http://")) {
            return self.take(1);
        }
        // In a link's words it ends with them.
        let inside = !self.brackets.is_empty();
        let ends = |c: char| {
            c.is_whitespace() || matches!(c, '<' | '>' | '`' | '"') || (inside && matches!(c, '[' | ']'))
        };
        let Some((end, _)) = rest
            .char_indices()
            .chain([(rest.len(), ' ')])
            .take(LONGEST_ADDRESS)
            .find(|(_, c)| ends(*c))
        else {
            return self.take(1);
        };
        let mut address = rest.get(..end).unwrap_or_default();
        let count = |wanted: u8| address.bytes().filter(|byte| *byte == wanted).count();
        let mut unmatched = count(b')').saturating_sub(count(b'('));
        // What ends a sentence or closes a bracket around it is not the address's.
        while let Some(last) = address.chars().next_back() {
            match last {
                ')' if unmatched > 0 => unmatched -= 1,
                '.' | ',' | ':' | ';' | '!' | '?' | '*' | '_' | '~' | '\'' | ']' => {}
                _ => break,
            }
            address = address.get(..address.len() - last.len_utf8()).unwrap_or_default();
        }
        match target(address) {
            Some(target) => self.link_to(target, address, address.len()),
            None => self.take(1),
        }
    }

    fn link_to(&mut self, target: Target, words: &str, length: usize) {
        self.put(Inline::Link(target, vec![Inline::Text(words.to_owned())]), length);
    }

    fn entity(&mut self, rest: &str) {
        match entity(rest) {
            Some((c, length)) => {
                self.at += length;
                self.text_piece(c.encode_utf8(&mut [0; 4]));
            }
            None => self.take(1),
        }
    }

    fn line_end(&mut self) {
        let hard = self.text.get(..self.at).is_some_and(|text| text.ends_with("  "));
        if let Some(Piece::Done(Inline::Text(before), _)) = self.pieces.last_mut() {
            before.truncate(before.trim_end_matches(' ').len());
        }
        if hard {
            self.put(Inline::Break, 1);
        } else {
            self.take(1);
        }
    }
}

/// A link's words without the links in them: who follows it goes to one place.
fn unlinked(inlines: Vec<Inline>) -> Vec<Inline> {
    let mut words = Vec::new();
    for inline in inlines {
        match inline {
            Inline::Link(_, inner) => words.extend(unlinked(inner)),
            Inline::Emphasis(inner) => words.push(Inline::Emphasis(unlinked(inner))),
            Inline::Strong(inner) => words.push(Inline::Strong(unlinked(inner))),
            Inline::Struck(inner) => words.push(Inline::Struck(unlinked(inner))),
            other => words.push(other),
        }
    }
    words
}

/// Where as many ticks as these stand together.
fn closing_ticks(text: &str, ticks: usize) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = text.get(from..)?.find('`') {
        let start = from + found;
        let rest = text.get(start..)?;
        let length = rest.len() - rest.trim_start_matches('`').len();
        if length == ticks {
            return Some(start);
        }
        from = start + length;
    }
    None
}

/// Where a character is, if it is not too far and on the same line.
fn find_within(text: &str, wanted: char) -> Option<usize> {
    let near = text
        .char_indices()
        .take(LONGEST_ADDRESS)
        .take_while(|(_, c)| *c != '\n');
    near.into_iter().find(|(_, c)| *c == wanted).map(|(at, _)| at)
}

/// `(address "title")` at the start of a text: the address, and the length of it all.
fn address(text: &str) -> Option<(String, usize)> {
    let inner = text.strip_prefix('(')?.trim_start();
    let (address, rest) = if let Some(inner) = inner.strip_prefix('<') {
        let end = find_within(inner, '>')?;
        (inner.get(..end)?, inner.get(end + 1..)?)
    } else {
        let mut open = 0_usize;
        let mut end = None;
        for (at, c) in inner.char_indices().take(LONGEST_ADDRESS) {
            match c {
                '(' => open += 1,
                ')' if open == 0 => end = Some(at),
                ')' => open -= 1,
                c if c.is_whitespace() => end = Some(at),
                _ => {}
            }
            if end.is_some() {
                break;
            }
        }
        inner.split_at_checked(end?)?
    };
    let rest = rest.trim_start();
    let rest = match rest.chars().next()? {
        ')' => rest,
        quote @ ('"' | '\'') => {
            let title = rest.get(1..)?;
            title.get(find_within(title, quote)? + 1..)?.trim_start()
        }
        _ => return None,
    };
    let rest = rest.strip_prefix(')')?;
    Some((unescape(address), text.len() - rest.len()))
}

/// An address without its backslashes and entities.
fn unescape(address: &str) -> String {
    let mut text = String::new();
    let mut rest = address;
    while let Some(c) = rest.chars().next() {
        let (c, length) = match c {
            '\\' => match rest.chars().nth(1).filter(char::is_ascii_punctuation) {
                Some(escaped) => (escaped, 2),
                None => ('\\', 1),
            },
            '&' => entity(rest).unwrap_or(('&', 1)),
            c => (c, c.len_utf8()),
        };
        text.push(c);
        rest = rest.get(length..).unwrap_or_default();
    }
    text
}

/// The entities that models use; all others are shown as they were written.
fn entity(text: &str) -> Option<(char, usize)> {
    let inner = text.strip_prefix('&')?;
    let end = inner.bytes().take(10).position(|byte| byte == b';')?;
    let name = inner.get(..end)?;
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "copy" => '©',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?).filter(|c| *c != '\0')?
        }
    };
    Some((c, end + 2))
}

/// ASCII's, and the punctuation that is common outside it.
fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation()
        || matches!(c,
            '\u{a1}'..='\u{bf}' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{20a0}'..='\u{20bf}'
            | '\u{2190}'..='\u{2bff}' | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3020}' | '\u{ff01}'..='\u{ff0f}'
            | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}' | '\u{ff5b}'..='\u{ff65}')
}
