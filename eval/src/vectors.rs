//! Vectors, kept in a file by what they were made of: embedding the corpora takes minutes, and is done once.
//!
//! A record is the sha256 of the text and the numbers of its vector, little endian.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::Path,
};

use sha2::{Digest as _, Sha256};

/// Vectors by text.
#[derive(Debug)]
pub struct Vectors {
    width: usize,
    known: HashMap<[u8; 32], Vec<f32>>,
}

impl Vectors {
    /// Reads a file of vectors; one that is not there is empty.
    pub fn read(path: &Path, width: usize) -> io::Result<Self> {
        let mut known = HashMap::new();
        let mut bytes = Vec::new();
        match File::open(path) {
            Ok(mut file) => _ = file.read_to_end(&mut bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        for record in bytes.chunks_exact(32 + width * 4) {
            let (key, numbers) = record.split_at(32);
            let numbers = numbers
                .chunks_exact(4)
                .map(|number| f32::from_le_bytes(number.try_into().unwrap_or_default()))
                .collect();
            known.insert(key.try_into().unwrap_or_default(), numbers);
        }
        Ok(Self { width, known })
    }

    /// The vector of a text.
    pub fn of(&self, text: &str) -> Option<&[f32]> {
        self.known.get(&key(text)).map(Vec::as_slice)
    }

    /// Which of these texts have no vector yet, each once.
    pub fn missing<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let mut seen = std::collections::HashSet::new();
        texts
            .into_iter()
            .filter(|text| !self.known.contains_key(&key(text)) && seen.insert(key(text)))
            .map(str::to_owned)
            .collect()
    }

    /// Takes vectors in, and appends them to the file.
    pub fn add(&mut self, path: &Path, texts: &[String], vectors: Vec<Vec<f32>>) -> io::Result<()> {
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        for (text, vector) in texts.iter().zip(vectors) {
            if vector.len() != self.width {
                return Err(io::Error::other("a vector of another width"));
            }
            let mut record = key(text).to_vec();
            vector
                .iter()
                .for_each(|number| record.extend(number.to_le_bytes()));
            file.write_all(&record)?;
            self.known.insert(key(text), vector);
        }
        Ok(())
    }
}

fn key(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}
