//! The lexer of languages that consist of words, texts, numbers and comments.

use super::{
    Runs,
    language::{Language, Quote},
};
use wire::drawn::Ink;

/// Words before the name of a function.
const MAKES: [&str; 7] = ["fn", "def", "defp", "func", "function", "fun", "sub"];

pub(super) fn scan(language: &Language, text: &str, runs: &mut Runs) {
    let mut scanner = Scanner {
        language,
        text,
        at: 0,
        names: false,
    };
    while scanner.at < text.len() {
        let start = scanner.at;
        let ink = scanner.next();
        // Whatever happens, it goes on.
        if scanner.at <= start {
            scanner.skip_char();
        }
        runs.add(ink, text.get(start..scanner.at).unwrap_or_default());
    }
}

struct Scanner<'a> {
    language: &'a Language,
    text: &'a str,
    at: usize,
    /// Whether the next word is the name of a function that is made.
    names: bool,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn before(&self) -> Option<char> {
        self.text.get(..self.at)?.chars().next_back()
    }

    fn skip_char(&mut self) {
        self.at += self.rest().chars().next().map_or(1, char::len_utf8);
    }

    fn skip_while(&mut self, wanted: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|c| !wanted(c)).unwrap_or(rest.len());
    }

    /// Goes behind the next one of these, or to the end.
    fn skip_behind(&mut self, end: &str) {
        let rest = self.rest();
        self.at += rest.find(end).map_or(rest.len(), |at| at + end.len());
    }

    fn skip_line(&mut self) {
        self.skip_while(|c| c != '\n');
    }

    fn starts_line(&self) -> bool {
        let before = self.text.get(..self.at).unwrap_or_default();
        let mut before = before.chars().rev();
        before
            .find(|c| *c == '\n' || !c.is_whitespace())
            .is_none_or(|c| c == '\n')
    }

    fn next(&mut self) -> Ink {
        let rest = self.rest();
        let Some(c) = rest.chars().next() else {
            return Ink::Plain;
        };
        if c.is_whitespace() {
            self.skip_while(char::is_whitespace);
            return Ink::Plain;
        }
        if let Some(ink) = self.comment(rest) {
            return ink;
        }
        if let Some(ink) = self.quoted(rest, c) {
            return ink;
        }
        if c.is_ascii_digit() {
            self.number();
            return Ink::Number;
        }
        if self.language.is_word_start(c) {
            return self.word();
        }
        if let Some(ink) = self.sign(rest, c) {
            return ink;
        }
        self.skip_char();
        Ink::Plain
    }

    fn comment(&mut self, rest: &str) -> Option<Ink> {
        if let Some((open, close)) = self
            .language
            .block
            .iter()
            .find(|(open, _)| rest.starts_with(open))
        {
            self.at += open.len();
            self.skip_behind(close);
            return Some(Ink::Comment);
        }
        let mark = self.language.line.iter().find(|mark| rest.starts_with(**mark))?;
        // `$#`, `a#b`: in a shell a comment begins a word.
        if *mark == "#"
            && self
                .before()
                .is_some_and(|c| !c.is_whitespace() && !";()[]{},".contains(c))
        {
            return None;
        }
        self.skip_line();
        Some(Ink::Comment)
    }

    fn quoted(&mut self, rest: &str, c: char) -> Option<Ink> {
        if self.language.lifetimes && c == '\'' && is_lifetime(rest) {
            self.at += 1;
            self.skip_while(is_word);
            return Some(Ink::Type);
        }
        let quote = self
            .language
            .quotes
            .iter()
            .find(|quote| rest.starts_with(quote.open))?;
        self.at += quote.open.len();
        self.to_the_end_of(quote);
        // A text before a colon is a key, where there are keys.
        let is_key = self.language.keys && self.rest().trim_start_matches([' ', '\t']).starts_with(':');
        Some(if is_key { Ink::Property } else { Ink::String })
    }

    fn to_the_end_of(&mut self, quote: &Quote) {
        loop {
            let rest = self.rest();
            if rest.starts_with(quote.close) {
                self.at += quote.close.len();
                return;
            }
            match rest.chars().next() {
                None => return,
                Some('\\') if quote.escapes => {
                    self.skip_char();
                    self.skip_char();
                    self.at = self.at.min(self.text.len());
                }
                // It was none: the line's end ends it.
                Some('\n') if !quote.lines => return,
                Some(_) => self.skip_char(),
            }
        }
    }

    fn number(&mut self) {
        let mut before = '0';
        while let Some(c) = self.rest().chars().next() {
            let follows = self.rest().chars().nth(1);
            let goes_on = c.is_ascii_alphanumeric()
                || c == '_'
                || (c == '.' && follows.is_some_and(|next| next.is_ascii_digit()))
                || (matches!(c, '+' | '-')
                    && matches!(before, 'e' | 'E')
                    && follows.is_some_and(|next| next.is_ascii_digit()));
            if !goes_on {
                return;
            }
            before = c;
            self.at += c.len_utf8();
        }
    }

    fn word(&mut self) -> Ink {
        let start = self.at;
        let language = self.language;
        self.skip_char();
        self.skip_while(|c| language.is_word(c));
        let word = self.text.get(start..self.at).unwrap_or_default();
        let rest = self.rest();
        let next = rest.trim_start_matches([' ', '\t']);
        // `r"…"`, `b"…"`, `f"…"`.
        if word.len() <= 2 && language.prefixes && rest.starts_with(['"', '\'']) {
            let c = rest.chars().next().unwrap_or('"');
            return self.quoted(rest, c).unwrap_or(Ink::Plain);
        }
        if std::mem::take(&mut self.names) {
            return Ink::Function;
        }
        let is_member = start
            .checked_sub(1)
            .is_some_and(|at| self.text.as_bytes().get(at) == Some(&b'.'));
        if language.keys && is_key(next, language.equals) && self.begins_a_key(start) {
            return Ink::Property;
        }
        if !is_member {
            if language.is_in(language.keywords, word) {
                self.names = MAKES.contains(&word) && next.starts_with(is_word);
                return Ink::Keyword;
            }
            if language.is_in(language.literals, word) {
                return Ink::Literal;
            }
            if language.is_in(language.types, word) {
                return Ink::Type;
            }
        }
        if language.calls && (rest.starts_with('(') || (language.bangs && is_macro(rest))) {
            return Ink::Function;
        }
        if language.capitals && word.starts_with(char::is_uppercase) {
            return Ink::Type;
        }
        Ink::Plain
    }

    /// Whether what begins here can be a key: the first thing on its line, or behind a bracket or a separator.
    fn begins_a_key(&self, start: usize) -> bool {
        let before = self.text.get(..start).unwrap_or_default();
        let before = before.trim_end_matches([' ', '\t', '-']);
        before.is_empty() || before.ends_with(['\n', '{', ',', ';', '(', '.'])
    }

    /// What begins with a sign: a variable, a decorator, a directive.
    fn sign(&mut self, rest: &str, c: char) -> Option<Ink> {
        let follows = rest.get(c.len_utf8()..)?.chars().next();
        let names = follows.is_some_and(|next| is_word(next) || next == '{');
        if self.language.variables.contains(c) && names {
            self.at += c.len_utf8();
            if follows == Some('{') {
                self.at += find_near(self.rest(), '}').map_or(1, |end| end + 1);
            } else {
                self.skip_while(is_word);
            }
            return Some(Ink::Property);
        }
        if c == '@' && self.language.decorators && names {
            self.at += 1;
            self.skip_while(|c| is_word(c) || c == '.');
            return Some(Ink::Meta);
        }
        if c == '#' && self.language.attributes && matches!(follows, Some('[' | '!')) {
            self.at += find_near(rest, ']').map_or(1, |end| end + 1);
            return Some(Ink::Meta);
        }
        if c == '#' && self.language.directives && self.starts_line() {
            self.at += 1;
            self.skip_while(|c| c == ' ');
            self.skip_while(is_word);
            return Some(Ink::Meta);
        }
        if c == '[' && self.language.sections && self.starts_line() {
            self.skip_line();
            return Some(Ink::Type);
        }
        None
    }
}

pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where a character is on this line, if it is not far: a search for its end must end.
fn find_near(text: &str, wanted: char) -> Option<usize> {
    let mut near = text.char_indices().take(400).take_while(|(_, c)| *c != '\n');
    near.find(|(_, c)| *c == wanted).map(|(at, _)| at)
}

/// `'a` and `'static`, but not `'a'`.
fn is_lifetime(rest: &str) -> bool {
    let mut chars = rest.chars().skip(1);
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_') && chars.next() != Some('\'')
}

fn is_key(next: &str, equals: bool) -> bool {
    let colon = next.starts_with(':') && !next.starts_with("::");
    colon || (equals && next.starts_with('=') && !next.starts_with("=="))
}

/// `println!(`, but not `a != b`.
fn is_macro(rest: &str) -> bool {
    rest.starts_with('!') && !rest.starts_with("!=")
}
