//! What the figures were taken on: they mean little without it.

use crate::Done;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// The machine in a few lines: name and value.
pub(crate) fn about(folder: &Path) -> Done<Vec<(&'static str, String)>> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let info = read("/proc/cpuinfo");
    let processor = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let processor = processor.map_or("unknown", |(_, name)| name.trim());
    let cores = std::thread::available_parallelism()?;
    Ok(vec![
        ("processor", format!("{processor}, {cores} cores")),
        ("kernel", read("/proc/sys/kernel/osrelease").trim().to_owned()),
        (
            "load before",
            read("/proc/loadavg")
                .split(' ')
                .next()
                .unwrap_or_default()
                .to_owned(),
        ),
        (
            "a durable write of 4 KB",
            format!("{:.2} ms", crate::measure::millis(durable_write(folder)?)),
        ),
    ])
}

/// What the disk takes for a write that survives a power failure: every prompt waits for one. The median of many.
fn durable_write(folder: &Path) -> Done<Duration> {
    let mut file = File::create(folder.join("durable"))?;
    let mut times = Vec::new();
    for _ in 0..50 {
        let start = Instant::now();
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        times.push(start.elapsed());
    }
    crate::measure::percentile(&mut times, 50).ok_or_else(|| "nothing was written".into())
}
