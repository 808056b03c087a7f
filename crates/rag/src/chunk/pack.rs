//! Puts pieces together to chunks: whole paragraphs while they fit, the sentences of a long one in even parts, a heading
//! with what follows it.

use std::ops::Range;

use super::{ChunkOptions, piece::Piece};

/// Ranges of pieces, in order; each piece is in one, and in a second by overlap only.
pub(super) fn pack(pieces: &[Piece], options: &ChunkOptions) -> Vec<Range<usize>> {
    let mut packer = Packer {
        pieces,
        options,
        chunks: Vec::new(),
        open: 0..0,
        tokens: 0,
    };
    let mut start = 0;
    while let Some(first) = pieces.get(start) {
        let more = pieces
            .iter()
            .skip(start)
            .take_while(|piece| piece.block == first.block)
            .count();
        let end = start.saturating_add(more.max(1));
        packer.block(start..end);
        start = end;
    }
    packer.close();
    packer.chunks
}

struct Packer<'a> {
    pieces: &'a [Piece],
    options: &'a ChunkOptions,
    chunks: Vec<Range<usize>>,
    /// The chunk that grows.
    open: Range<usize>,
    tokens: u32,
}

impl Packer<'_> {
    /// Takes a block's pieces in.
    fn block(&mut self, range: Range<usize>) {
        let pieces = self.pieces.get(range.clone()).unwrap_or_default();
        let Some(first) = pieces.first() else { return };
        let total = pieces
            .iter()
            .fold(0_u32, |sum, piece| sum.saturating_add(piece.tokens));
        let target = self.options.target.max(1);
        if first.heading {
            // A section begins: small sections may share a chunk, a heading never ends one.
            if !self.only_headings() && self.tokens >= target / 3 || !self.fits(total) {
                self.close();
            }
        } else if !(self.only_headings() || first.joins && self.last_joins() && self.fits(total)) {
            self.close();
        }
        // What is longer than a chunk is divided evenly: no crumbs at its end.
        let parts = total.div_ceil(target).max(1);
        let share = if total <= target {
            target
        } else {
            total.div_ceil(parts)
        };
        let mut begun = 0_u32;
        for (place, piece) in range.zip(pieces) {
            let full = begun > 0 && begun.saturating_add(piece.tokens / 2) > share;
            let over = self.tokens.saturating_add(piece.tokens)
                > self.options.max.saturating_sub(self.options.context / 2);
            if full || (over && !self.open.is_empty()) {
                let overlap = self.overlap(place);
                self.close();
                self.reopen(overlap..place);
                begun = 0;
            }
            if self.open.is_empty() {
                self.open = place..place;
            }
            self.open.end = place.saturating_add(1);
            self.tokens = self.tokens.saturating_add(piece.tokens);
            begun = begun.saturating_add(piece.tokens);
        }
    }

    fn fits(&self, tokens: u32) -> bool {
        self.tokens.saturating_add(tokens) <= self.options.target
    }

    fn only_headings(&self) -> bool {
        !self.open.is_empty()
            && self
                .pieces
                .get(self.open.clone())
                .unwrap_or_default()
                .iter()
                .all(|piece| piece.heading)
    }

    fn last_joins(&self) -> bool {
        self.open
            .end
            .checked_sub(1)
            .and_then(|last| self.pieces.get(last))
            .is_some_and(|piece| piece.joins)
    }

    /// The first piece that the chunk beginning at `place` repeats.
    fn overlap(&self, place: usize) -> usize {
        let mut left = self.options.overlap;
        let mut start = place;
        // Not all of the chunk before: that would be the same chunk, longer.
        while start > self.open.start.saturating_add(1) {
            let (Some(before), Some(this)) =
                (self.pieces.get(start.saturating_sub(1)), self.pieces.get(start))
            else {
                break;
            };
            if !this.runs_on || before.tokens > left {
                break;
            }
            left = left.saturating_sub(before.tokens);
            start = start.saturating_sub(1);
        }
        start
    }

    fn reopen(&mut self, range: Range<usize>) {
        let pieces = self.pieces.get(range.clone()).unwrap_or_default();
        self.tokens = pieces
            .iter()
            .fold(0, |sum, piece| sum.saturating_add(piece.tokens));
        self.open = range;
    }

    fn close(&mut self) {
        let open = std::mem::replace(&mut self.open, 0..0);
        self.tokens = 0;
        if !open.is_empty() {
            self.chunks.push(open);
        }
    }
}
