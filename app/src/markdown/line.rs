//! What a line begins: a fence, a heading, an item. Lines come without their line feed.

/// The mark of a list's item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marker<'a> {
    /// `-`, `*`, `+`, or what follows a number: `.` or `)`.
    pub(super) kind: char,
    /// The number, if it has one.
    pub(super) number: Option<u64>,
    /// The column of the mark.
    pub(super) column: usize,
    /// The column where the item's text begins.
    pub(super) offset: usize,
    /// The first line of the item.
    pub(super) content: &'a str,
}

/// An opened fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fence<'a> {
    mark: char,
    length: usize,
    /// How far it is indented: its code is, too.
    pub(super) column: usize,
    /// What stands after it: the language.
    pub(super) info: &'a str,
}

/// Whether there is nothing on a line.
pub(super) fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// The column of the first character that is no space. A tab goes to the next multiple of four.
pub(super) fn indent(line: &str) -> usize {
    let mut column = 0;
    for byte in line.bytes() {
        match byte {
            b' ' => column += 1,
            b'\t' => column += 4 - column % 4,
            _ => break,
        }
    }
    column
}

/// The line without up to this many columns of space.
pub(super) fn strip(line: &str, columns: usize) -> &str {
    let mut column = 0;
    let mut rest = line;
    while column < columns {
        match rest.as_bytes().first() {
            Some(b' ') => column += 1,
            Some(b'\t') => column += 4 - column % 4,
            _ => break,
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    rest
}

/// `#` to `######` and its text.
pub(super) fn heading(line: &str) -> Option<(u8, &str)> {
    let text = flush(line)?;
    let rest = text.trim_start_matches('#');
    let level = u8::try_from(text.len() - rest.len())
        .ok()
        .filter(|level| (1..=6).contains(level))?;
    if !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return None;
    }
    let rest = rest.trim();
    let bare = rest.trim_end_matches('#');
    let closed = bare.is_empty() || bare.ends_with([' ', '\t']);
    Some((level, if closed { bare.trim_end() } else { rest }))
}

/// `---`, `***` or `___`, with spaces or without.
pub(super) fn is_rule(line: &str) -> bool {
    let Some(text) = flush(line) else { return false };
    let Some(mark) = text.chars().next().filter(|mark| matches!(mark, '-' | '*' | '_')) else {
        return false;
    };
    let mut count = 0;
    for c in text.chars() {
        match c {
            c if c == mark => count += 1,
            ' ' | '\t' => {}
            _ => return false,
        }
    }
    count >= 3
}

/// A line below a paragraph that makes it a heading. Two marks would do by the book; but while an answer grows,
/// the first dash of a list is no heading.
pub(super) fn underline(line: &str) -> Option<u8> {
    let text = flush(line)?.trim_end();
    let all = |mark: char| text.len() >= 3 && text.chars().all(|c| c == mark);
    if all('=') { Some(1) } else { all('-').then_some(2) }
}

/// The start of a quotation, and what is quoted.
pub(super) fn quote(line: &str) -> Option<&str> {
    let rest = flush(line)?.strip_prefix('>')?;
    Some(rest.strip_prefix(' ').unwrap_or(rest))
}

/// The fence that a line opens.
pub(super) fn fence(line: &str) -> Option<Fence<'_>> {
    let text = flush(line)?;
    let mark = text.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let info = text.trim_start_matches(mark);
    let length = text.len() - info.len();
    let opens = length >= 3 && !(mark == '`' && info.contains('`'));
    opens.then(|| Fence {
        mark,
        length,
        column: indent(line),
        info: info.trim(),
    })
}

impl Fence<'_> {
    /// Whether a line closes this fence.
    pub(super) fn is_closed_by(&self, line: &str) -> bool {
        flush(line).is_some_and(|text| {
            let text = text.trim_end();
            text.len() >= self.length && text.chars().all(|c| c == self.mark)
        })
    }
}

/// `[^name]` at the start of a text: the name, and the length of it all.
pub(super) fn footnote(text: &str) -> Option<(&str, usize)> {
    let inner = text.strip_prefix("[^")?;
    let end = inner.bytes().take(40).position(|byte| byte == b']')?;
    let name = inner.get(..end)?;
    let plain = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    plain.then_some((name, end + 3))
}

/// `[^name]:` and what the footnote says on its first line.
pub(super) fn footnote_text(line: &str) -> Option<(&str, &str)> {
    let text = flush(line)?;
    let (name, length) = footnote(text)?;
    let said = text.get(length..)?.strip_prefix(':')?;
    Some((name, said.trim_start()))
}

/// Whether a formula of its own begins on a line.
pub(super) fn is_formula(line: &str) -> bool {
    flush(line).is_some_and(|text| text.starts_with("$$") || text.starts_with("\\["))
}

/// The item that a line begins.
pub(super) fn marker(line: &str) -> Option<Marker<'_>> {
    let column = indent(line);
    let text = line.trim_start();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(digits)?;
    let kind = rest.chars().next()?;
    let number = match kind {
        '-' | '*' | '+' if digits == 0 => None,
        '.' | ')' if (1..=9).contains(&digits) => Some(number.parse().ok()?),
        _ => return None,
    };
    let rest = rest.get(1..)?;
    if !(rest.is_empty() || rest.starts_with([' ', '\t'])) || is_rule(line) {
        return None;
    }
    let after = column + digits + 1;
    // More than four spaces are code in the item; none at all is an item without a first line.
    let gap = if is_blank(rest) {
        1
    } else {
        Some(indent(rest)).filter(|gap| *gap <= 4).unwrap_or(1)
    };
    Some(Marker {
        kind,
        number,
        column,
        offset: after + gap,
        content: strip(rest, gap),
    })
}

/// Whether a line ends the paragraph before it.
pub(super) fn interrupts(line: &str) -> bool {
    let item = |marker: Marker<'_>| {
        indent(line) < 4 && !is_blank(marker.content) && marker.number.is_none_or(|number| number == 1)
    };
    heading(line).is_some()
        || is_rule(line)
        || quote(line).is_some()
        || fence(line).is_some()
        || footnote_text(line).is_some()
        || is_formula(line)
        || marker(line).is_some_and(item)
}

/// The text of a line that is not indented as code is.
fn flush(line: &str) -> Option<&str> {
    (indent(line) < 4).then(|| line.trim_start())
}
