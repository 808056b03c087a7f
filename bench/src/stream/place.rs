//! Where the measured servers keep everything: a folder and a database of their own for each start.

use crate::Done;
use soak::database::Mongodb;
use soak::evidence::Archive;
use soak::program::Launch;
use std::path::{Path, PathBuf};

/// Where one repetition takes place.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    /// The program to measure.
    pub(crate) program: &'a Path,
    /// On a real disk.
    pub(crate) folder: PathBuf,
    /// MongoDB in the place of SQLite.
    pub(crate) mongodb: Option<&'a str>,
}

impl Place<'_> {
    /// How start `number` begins: with nothing.
    pub(super) async fn launch(&self, number: u32, model: &str) -> Done<Launch> {
        let data = self.folder.join(format!("start-{number}"));
        let launch = Launch::new(self.program, data, model).with("PARLANCE_TRUST_PROXY", "true");
        let Some(uri) = self.mongodb else {
            return Ok(launch);
        };
        let repetition = self.folder.file_name().unwrap_or_default().to_string_lossy();
        let database = Mongodb::at(uri, format!("parlance_bench_{repetition}_{number}")).await?;
        // Left there by a bench that was ended.
        Archive::Mongodb(database.clone()).discard().await?;
        Ok(launch
            .with("MONGODB_URI", database.uri())
            .with("PARLANCE_MONGODB_DATABASE", &database.name))
    }
}
