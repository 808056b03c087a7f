//! A zip container that cannot grow beyond its limits: entries, bytes of all, and how often a member's packed size.

use crate::{error::ExtractError, limits::Limits};
use rawzip::{CompressionMethod, ZipArchive, ZipArchiveEntryWayfinder, ZipSliceArchive};
use std::{
    cell::Cell,
    collections::HashMap,
    io::{ErrorKind, Read},
};

/// Below this a member may have any ratio: a small sheet of zeros is no bomb.
const RATIO_BEGINS: u64 = 8 << 20;

/// A container and its members by name.
pub(crate) struct Archive<'a> {
    zip: ZipSliceArchive<&'a [u8]>,
    members: HashMap<String, Member>,
    /// Bytes that may still be unpacked.
    left: Cell<u64>,
    ratio: u64,
}

#[derive(Clone, Copy)]
struct Member {
    place: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
    encrypted: bool,
}

impl<'a> Archive<'a> {
    /// Reads the directory.
    ///
    /// # Errors
    /// It is damaged, or has too many entries.
    pub(crate) fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, ExtractError> {
        let zip = ZipArchive::from_slice(bytes).map_err(damaged)?;
        let mut members = HashMap::new();
        let mut entries = zip.entries();
        let mut seen = 0_u64;
        let mut suspicious = 0_u64;
        while let Some(entry) = entries.next_entry().map_err(damaged)? {
            seen = seen.saturating_add(1);
            if seen > limits.entries {
                let limit = limits.entries;
                return Err(ExtractError::too_large(format!(
                    "it holds more than {limit} files"
                )));
            }
            let (packed, claimed) = (entry.compressed_size_hint(), entry.uncompressed_size_hint());
            if claimed > packed.saturating_mul(limits.expansion_ratio) {
                suspicious = suspicious.saturating_add(claimed);
            }
            if suspicious > RATIO_BEGINS.saturating_mul(4) {
                return Err(grows());
            }
            let name = String::from_utf8_lossy(entry.file_path().as_bytes()).replace('\\', "/");
            let member = Member {
                place: entry.wayfinder(),
                method: entry.compression_method(),
                encrypted: entry.flags().is_encrypted(),
            };
            members.insert(name.trim_start_matches('/').to_owned(), member);
        }
        Ok(Self {
            zip,
            members,
            left: Cell::new(limits.expanded_bytes),
            ratio: limits.expansion_ratio,
        })
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// A member that must be there.
    ///
    /// # Errors
    /// It is not, or as [`Archive::read`].
    pub(crate) fn must_read(&self, name: &str) -> Result<Vec<u8>, ExtractError> {
        self.read(name)?
            .ok_or_else(|| ExtractError::damaged(format!("its part {name} is missing")))
    }

    /// A member's bytes; `None` when there is none of this name.
    ///
    /// # Errors
    /// It is damaged, encrypted, or grows beyond the limits.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, ExtractError> {
        let Some(member) = self.members.get(name) else {
            return Ok(None);
        };
        if member.encrypted {
            return Err(ExtractError::Encrypted);
        }
        let entry = self.zip.get_entry(member.place).map_err(damaged)?;
        let packed = entry.data();
        let packed_len = u64::try_from(packed.len()).unwrap_or(u64::MAX);
        let most = packed_len.saturating_mul(self.ratio).max(RATIO_BEGINS);
        let allowed = self.left.get().min(most);
        let mut bytes = Vec::new();
        let read = match member.method {
            CompressionMethod::STORE => packed.take(allowed.saturating_add(1)).read_to_end(&mut bytes),
            CompressionMethod::DEFLATE => {
                let unpacked = flate2::bufread::DeflateDecoder::new(packed);
                unpacked.take(allowed.saturating_add(1)).read_to_end(&mut bytes)
            }
            _ => return Err(ExtractError::unsupported("a container packed in an unusual way")),
        };
        let read = read.map_err(|error| match error.kind() {
            ErrorKind::OutOfMemory => ExtractError::OutOfMemory,
            _ => ExtractError::damaged(format!("its part {name} cannot be unpacked ({error})")),
        })?;
        let read = u64::try_from(read).unwrap_or(u64::MAX);
        if read > allowed {
            return Err(grows());
        }
        self.left.set(self.left.get().saturating_sub(read));
        Ok(Some(bytes))
    }
}

fn grows() -> ExtractError {
    ExtractError::too_large("it grows too much when it is unpacked")
}

fn damaged(error: rawzip::Error) -> ExtractError {
    ExtractError::damaged(format!("its container is broken ({error})"))
}

/// The name of a member that another one names relative to itself (`../media/a.xml`).
pub(crate) fn beside(member: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut parts: Vec<&str> = member.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}
