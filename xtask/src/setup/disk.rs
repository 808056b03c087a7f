//! Whether there is room: a full disk in the middle of a build says many things, never the cause.

use std::path::Path;

use crate::failure::{Done, Failure};
use crate::place::Place;
use crate::say;

/// The server's and the front's build folders, with the tests'.
const BUILD: u64 = 5 << 30;
/// The models, their packages while they are unpacked, and the tools.
const CACHE: u64 = 1 << 30;

/// Fails when the disks are too full for what is still to be built and downloaded.
pub(crate) fn check(place: &Place) -> Done {
    room(
        &place.root,
        if place.program().exists() { 1 << 30 } else { BUILD },
    )?;
    room(&place.cache, CACHE)
}

fn room(folder: &Path, wanted: u64) -> Done {
    // The folder may not be made yet: its nearest ancestor is on the same disk.
    let there = folder
        .ancestors()
        .find(|part| part.exists())
        .unwrap_or(Path::new("/"));
    // A file system that cannot say how full it is must not stop anybody.
    let Ok(about) = rustix::fs::statvfs(there) else {
        return Ok(());
    };
    let free = about.f_bavail.saturating_mul(about.f_frsize);
    if free >= wanted {
        return Ok(());
    }
    Err(Failure::new(
        "make room for the build and the model",
        format_args!(
            "{} has {} free, {} are needed",
            there.display(),
            say::bytes(free),
            say::bytes(wanted)
        ),
        "free some space; CARGO_TARGET_DIR and PARLANCE_CACHE move the build and the downloads to another disk",
    ))
}

#[cfg(test)]
mod tests {
    use super::room;

    #[test]
    fn a_folder_that_is_not_made_yet_is_judged_by_the_disk_it_will_be_on() {
        let folder = tempfile::tempdir().unwrap();
        let later = folder.path().join("not/yet/made");
        room(&later, 1).unwrap();
        let failure = room(&later, u64::MAX).unwrap_err().to_string();
        assert!(failure.contains("CARGO_TARGET_DIR"), "{failure}");
    }
}
