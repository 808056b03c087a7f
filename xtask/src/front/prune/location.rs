//! Where a panic happened: a file, a line and a column for each place that might panic, which nobody is told (`prune`).
//! 700 of them weighed 4 KB.
//!
//! They are known by what they point to: four words, of which the first two are a text that ends in `.rs`. The text goes, and the
//! four words become those of a place without a name, so that whoever reads one still reads something.

use walrus::ir::Value;
use walrus::{ConstExpr, DataId, DataKind, Module};

/// The bytes of a place: where its file's name lies, how long that is, line and column.
const SIZE: usize = 16;
/// No name, at a pointer that is not null.
const NOWHERE: [u8; SIZE] = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// Bytes of the memory at its start.
struct Segment {
    id: DataId,
    start: u32,
    bytes: Vec<u8>,
}

/// What is written instead, and where.
struct Blank {
    segment: DataId,
    at: usize,
    bytes: Vec<u8>,
}

/// Makes every place nameless. How many there were.
pub(super) fn forget(module: &mut Module) -> usize {
    let segments: Vec<Segment> = module.data.iter().filter_map(segment).collect();
    let mut blanks = Vec::new();
    let mut places = 0;
    for segment in &segments {
        let first = usize::try_from(segment.start.wrapping_neg() % 4).unwrap_or_default();
        for at in (first..segment.bytes.len()).step_by(4) {
            let Some((pointer, length)) = segment.bytes.get(at..at + SIZE).and_then(place) else {
                continue;
            };
            let file = segments.iter().find_map(|other| other.file(pointer, length));
            let Some(file) = file else { continue };
            places += 1;
            blanks.push(file);
            blanks.push(Blank {
                segment: segment.id,
                at,
                bytes: NOWHERE.to_vec(),
            });
        }
    }
    for blank in blanks {
        let value = &mut module.data.get_mut(blank.segment).value;
        if let Some(bytes) = value.get_mut(blank.at..blank.at + blank.bytes.len()) {
            bytes.copy_from_slice(&blank.bytes);
        }
    }
    places
}

fn segment(data: &walrus::Data) -> Option<Segment> {
    let DataKind::Active {
        offset: ConstExpr::Value(Value::I32(start)),
        ..
    } = data.kind
    else {
        return None;
    };
    Some(Segment {
        id: data.id(),
        start: start.cast_unsigned(),
        bytes: data.value.clone(),
    })
}

/// Four words that may be a place: where its file's name would be.
fn place(bytes: &[u8]) -> Option<(u32, usize)> {
    let (words, _) = bytes.as_chunks::<4>();
    let [pointer, length, line, column] = *words else {
        return None;
    };
    let [pointer, length, line, column] = [pointer, length, line, column].map(u32::from_le_bytes);
    let is_likely =
        (4..400).contains(&length) && (1..100_000).contains(&line) && (1..1_000).contains(&column);
    is_likely.then_some((pointer, usize::try_from(length).ok()?))
}

impl Segment {
    /// The name of a file of Rust in this segment, blank.
    fn file(&self, pointer: u32, length: usize) -> Option<Blank> {
        let at = usize::try_from(pointer.checked_sub(self.start)?).ok()?;
        let name = self.bytes.get(at..at.checked_add(length)?)?;
        // Another place may have blanked it already: only in the module, not here.
        (name.is_ascii() && name.ends_with(b".rs")).then(|| Blank {
            segment: self.id,
            at,
            bytes: vec![0; length],
        })
    }
}

#[cfg(test)]
mod tests {
    use walrus::ir::Value;
    use walrus::{ConstExpr, DataKind, Module};

    use super::{NOWHERE, forget};

    /// A memory whose data begins at 1000, forgotten: how many places there were, and what is left.
    fn forgotten(bytes: &[u8]) -> (usize, Vec<u8>) {
        let mut module = Module::default();
        let memory = module.memories.add_local(false, false, 1, None, None);
        let offset = ConstExpr::Value(Value::I32(1000));
        let data = module
            .data
            .add(DataKind::Active { memory, offset }, bytes.to_vec());
        let places = forget(&mut module);
        (places, module.data.get(data).value.clone())
    }

    fn words(words: [u32; 4]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    #[test]
    fn a_place_loses_its_file_its_line_and_its_column() {
        let file = b"a/main.rs...";
        let place = words([1000, 9, 17, 5]);
        let (places, left) = forgotten(&[&file[..], &place, &place].concat());
        assert_eq!(places, 2);
        assert_eq!(left, [&[0; 9][..], b"...", &NOWHERE, &NOWHERE].concat());
    }

    #[test]
    fn words_that_point_to_another_text_or_nowhere_stay() {
        let text = b"a/main.html.";
        for other in [
            [1000, 11, 17, 5],
            [90_000, 9, 17, 5],
            [1000, 9, 0, 5],
            [1000, 0, 17, 5],
        ] {
            let bytes = [&text[..], &words(other)].concat();
            assert_eq!(forgotten(&bytes), (0, bytes.clone()), "{other:?}");
        }
    }
}
