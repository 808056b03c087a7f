//! How much a file may cost.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How much a file may cost. The defaults fit a book of a thousand pages and hurt nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of the file itself.
    pub file_bytes: u64,
    /// Memory of the process, in bytes (`RLIMIT_DATA`): its heap, its stacks, the file.
    pub memory_bytes: u64,
    /// Processor time, in seconds (`RLIMIT_CPU`).
    pub cpu_seconds: u64,
    /// Time on the clock; the process is killed then.
    pub wall: Duration,
    /// Pages of a PDF, slides of a presentation.
    pub pages: u32,
    /// UTF-8 bytes of text that come out; each block counts for a few more than it has.
    pub text_bytes: u64,
    /// Bytes that all members of a container may have together after unpacking.
    pub expanded_bytes: u64,
    /// How many times its packed size one member of a container may have, beyond its first 8 MiB.
    pub expansion_ratio: u64,
    /// Members of a container.
    pub entries: u64,
    /// Elements of XML within one another.
    pub nesting: usize,
    /// Stack of the thread that parses, in bytes.
    pub stack_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 64 << 20,
            memory_bytes: 768 << 20,
            cpu_seconds: 60,
            wall: Duration::from_secs(120),
            pages: 5_000,
            text_bytes: 10 << 20,
            expanded_bytes: 128 << 20,
            expansion_ratio: 100,
            entries: 10_000,
            nesting: 256,
            stack_bytes: 16 << 20,
        }
    }
}
