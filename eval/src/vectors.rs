//! Vectors, kept in a file by what they were made of: embedding the corpora takes minutes, and is done once.
//!
//! A record is the sha256 of the model's id and the text, and the numbers of the vector, little endian.

use std::{
    collections::{HashMap, HashSet},
    fs::{File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::Path,
};

use sha2::{Digest as _, Sha256};

/// Vectors by text.
#[derive(Debug)]
pub struct Vectors {
    model: String,
    width: usize,
    known: HashMap<[u8; 32], Vec<f32>>,
}

impl Vectors {
    /// Reads a file of vectors; one that is not there is empty. `model` is the id of the model they are asked for.
    pub fn read(path: &Path, model: &str, width: usize) -> io::Result<Self> {
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
        Ok(Self {
            model: model.to_owned(),
            width,
            known,
        })
    }

    /// The vector of a text.
    pub fn of(&self, text: &str) -> Option<&[f32]> {
        self.known.get(&self.key(text)).map(Vec::as_slice)
    }

    /// Which of these texts have no vector yet, each once.
    pub fn missing(&self, texts: impl IntoIterator<Item = String>) -> Vec<String> {
        let mut seen = HashSet::new();
        texts
            .into_iter()
            .filter(|text| !self.known.contains_key(&self.key(text)) && seen.insert(self.key(text)))
            .collect()
    }

    /// Takes vectors in, and appends them to the file.
    pub fn add(&mut self, path: &Path, texts: &[String], vectors: Vec<Vec<f32>>) -> io::Result<()> {
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        for (text, vector) in texts.iter().zip(vectors) {
            if vector.len() != self.width {
                return Err(io::Error::other("a vector of another width"));
            }
            let mut record = self.key(text).to_vec();
            vector
                .iter()
                .for_each(|number| record.extend(number.to_le_bytes()));
            file.write_all(&record)?;
            self.known.insert(self.key(text), vector);
        }
        Ok(())
    }

    fn key(&self, text: &str) -> [u8; 32] {
        Sha256::new()
            .chain_update(&self.model)
            .chain_update(text)
            .finalize()
            .into()
    }
}
