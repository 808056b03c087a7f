//! `*`, `_` and `~` in pairs: CommonMark's delimiter runs.

use super::{DEPTH, Inline};

/// A piece of a line on the way to nodes.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    /// Done, with how deep it nests.
    Done(Inline, usize),
    /// Marks that may open or close.
    Run(Run),
}

/// Some of the same mark in a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub(super) mark: char,
    pub(super) count: usize,
    pub(super) opens: bool,
    pub(super) closes: bool,
}

impl Piece {
    /// Text that is only text.
    pub(super) fn text(text: &str) -> Self {
        Self::Done(Inline::Text(text.to_owned()), 0)
    }
}

/// How many openers are looked at for one closer: by the rule of three the nearest may not fit.
const LOOKED_AT: usize = 8;

/// Pairs the runs. Returns the nodes and how deep they nest.
pub(super) fn resolve(pieces: Vec<Piece>) -> (Vec<Inline>, usize) {
    let mut resolver = Resolver::default();
    for piece in pieces {
        match piece {
            Piece::Done(..) => resolver.out.push(piece),
            Piece::Run(run) => resolver.run(run),
        }
    }
    flatten(resolver.out)
}

#[derive(Default)]
struct Resolver {
    out: Vec<Piece>,
    /// Where in `out` there are runs that may open, in order.
    openers: Vec<usize>,
}

impl Resolver {
    fn run(&mut self, mut run: Run) {
        while run.closes && run.count > 0 {
            let Some((place, at)) = self.opener_for(run) else {
                break;
            };
            let Some(Piece::Run(opener)) = self.out.get(at).cloned() else {
                break;
            };
            let taken = match run.mark {
                '~' => run.count,
                _ => opener.count.min(run.count).min(2),
            };
            let (inner, depth) = flatten(self.out.split_off(at + 1));
            self.openers.truncate(place);
            self.out.pop();
            if opener.count > taken {
                self.openers.push(self.out.len());
                self.out.push(Piece::Run(Run {
                    count: opener.count - taken,
                    ..opener
                }));
            }
            self.wrap(run.mark, taken, inner, depth);
            run.count -= taken;
        }
        if run.count > 0 {
            if run.opens {
                self.openers.push(self.out.len());
            }
            self.out.push(Piece::Run(run));
        }
    }

    fn wrap(&mut self, mark: char, taken: usize, inner: Vec<Inline>, depth: usize) {
        if depth >= DEPTH {
            // Too deep to matter: what is in it stays, as it is.
            self.out
                .extend(inner.into_iter().map(|inline| Piece::Done(inline, depth)));
            return;
        }
        let node = match (mark, taken) {
            ('~', _) => Inline::Struck(inner),
            (_, 2) => Inline::Strong(inner),
            _ => Inline::Emphasis(inner),
        };
        self.out.push(Piece::Done(node, depth + 1));
    }

    /// The nearest run that this one closes: its place among the openers, and in `out`.
    fn opener_for(&self, closer: Run) -> Option<(usize, usize)> {
        let nearest = self.openers.iter().enumerate().rev().take(LOOKED_AT);
        nearest
            .map(|(place, at)| (place, *at))
            .find(|(_, at)| match self.out.get(*at) {
                Some(Piece::Run(opener)) => fits(opener, &closer),
                _ => false,
            })
    }
}

fn fits(opener: &Run, closer: &Run) -> bool {
    if opener.mark != closer.mark {
        return false;
    }
    if opener.mark == '~' {
        return opener.count == closer.count;
    }
    // "If one of the delimiters can both open and close, the sum of the lengths must not be a multiple of 3
    // unless both lengths are."
    let both = opener.closes || closer.opens;
    let threes = |count: usize| count.is_multiple_of(3);
    !both || !threes(opener.count + closer.count) || (threes(opener.count) && threes(closer.count))
}

/// Runs that found no partner are text; text beside text is one text.
fn flatten(pieces: Vec<Piece>) -> (Vec<Inline>, usize) {
    let mut inlines: Vec<Inline> = Vec::new();
    let mut deepest = 0;
    for piece in pieces {
        let inline = match piece {
            Piece::Done(inline, depth) => {
                deepest = deepest.max(depth);
                inline
            }
            Piece::Run(run) => Inline::Text(run.mark.to_string().repeat(run.count)),
        };
        match (inlines.last_mut(), inline) {
            (Some(Inline::Text(before)), Inline::Text(text)) => before.push_str(&text),
            (_, inline) => inlines.push(inline),
        }
    }
    (inlines, deepest)
}
