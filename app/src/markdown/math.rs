//! Formulas: `$…$`, `$$…$$`, `\(…\)` and `\[…\]`. Found here, drawn by the server; what it does not draw is shown as it
//! was written.

/// A formula longer than this is text: a search for its end must end.
const LONGEST: usize = 2_048;

/// What stands around a formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marks {
    /// `$…$`
    Dollar,
    /// `$$…$$`
    Dollars,
    /// `\(…\)`
    Round,
    /// `\[…\]`
    Square,
}

impl Marks {
    /// What it begins with.
    pub const fn open(self) -> &'static str {
        match self {
            Self::Dollar => "$",
            Self::Dollars => "$$",
            Self::Round => "\\(",
            Self::Square => "\\[",
        }
    }

    /// What it ends with.
    pub const fn close(self) -> &'static str {
        match self {
            Self::Dollar => "$",
            Self::Dollars => "$$",
            Self::Round => "\\)",
            Self::Square => "\\]",
        }
    }

    /// Whether the formula stands on its own, not in a line.
    pub const fn is_display(self) -> bool {
        matches!(self, Self::Dollars | Self::Square)
    }

    /// The marks that a text begins with.
    pub(super) fn at(text: &str) -> Option<Self> {
        // The longer one first.
        let all = [Self::Dollars, Self::Dollar, Self::Round, Self::Square];
        all.into_iter().find(|marks| text.starts_with(marks.open()))
    }
}

/// The formula at the beginning of a text, `before` which stands what: its marks and what is between them.
pub(super) fn formula(text: &str, before: Option<char>) -> Option<(Marks, &str)> {
    let marks = Marks::at(text)?;
    let inner = text.get(marks.open().len()..)?;
    let near = inner.get(..inner.floor_char_boundary(LONGEST))?;
    let tex = near.get(..near.find(marks.close())?)?;
    if tex.trim().is_empty() {
        return None;
    }
    if marks == Marks::Dollar {
        // Prices and variables of a shell are not: `$5 or $10`, `$HOME/$USER`.
        let behind = inner.get(tex.len() + 1..)?.chars().next();
        let glued = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '$');
        let spaced = tex.starts_with(char::is_whitespace) || tex.ends_with(char::is_whitespace);
        if spaced || glued(before) || glued(behind) || tex.ends_with('\\') {
            return None;
        }
    }
    Some((marks, tex))
}
