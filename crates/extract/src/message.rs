//! What parent and child say to each other: a line of JSON each, so that neither holds the whole twice.

use crate::{error::ExtractError, limits::Limits};
use rag::document::Block;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The first line of the child's standard input. The file's bytes follow when there is no path.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    /// What the file is called, for ties between kinds of text.
    pub(crate) name: String,
    /// Where it lies.
    pub(crate) path: Option<PathBuf>,
    pub(crate) limits: Limits,
}

/// How far the child is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Pages that were read.
    pub pages_done: u32,
    /// Pages that there are.
    pub pages: u32,
}

/// What is heard of a file while it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// What it is, by its content: one of [`Kind::media_type`](crate::Kind::media_type)'s words. Comes first, also of a
    /// file that cannot be read then.
    MediaType(&'static str),
    /// How far it is.
    Progress(Progress),
}

/// A line of the child's standard output. The last one is `Done` or `Failed`; without it the child has died.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line {
    MediaType(String),
    Progress(Progress),
    Block(Block),
    Done { pages: u32 },
    Failed(ExtractError),
}
