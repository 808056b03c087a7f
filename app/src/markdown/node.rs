//! What an answer can consist of, and nothing else.

use super::{Marks, Target};

/// A block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A heading, 1 to 6.
    Heading(u8, Vec<Inline>),
    /// Code, with its language if it was named.
    Code(String, String),
    /// A quotation.
    Quote(Vec<Node>),
    /// A list; with its first number when it is numbered.
    List(Option<u64>, Vec<Vec<Node>>),
    /// Header cells and rows of cells.
    Table(Vec<Vec<Inline>>, Vec<Vec<Vec<Inline>>>),
    /// A thematic break.
    Rule,
    /// What a footnote says, by its name.
    Footnote(String, Vec<Node>),
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// Plain text; HTML in an answer ends here too.
    Text(String),
    /// `Code`.
    Code(String),
    /// Emphasis.
    Emphasis(Vec<Inline>),
    /// Strong emphasis.
    Strong(Vec<Inline>),
    /// Struck out.
    Struck(Vec<Inline>),
    /// A link that may be followed.
    Link(Target, Vec<Inline>),
    /// A formula: what stands around it, and its TeX.
    Formula(Marks, String),
    /// A footnote's mark, with its name.
    Footnote(String),
    /// A line break that was meant.
    Break,
    /// The mark of a source, by its number. Made by [`super::cite`].
    Source(u32),
    /// A task's box, and whether it is ticked.
    Task(bool),
}
