//! Sums of files and folders, and stamps: "this was made from exactly that".
//!
//! A stamp is a file that holds the sum of the inputs. It is written last, so a build that was cut off has none.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::failure::{Done, Failure};

/// Sum of some inputs, in hexadecimal.
#[derive(Debug, Default, Clone)]
pub(crate) struct Sum(Sha256);

impl Sum {
    /// Adds a word, set apart from its neighbours.
    pub(crate) fn word(mut self, word: &str) -> Self {
        self.0.update(word.len().to_le_bytes());
        self.0.update(word);
        self
    }

    /// Adds a file's content.
    pub(crate) fn file(mut self, path: &Path) -> Done<Self> {
        let sum = of_file(path).map_err(|error| Failure::of_file("read an input", path, &error))?;
        self.0.update(sum);
        Ok(self)
    }

    /// Adds every file below a folder, by name and content. A folder that is not there adds nothing.
    pub(crate) fn folder(mut self, path: &Path) -> Done<Self> {
        for file in files_below(path)? {
            let name = file
                .strip_prefix(path)
                .unwrap_or(&file)
                .to_string_lossy()
                .into_owned();
            self = self.word(&name).file(&file)?;
        }
        Ok(self)
    }

    /// The sum so far.
    pub(crate) fn hex(self) -> String {
        hex(&self.0.finalize())
    }
}

/// The SHA-256 of a file, in hexadecimal.
pub(crate) fn of_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut sum = Sha256::new();
    let mut buffer = vec![0_u8; 1 << 20];
    loop {
        let count = file.read(&mut buffer)?;
        let Some(part) = buffer.get(..count).filter(|part| !part.is_empty()) else {
            break;
        };
        sum.update(part);
    }
    Ok(hex(&sum.finalize()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Every file below a folder, in a fixed order; none if there is no such folder.
pub(crate) fn files_below(folder: &Path) -> Done<Vec<PathBuf>> {
    let wrap = |error: io::Error| Failure::of_file("list a folder", folder, &error);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(wrap(error)),
    };
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<Vec<_>>>()
        .map_err(wrap)?;
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(files_below(&path)?)
        } else {
            files.push(path)
        }
    }
    Ok(files)
}

/// A file that says what an output was made from.
#[derive(Debug)]
pub(crate) struct Stamp {
    file: PathBuf,
    sum: String,
}

impl Stamp {
    /// The stamp `file` for inputs of this sum.
    pub(crate) fn new(file: PathBuf, sum: Sum) -> Self {
        Self { file, sum: sum.hex() }
    }

    /// Whether the outputs were made from exactly these inputs and are all still there.
    pub(crate) fn holds(&self, outputs: &[&Path]) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|text| text == self.sum)
            && outputs.iter().all(|output| output.exists())
    }

    /// Says that the outputs are made. Call it last.
    pub(crate) fn set(&self) -> Done {
        fs::write(&self.file, &self.sum)
            .map_err(|error| Failure::of_file("write a stamp", &self.file, &error))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{Stamp, Sum, of_file};

    #[test]
    fn the_sum_of_a_file_is_its_sha256() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("abc");
        fs::write(&file, "abc").unwrap();
        assert_eq!(
            of_file(&file).unwrap(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    fn stamp(folder: &Path) -> Stamp {
        let sum = Sum::default().word("tool 1").folder(&folder.join("in")).unwrap();
        Stamp::new(folder.join("stamp"), sum)
    }

    #[test]
    fn a_stamp_holds_until_an_input_changes_moves_or_comes_or_an_output_goes() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("in/deep")).unwrap();
        fs::write(at("in/deep/a.css"), "a").unwrap();
        fs::write(at("out"), "made").unwrap();
        let outputs = [&*at("out")].map(Path::to_path_buf);
        let outputs: Vec<&Path> = outputs.iter().map(AsRef::as_ref).collect();

        assert!(!stamp(folder.path()).holds(&outputs), "nothing was made yet");
        stamp(folder.path()).set().unwrap();
        assert!(stamp(folder.path()).holds(&outputs));

        fs::write(at("in/deep/a.css"), "b").unwrap();
        assert!(!stamp(folder.path()).holds(&outputs), "an input changed");
        fs::write(at("in/deep/a.css"), "a").unwrap();
        assert!(stamp(folder.path()).holds(&outputs));

        fs::rename(at("in/deep/a.css"), at("in/a.css")).unwrap();
        assert!(!stamp(folder.path()).holds(&outputs), "an input moved");
        fs::rename(at("in/a.css"), at("in/deep/a.css")).unwrap();

        fs::write(at("in/new.css"), "").unwrap();
        assert!(!stamp(folder.path()).holds(&outputs), "an input came");
        fs::remove_file(at("in/new.css")).unwrap();
        assert!(stamp(folder.path()).holds(&outputs));

        fs::remove_file(at("out")).unwrap();
        assert!(!stamp(folder.path()).holds(&outputs), "an output went");
    }

    #[test]
    fn words_do_not_run_into_each_other() {
        assert_ne!(
            Sum::default().word("ab").word("c").hex(),
            Sum::default().word("a").word("bc").hex()
        );
    }
}
