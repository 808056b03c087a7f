//! Cuts an answer into blocks at blank lines, so that while it grows only the last block changes.
//!
//! A cut never falls inside a fence, a list or an indented passage. What it costs: a link defined by reference
//! is known in its own block only.

/// A piece of an answer that is parsed alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Block {
    /// Its number in the answer.
    pub index: usize,
    /// Its source.
    pub source: String,
}

/// The blocks of an answer. Text appended later changes the last one or adds more.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut cutter = Cutter::default();
    for line in text.split_inclusive('\n') {
        cutter.line(line);
    }
    cutter.finish()
}

#[derive(Default)]
struct Cutter {
    done: Vec<String>,
    current: String,
    /// The fence that is open: its character and its length.
    fence: Option<(char, usize)>,
    blank_before: bool,
    in_list: bool,
}

impl Cutter {
    fn line(&mut self, line: &str) {
        let bare = line.trim_end();
        if let Some(open) = self.fence {
            self.current.push_str(line);
            if closes(bare, open) {
                self.fence = None;
            }
            return;
        }
        if bare.is_empty() {
            if !self.current.is_empty() {
                self.current.push_str(line);
                self.blank_before = true;
            }
            return;
        }
        let listed = is_list_item(bare);
        let indented = bare.starts_with([' ', '\t']);
        if self.blank_before && !indented && !(self.in_list && listed) {
            self.cut();
        }
        if self.current.is_empty() {
            self.in_list = listed;
        }
        self.blank_before = false;
        self.fence = opens(bare);
        self.current.push_str(line);
    }

    fn cut(&mut self) {
        self.done.push(std::mem::take(&mut self.current));
    }

    fn finish(mut self) -> Vec<Block> {
        if !self.current.is_empty() {
            self.cut();
        }
        self.done
            .into_iter()
            .enumerate()
            .map(|(index, source)| Block { index, source })
            .collect()
    }
}

fn opens(line: &str) -> Option<(char, usize)> {
    let line = line.trim_start();
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.chars().take_while(|c| *c == mark).count();
    let info = line.get(length..).unwrap_or_default();
    (length >= 3 && !(mark == '`' && info.contains('`'))).then_some((mark, length))
}

fn closes(line: &str, (mark, length): (char, usize)) -> bool {
    let line = line.trim_start();
    line.chars().count() >= length && line.chars().all(|c| c == mark)
}

fn is_list_item(line: &str) -> bool {
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    let rest = line.get(digits..).unwrap_or_default();
    let mut chars = rest.chars();
    let marker = match chars.next() {
        Some('-' | '*' | '+') => digits == 0,
        Some('.' | ')') => (1..=9).contains(&digits),
        _ => false,
    };
    marker && matches!(chars.next(), None | Some(' ' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(text: &str) -> Vec<String> {
        blocks(text).into_iter().map(|block| block.source).collect()
    }

    #[test]
    fn paragraphs_are_cut_at_blank_lines() {
        assert_eq!(
            sources("one\nstill one\n\ntwo\n\n\nthree"),
            ["one\nstill one\n\n", "two\n\n\n", "three"]
        );
    }

    #[test]
    fn a_fence_is_never_cut_however_many_blank_lines_it_has() {
        assert_eq!(
            sources("```rust\na\n\nb\n```\n\nafter"),
            ["```rust\na\n\nb\n```\n\n", "after"]
        );
        assert_eq!(
            sources("~~~~\n```\n\n~~~\n\nx"),
            ["~~~~\n```\n\n~~~\n\nx"],
            "still open"
        );
    }

    #[test]
    fn a_list_with_gaps_is_one_list() {
        let list = "1. one\n\n   more of one\n\n2. two\n\n";
        assert_eq!(sources(&format!("{list}after")), [list, "after"]);
    }

    #[test]
    fn only_the_last_block_changes_while_an_answer_grows() {
        let whole = "# Title\n\nText with `code`.\n\n- a\n- b\n\n```\nx\n\ny\n```\n\nThe end.\n";
        let mut before = Vec::new();
        for (end, _) in whole.char_indices().skip(1) {
            let now = blocks(&whole[..end]);
            let settled = before.len().saturating_sub(1);
            assert_eq!(now[..settled.min(now.len())], before[..settled], "at {end}");
            before = now;
        }
    }

    #[test]
    fn nothing_is_lost_but_leading_blank_lines() {
        let text = "\n\na\n\n    code\n\n* x\r\n\r\n> q\n";
        assert_eq!(sources(text).concat(), text.trim_start());
    }
}
