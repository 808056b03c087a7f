//! Memory, processor time and open files of this process, read from `/proc` when somebody asks.
//!
//! Under the names that Prometheus gives them everywhere. Where there is no `/proc`, they are left out.

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{counter::ConstCounter, gauge::ConstGauge},
    registry::Unit,
};
use std::{fmt, fs, time::SystemTime};

/// Clock ticks a second in `/proc`: the kernel tells all programs 100, whatever its own timer does.
const TICKS_PER_SECOND: f64 = 100.0;

/// Reads the process it is in.
#[derive(Debug)]
pub(super) struct Process {
    /// Seconds since 1970.
    started_at: f64,
}

impl Default for Process {
    fn default() -> Self {
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Self {
            started_at: since_1970.map_or(0.0, |since| since.as_secs_f64()),
        }
    }
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut write = |name, help, unit: Option<&Unit>, metric: &dyn Metric| {
            metric.write(encoder.encode_descriptor(name, help, unit, metric.kind())?)
        };
        write(
            "process_start_time",
            "When this process started, in seconds since 1970.",
            Some(&Unit::Seconds),
            &ConstGauge::new(self.started_at),
        )?;
        if let Some(bytes) = resident_bytes() {
            write(
                "process_resident_memory",
                "Memory that is in use.",
                Some(&Unit::Bytes),
                &ConstGauge::new(bytes),
            )?;
        }
        if let Some(seconds) = cpu_seconds() {
            write(
                "process_cpu",
                "Processor time used, in all threads.",
                Some(&Unit::Seconds),
                &ConstCounter::new(seconds),
            )?;
        }
        if let Some(files) = open_files() {
            write(
                "process_open_fds",
                "Open files and sockets.",
                None,
                &ConstGauge::new(files),
            )?;
        }
        Ok(())
    }
}

/// [`EncodeMetric`] as a trait object.
trait Metric {
    fn kind(&self) -> prometheus_client::metrics::MetricType;
    fn write(&self, encoder: prometheus_client::encoding::MetricEncoder<'_>) -> fmt::Result;
}

impl<M: EncodeMetric> Metric for M {
    fn kind(&self) -> prometheus_client::metrics::MetricType {
        self.metric_type()
    }

    fn write(&self, encoder: prometheus_client::encoding::MetricEncoder<'_>) -> fmt::Result {
        self.encode(encoder)
    }
}

fn resident_bytes() -> Option<i64> {
    resident_in(&fs::read_to_string("/proc/self/status").ok()?)
}

fn resident_in(status: &str) -> Option<i64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

fn cpu_seconds() -> Option<f64> {
    cpu_in(&fs::read_to_string("/proc/self/stat").ok()?)
}

fn cpu_in(stat: &str) -> Option<f64> {
    // The name in parentheses may hold spaces and parentheses; what is counted stands behind it.
    let (_, behind_name) = stat.rsplit_once(')')?;
    let mut fields = behind_name.split_ascii_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS_PER_SECOND)
}

fn open_files() -> Option<i64> {
    // One of them is the folder that is being read.
    let files = fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1);
    i64::try_from(files).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_and_time_are_found_among_the_kernels_words() {
        let status = "Name:\tparlance\nVmHWM:\t   20000 kB\nVmRSS:\t   12345 kB\nThreads:\t4\n";
        assert_eq!(resident_in(status), Some(12_345 * 1024));
        let stat = "42 (par) lance) S 1 42 42 0 -1 4194560 1000 0 0 0 250 50 0 0 20 0 4 0 100 1 1";
        assert_eq!(cpu_in(stat), Some(3.0));
    }

    #[test]
    fn words_that_are_not_there_are_no_numbers() {
        assert_eq!(resident_in("Name:\tparlance\n"), None);
        assert_eq!(cpu_in("42 parlance S 1"), None);
        assert_eq!(cpu_in("42 (parlance) S 1"), None);
    }
}
