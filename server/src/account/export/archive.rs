//! A ZIP file that is sent while it is written: what is compressed goes out in pieces, and who reads slowly is waited for.

use axum::body::Bytes;
use flate2::{Compression, write::DeflateEncoder};
use parking_lot::Mutex;
use rawzip::{CompressionMethod, ZipArchiveWriter, ZipDataWriter, ZipEntryWriter, time::UtcDateTime};
use std::{
    io::{self, Write},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::mpsc, time::timeout};
use wire::Timestamp;

/// Bytes that are gathered before they are sent.
const PIECE: usize = 64 * 1024;
/// A client that takes nothing for so long is gone.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the archive is written to, and taken from.
#[derive(Debug, Default, Clone)]
struct Gathered(Arc<Mutex<Vec<u8>>>);

impl Write for Gathered {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What was gathered, on its way to the client.
#[derive(Debug, Clone)]
struct Way {
    gathered: Gathered,
    out: mpsc::Sender<io::Result<Bytes>>,
}

impl Way {
    /// Sends what there is, if there is at least so much.
    async fn send(&self, least: usize) -> io::Result<()> {
        let piece = {
            let mut gathered = self.gathered.0.lock();
            if gathered.len() < least.max(1) {
                return Ok(());
            }
            Bytes::from(std::mem::take(&mut *gathered))
        };
        match timeout(PATIENCE, self.out.send(Ok(piece))).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(io::Error::other("the client went away")),
        }
    }
}

/// The archive.
#[derive(Debug)]
pub(super) struct Archive {
    zip: ZipArchiveWriter<Gathered>,
    way: Way,
    made: UtcDateTime,
}

/// A file in it. One at a time: it borrows the archive.
pub(super) struct File<'a> {
    writer: ZipDataWriter<DeflateEncoder<ZipEntryWriter<'a, Gathered>>>,
    way: Way,
}

impl Archive {
    /// An empty one.
    pub(super) fn new(out: mpsc::Sender<io::Result<Bytes>>, now: Timestamp) -> Self {
        let gathered = Gathered::default();
        Self {
            zip: ZipArchiveWriter::new(gathered.clone()),
            way: Way { gathered, out },
            made: UtcDateTime::from_unix(i64::try_from(now.as_secs()).unwrap_or_default()),
        }
    }

    /// Begins a file.
    pub(super) fn file(&mut self, path: &str) -> io::Result<File<'_>> {
        let (entry, config) = self
            .zip
            .new_file(path)
            .compression_method(CompressionMethod::DEFLATE)
            .last_modified(self.made)
            .start()
            .map_err(io::Error::other)?;
        Ok(File {
            writer: config.wrap(DeflateEncoder::new(entry, Compression::fast())),
            way: self.way.clone(),
        })
    }

    /// A file, whole.
    pub(super) async fn put(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.file(path)?;
        file.write(bytes).await?;
        file.finish().await
    }

    /// The directory at the end: without it no program opens the archive.
    pub(super) async fn finish(self) -> io::Result<()> {
        self.zip.finish().map_err(io::Error::other)?;
        self.way.send(0).await
    }
}

impl File<'_> {
    /// More of it.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writer.write_all(bytes)?;
        self.way.send(PIECE).await
    }

    /// The end of it.
    pub(super) async fn finish(self) -> io::Result<()> {
        let (encoder, sums) = self.writer.finish().map_err(io::Error::other)?;
        let entry = encoder.finish()?;
        entry.finish(sums).map_err(io::Error::other)?;
        self.way.send(PIECE).await
    }
}
