//! Markdown as typed nodes. A model's output is hostile: there is no path from its text to HTML, to an address
//! that is not `http`, `https` or `mailto`, or to a picture from elsewhere.
//!
//! A parser of our own, since the wasm is paid by the byte and CommonMark's table of 2,125 entities alone costs
//! more than all of this. It reads what models write: CommonMark without reference links and raw HTML, with
//! GitHub's tables, tasks, strikethrough, footnotes and bare addresses, and with formulas. Its time is linear in the text, its nesting bounded.
//!
//! Start at [`blocks`], which cuts a growing answer so that only its end is parsed again; [`parse`] makes nodes
//! of a piece; `crate::component::markdown` draws them.

mod block;
mod cite;
mod cut;
mod emphasis;
mod inline;
mod line;
mod link;
mod math;
mod node;
mod table;
#[cfg(test)]
mod tests;

pub use block::parse;
pub use cite::cite;
pub use cut::{Block, blocks};
pub use link::{Target, target};
pub use math::Marks;
pub use node::{Inline, Node};

/// Deeper than this, structure becomes plain text: no reader has a use for 10,000 quotes in one another.
const DEPTH: usize = 24;
