//! Glyphs that stand together: where a word ends, and which two glyphs are one letter.

use super::font::Look;
use unicode_normalization::char::compose;

/// Text that was drawn in one go: glyphs on one line that touch, but for spaces between words.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) text: String,
    /// Where it begins and ends along its direction, in points.
    pub(super) start: f64,
    pub(super) end: f64,
    /// Its baseline, from the top, across its direction.
    pub(super) base: f64,
    /// The size of its letters, in points.
    pub(super) size: f64,
    /// Its direction, in degrees; 0 is from left to right.
    pub(super) angle: i32,
    pub(super) look: Look,
    /// The number of the marked content that it is a part of.
    pub(super) mark: Option<i32>,
    /// Where its last glyph began: the same again on the same spot is a way to print bold.
    pub(super) last: f64,
}

/// A gap of more than this part of the letters' size is a space between words.
pub(super) const SPACE: f64 = 0.16;
/// A gap of more than this part is one between columns or cells.
pub(super) const GAP: f64 = 1.1;
/// A letter begins so near to where its accent began.
const ACCENT: f64 = 0.35;

impl Piece {
    /// Does the next glyph belong to the same piece?
    pub(super) fn touches(&self, next: &Self) -> bool {
        let size = self.size.max(next.size);
        let gap = next.start - self.end;
        let alike =
            self.angle == next.angle && self.look == next.look && (self.size - next.size).abs() < 0.05 * size;
        alike
            && self.mark == next.mark
            && (self.base - next.base).abs() < 0.1 * size
            && (-0.75 * size..GAP * size).contains(&gap)
    }

    pub(super) fn take(&mut self, next: &Self) {
        if next.text.is_empty() {
            self.end = self.end.max(next.end);
            return;
        }
        if self.text.ends_with(next.text.as_str())
            && !next.text.trim().is_empty()
            && (next.start - self.last).abs() < 0.1 * self.size
        {
            return;
        }
        if (next.start - self.last).abs() < ACCENT * self.size && self.take_accented(&next.text) {
            self.end = self.end.max(next.end);
            return;
        }
        let gap = next.start - self.end;
        if gap > SPACE * self.size && !self.text.ends_with(' ') && !next.text.starts_with(' ') {
            self.text.push(' ');
        }
        self.text.push_str(&next.text);
        self.last = next.start;
        self.end = self.end.max(next.end);
    }

    /// An accent that was drawn before its letter becomes one with it, as TeX draws them.
    fn take_accented(&mut self, letter: &str) -> bool {
        let mut letters = letter.chars();
        let (Some(accent), Some(first)) = (self.text.chars().next_back(), letters.next()) else {
            return false;
        };
        let combining = match accent {
            '`' => '\u{300}',
            '´' => '\u{301}',
            'ˆ' => '\u{302}',
            '˜' => '\u{303}',
            '¯' => '\u{304}',
            '˘' => '\u{306}',
            '˙' => '\u{307}',
            '¨' => '\u{308}',
            '˚' => '\u{30a}',
            '˝' => '\u{30b}',
            'ˇ' => '\u{30c}',
            '¸' => '\u{327}',
            '˛' => '\u{328}',
            _ => return false,
        };
        // The i under an accent has no point of its own.
        let base = if first == 'ı' { 'i' } else { first };
        let Some(whole) = compose(base, combining) else {
            return false;
        };
        self.text.pop();
        self.text.push(whole);
        self.text.push_str(letters.as_str());
        true
    }
}
