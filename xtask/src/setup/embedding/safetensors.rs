//! Reads `safetensors`: the length of a JSON header, the header, and all numbers one after the other.
//!
//! Only what is needed of it: 32-bit floats. It must not know what a tensor is for.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use serde_json::{Map, Value};

/// More than any header of a small model; a broken length must not ask for all memory.
const LONGEST_HEADER: u64 = 16 << 20;
/// One number.
const FLOAT: usize = size_of::<f32>();

/// An open file, its header read.
#[derive(Debug)]
pub(super) struct Safetensors {
    file: File,
    header: Map<String, Value>,
    /// Where the numbers begin.
    start: u64,
}

/// A tensor's numbers, row by row.
#[derive(Debug, PartialEq)]
pub(super) struct Tensor {
    /// Outermost first: a matrix has its rows here, then its columns.
    pub(super) shape: Vec<u64>,
    /// As many as the shape says.
    pub(super) numbers: Vec<f32>,
}

impl Safetensors {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut length = [0; 8];
        file.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        if length > LONGEST_HEADER {
            return Err(broken("its header has no end"));
        }
        let mut header = Vec::new();
        (&file).take(length).read_to_end(&mut header)?;
        let Ok(Value::Object(header)) = serde_json::from_slice(&header) else {
            return Err(broken("its header cannot be read"));
        };
        Ok(Self {
            file,
            header,
            start: length + 8,
        })
    }

    /// Reads the tensor of this name.
    pub(super) fn read(&mut self, name: &str) -> io::Result<Tensor> {
        let unknown = || broken(&format!("it has no tensor {name} of 32-bit floats"));
        let about = self.header.get(name).ok_or_else(unknown)?;
        if about.get("dtype").and_then(Value::as_str) != Some("F32") {
            return Err(unknown());
        }
        let list = |key| -> Option<Vec<u64>> {
            let list = about.get(key)?.as_array()?;
            list.iter().map(Value::as_u64).collect()
        };
        let shape = list("shape").ok_or_else(unknown)?;
        let Some([begin, end]) = list("data_offsets").and_then(|both| <[u64; 2]>::try_from(both).ok()) else {
            return Err(unknown());
        };
        let count = shape
            .iter()
            .try_fold(1_u64, |product, side| product.checked_mul(*side));
        let length = end.checked_sub(begin).ok_or_else(unknown)?;
        if count.and_then(|count| count.checked_mul(4)) != Some(length) {
            return Err(broken(&format!("{name} has not the length its shape says")));
        }
        self.file.seek(SeekFrom::Start(self.start + begin))?;
        let mut bytes = Vec::new();
        (&self.file).take(length).read_to_end(&mut bytes)?;
        let numbers: Vec<f32> = bytes
            .as_chunks::<FLOAT>()
            .0
            .iter()
            .map(|four| f32::from_le_bytes(*four))
            .collect();
        if u64::try_from(numbers.len()).ok() != count {
            return Err(broken("it was cut"));
        }
        Ok(Tensor { shape, numbers })
    }
}

fn broken(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Safetensors, Tensor};

    fn written(header: &str, numbers: &[f32]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut bytes = u64::try_from(header.len()).unwrap().to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        fs::write(file.path(), bytes).unwrap();
        file
    }

    #[test]
    fn a_tensor_is_read_by_its_name() {
        let header = r#"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2,1],"data_offsets":[4,12]}}"#;
        let file = written(header, &[1.0, 2.0, -3.5]);
        let mut tensors = Safetensors::open(file.path()).unwrap();
        let expected = Tensor {
            shape: vec![2, 1],
            numbers: vec![2.0, -3.5],
        };
        assert_eq!(tensors.read("b").unwrap(), expected);
        assert!(tensors.read("c").is_err());
    }

    #[test]
    fn a_file_that_was_cut_or_contradicts_itself_is_refused() {
        let header = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,4]},"c":{"dtype":"F16","shape":[2],"data_offsets":[0,8]}}"#;
        let file = written(header, &[1.0]);
        let mut tensors = Safetensors::open(file.path()).unwrap();
        for name in ["a", "b", "c"] {
            assert!(tensors.read(name).is_err(), "{name}");
        }
        let web_page = tempfile::NamedTempFile::new().unwrap();
        fs::write(web_page.path(), "<!DOCTYPE html><html>").unwrap();
        assert!(Safetensors::open(web_page.path()).is_err());
    }
}
