//! Lines to blocks.

use super::{
    DEPTH, Inline, Marks, Node, inline,
    line::{self, Marker},
    table,
};

/// A formula of more lines is text: a search for its end must end.
const FORMULA_LINES: usize = 100;

/// The nodes of a piece of Markdown.
pub fn parse(source: &str) -> Vec<Node> {
    let lines: Vec<&str> = source.lines().collect();
    nodes(&lines, 0)
}

fn nodes(lines: &[&str], depth: usize) -> Vec<Node> {
    if depth >= DEPTH {
        return vec![Node::Paragraph(vec![Inline::Text(lines.join("\n"))])];
    }
    let mut reader = Reader { lines, at: 0, depth };
    let mut nodes = Vec::new();
    while let Some(line) = reader.peek() {
        if line::is_blank(line) {
            reader.at += 1;
        } else {
            nodes.push(reader.node(line));
        }
    }
    nodes
}

struct Reader<'a> {
    lines: &'a [&'a str],
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.lines.get(self.at).copied()
    }

    /// The next line, if it is one of those wanted.
    fn next_if(&mut self, wanted: impl FnOnce(&'a str) -> bool) -> Option<&'a str> {
        let line = self.peek().filter(|line| wanted(line))?;
        self.at += 1;
        Some(line)
    }

    fn node(&mut self, line: &'a str) -> Node {
        if line::indent(line) >= 4 {
            return self.indented_code();
        }
        if let Some(fence) = line::fence(line) {
            return self.fenced_code(fence);
        }
        if let Some((level, text)) = line::heading(line) {
            self.at += 1;
            return Node::Heading(level, inline::parse(text));
        }
        if line::is_rule(line) {
            self.at += 1;
            return Node::Rule;
        }
        if line::quote(line).is_some() {
            return self.quote();
        }
        if let Some(marker) = line::marker(line) {
            return self.list(marker);
        }
        if let Some((name, said)) = line::footnote_text(line) {
            return self.footnote(name, said);
        }
        let special = self.formula(line).or_else(|| self.table(line));
        special.unwrap_or_else(|| self.paragraph())
    }

    /// A footnote's first line, and those that are indented below it.
    fn footnote(&mut self, name: &str, said: &'a str) -> Node {
        self.at += 1;
        let mut lines = vec![said];
        while let Some(line) = self.peek() {
            let goes_on = continues(line) && lines.last().is_some_and(|last| !line::is_blank(last));
            let inside = !line::is_blank(line) && line::indent(line) >= 2;
            let gap = line::is_blank(line) && self.after_blank().is_some_and(|line| line::indent(line) >= 2);
            if !(goes_on || inside || gap) {
                break;
            }
            lines.push(line::strip(line, 4));
            self.at += 1;
        }
        Node::Footnote(name.to_owned(), nodes(&lines, self.depth + 1))
    }

    /// `$$ … $$` or `\[ … \]` over one line or several, and nothing else on them.
    fn formula(&mut self, line: &str) -> Option<Node> {
        let marks = Marks::at(line.trim_start()).filter(|marks| marks.is_display())?;
        let mut tex = String::new();
        for (number, line) in self.lines.get(self.at..)?.iter().take(FORMULA_LINES).enumerate() {
            if line::is_blank(line) {
                return None;
            }
            let line = line.trim();
            let line = if number == 0 {
                line.strip_prefix(marks.open())?
            } else {
                line
            };
            let end = line.strip_suffix(marks.close());
            tex.push_str(end.unwrap_or(line));
            if end.is_some() {
                let whole = !tex.trim().is_empty() && !tex.contains(marks.close());
                return whole.then(|| {
                    self.at += number + 1;
                    Node::Paragraph(vec![Inline::Formula(marks, tex)])
                });
            }
            tex.push('\n');
        }
        None
    }

    fn indented_code(&mut self) -> Node {
        let mut code = Vec::new();
        while let Some(line) = self.next_if(|line| line::is_blank(line) || line::indent(line) >= 4) {
            code.push(line::strip(line, 4));
        }
        while code.pop_if(|line| line::is_blank(line)).is_some() {}
        Node::Code(String::new(), text_of(&code))
    }

    fn fenced_code(&mut self, fence: line::Fence<'a>) -> Node {
        self.at += 1;
        let mut code = Vec::new();
        while let Some(line) = self.next_if(|line| !fence.is_closed_by(line)) {
            code.push(line::strip(line, fence.column));
        }
        self.at += 1;
        let language = fence.info.split([' ', ',', '{']).next().unwrap_or_default();
        Node::Code(language.to_owned(), text_of(&code))
    }

    fn quote(&mut self) -> Node {
        let mut inner: Vec<&str> = Vec::new();
        while let Some(line) = self.peek() {
            let lazy = inner.last().is_some_and(|last| !line::is_blank(last)) && is_lazy(line);
            match line::quote(line) {
                Some(rest) => inner.push(rest),
                None if lazy => inner.push(line.trim_start()),
                None => break,
            }
            self.at += 1;
        }
        Node::Quote(nodes(&inner, self.depth + 1))
    }

    fn list(&mut self, first: Marker<'a>) -> Node {
        let mut items = Vec::new();
        let mut next = Some(first);
        while let Some(marker) = next {
            let lines = self.item(marker);
            items.push(item(&lines, self.depth + 1));
            next = self.following_item(first);
        }
        Node::List(first.number, items)
    }

    /// The lines of one item, without its mark and its indent.
    fn item(&mut self, marker: Marker<'a>) -> Vec<&'a str> {
        self.at += 1;
        let mut lines = vec![marker.content];
        while let Some(line) = self.peek() {
            if line::is_blank(line) {
                // Blank lines belong to the item when something of it follows.
                let follows = self
                    .after_blank()
                    .is_some_and(|line| line::indent(line) >= marker.offset);
                if !follows {
                    break;
                }
                lines.push("");
            } else if line::indent(line) >= marker.offset {
                lines.push(line::strip(line, marker.offset));
            } else if line::indent(line) >= marker.column + 2 && line::marker(line).is_some() {
                // Models indent inner lists by two, whatever the outer mark's width is.
                lines.push(line.trim_start());
            } else if lines.last().is_some_and(|last| !line::is_blank(last)) && is_lazy(line) {
                lines.push(line.trim_start());
            } else {
                break;
            }
            self.at += 1;
        }
        lines
    }

    /// The next item of the same list, after blank lines or without.
    fn following_item(&mut self, first: Marker<'a>) -> Option<Marker<'a>> {
        let line = self.after_blank()?;
        let marker = line::marker(line).filter(|marker| marker.kind == first.kind && marker.column < 4)?;
        while self.next_if(line::is_blank).is_some() {}
        Some(marker)
    }

    /// The next line that is not blank.
    fn after_blank(&self) -> Option<&'a str> {
        self.lines
            .get(self.at..)?
            .iter()
            .find(|line| !line::is_blank(line))
            .copied()
    }

    fn table(&mut self, head: &'a str) -> Option<Node> {
        let width = table::width(head, self.lines.get(self.at + 1).copied()?)?;
        self.at += 2;
        let mut rows = Vec::new();
        while let Some(line) = self.next_if(|line| !line::is_blank(line) && !line::interrupts(line)) {
            rows.push(table::row(line, width));
        }
        Some(Node::Table(table::row(head, width), rows))
    }

    fn paragraph(&mut self) -> Node {
        let mut lines = Vec::new();
        while let Some(line) = self.peek() {
            if !lines.is_empty() {
                if let Some(level) = line::underline(line) {
                    self.at += 1;
                    return Node::Heading(level, inline::parse(&lines.join("\n")));
                }
                if !continues(line) {
                    break;
                }
            }
            lines.push(line.trim_start());
            self.at += 1;
        }
        Node::Paragraph(inline::parse(lines.join("\n").trim_end()))
    }
}

/// Whether a line goes on with the paragraph before it.
fn continues(line: &str) -> bool {
    !line::is_blank(line) && !line::interrupts(line)
}

/// Whether a line without a container's mark goes on with the paragraph in it.
fn is_lazy(line: &str) -> bool {
    continues(line) && line::marker(line).is_none()
}

fn text_of(code: &[&str]) -> String {
    code.iter().flat_map(|line| [line, "\n"]).collect()
}

fn item(lines: &[&str], depth: usize) -> Vec<Node> {
    let Some((first, rest)) = lines.split_first() else {
        return Vec::new();
    };
    let task = [("[ ] ", false), ("[x] ", true), ("[X] ", true)]
        .into_iter()
        .find_map(|(mark, done)| Some((first.strip_prefix(mark)?, done)));
    let Some((first, done)) = task else {
        return nodes(lines, depth);
    };
    let lines: Vec<&str> = [first].into_iter().chain(rest.iter().copied()).collect();
    let mut nodes = nodes(&lines, depth);
    if let Some(Node::Paragraph(line)) = nodes.first_mut() {
        line.insert(0, Inline::Task(done));
    }
    nodes
}
