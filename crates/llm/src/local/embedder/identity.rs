//! What stands for a model file: its name, and a sum of what is in it.
//!
//! Must not know: llama.cpp.

use super::LocalEmbedderConfig;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// The file is looked at in so many places, from its first byte to its last: enough to tell any two models apart (to
/// train one anew changes all of its numbers), and a few milliseconds even for a file of gigabytes.
const PLACES: u64 = 64;
/// Bytes that are read at each.
const PLACE: u64 = 16 * 1024;
/// Of the sum, what is shown.
const SHOWN_BYTES: usize = 6;

/// `all-MiniLM-L6-v2.F16@3a7bd3e2360a`; what is put before passages changes their vectors, and stands behind.
pub(super) fn of(config: &LocalEmbedderConfig) -> String {
    let name = config.path.file_stem().unwrap_or_default().to_string_lossy();
    // A file that cannot be read embeds nothing, whatever its id.
    let mut id = match sum(&config.path) {
        Ok(sum) => format!("{name}@{sum}"),
        Err(_) => name.into_owned(),
    };
    if !config.passage_prefix.is_empty() {
        // Writing into a String cannot fail.
        let _ = write!(id, "+{:?}", config.passage_prefix);
    }
    id
}

fn sum(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut sum = Sha256::new();
    sum.update(length.to_le_bytes());
    let last = length.saturating_sub(PLACE);
    for place in 0..PLACES {
        let at = (last / (PLACES - 1)).saturating_mul(place);
        file.seek(SeekFrom::Start(if place == PLACES - 1 { last } else { at }))?;
        let mut read = Vec::new();
        (&file).take(PLACE).read_to_end(&mut read)?;
        sum.update(&read);
    }
    let shown = sum.finalize();
    Ok(shown
        .iter()
        .take(SHOWN_BYTES)
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// A file of these bytes, in a folder of its own, and its id.
    fn id(bytes: &[u8], passage_prefix: &str) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("llm-identity-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("m.F16.gguf");
        std::fs::write(&path, bytes).unwrap();
        let mut config = LocalEmbedderConfig::new(&path);
        config.passage_prefix = passage_prefix.to_owned();
        let id = of(&config);
        std::fs::remove_dir_all(&folder).unwrap();
        id
    }

    #[test]
    fn the_same_file_has_the_same_id_wherever_it_lies() {
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[1]).collect();
        assert_eq!(id(&bytes, ""), id(&bytes, ""));
        assert!(id(&bytes, "").starts_with("m.F16@"), "{}", id(&bytes, ""));
    }

    #[test]
    fn another_beginning_middle_end_length_or_prefix_is_another_id() {
        let bytes = vec![7; 1_000_000];
        let changed = |at: usize| {
            let mut bytes = bytes.clone();
            bytes[at] = 8;
            id(&bytes, "")
        };
        let ids = [
            id(&bytes, ""),
            changed(0),
            changed(500_000),
            changed(999_999),
            id(&bytes[1..], ""),
            id(&bytes, "passage: "),
            id(&[], ""),
        ];
        let different: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(different.len(), ids.len(), "{ids:?}");
    }

    #[test]
    fn a_file_that_is_not_there_has_its_name() {
        assert_eq!(of(&LocalEmbedderConfig::new("/no/such.gguf")), "such");
    }
}
