//! Markdown as typed nodes. A model's output is hostile: there is no path from its text to HTML, to an address
//! that is not `http`, `https` or `mailto`, or to a picture from elsewhere.
//!
//! Start at [`blocks`], which cuts a growing answer so that only its end is parsed again; [`parse`] makes nodes
//! of a piece; `crate::component::markdown` draws them.

mod cut;
mod link;
mod node;
mod parse;

pub use cut::{Block, blocks};
pub use link::{Target, target};
pub use node::{Inline, Node};
pub use parse::parse;
