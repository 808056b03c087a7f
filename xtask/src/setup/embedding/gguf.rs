//! Writes GGUF, version 3: what llama.cpp reads.
//!
//! First all facts and the list of tensors are told, then the numbers are given in that order. It must not know what the
//! facts mean.

use std::io::{self, Write};

/// Numbers begin at multiples of this.
const ALIGNMENT: usize = 32;

/// How a tensor's numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Precision {
    /// 32 bits.
    Single,
    /// 16 bits.
    Half,
}

/// A fact about the model.
#[derive(Debug)]
pub(super) enum Fact<'a> {
    Count(u32),
    Number(f32),
    Flag(bool),
    Word(&'a str),
    Words(&'a [String]),
    Kinds(&'a [i32]),
}

/// The head of a file: facts, and which tensors follow.
#[derive(Debug, Default)]
pub(super) struct Head {
    facts: Vec<u8>,
    fact_count: u64,
    tensors: Vec<u8>,
    tensor_count: u64,
    /// Where the next tensor's numbers begin, from the first's.
    offset: usize,
}

impl Head {
    /// Adds a fact.
    pub(super) fn fact(&mut self, key: &str, fact: &Fact<'_>) {
        let bytes = &mut self.facts;
        self.fact_count += 1;
        text(bytes, key);
        match fact {
            Fact::Count(count) => tagged(bytes, 4, &count.to_le_bytes()),
            Fact::Number(number) => tagged(bytes, 6, &number.to_le_bytes()),
            Fact::Flag(flag) => tagged(bytes, 7, &[u8::from(*flag)]),
            Fact::Word(word) => {
                tagged(bytes, 8, &[]);
                text(bytes, word);
            }
            Fact::Words(words) => {
                list(bytes, 8, words.len());
                words.iter().for_each(|word| text(bytes, word));
            }
            Fact::Kinds(kinds) => {
                list(bytes, 5, kinds.len());
                kinds.iter().for_each(|kind| bytes.extend(kind.to_le_bytes()));
            }
        }
    }

    /// Announces a tensor; `shape` has its outermost side first.
    pub(super) fn tensor(&mut self, name: &str, shape: &[u64], precision: Precision) {
        let bytes = &mut self.tensors;
        self.tensor_count += 1;
        text(bytes, name);
        bytes.extend(u32::try_from(shape.len()).unwrap_or(u32::MAX).to_le_bytes());
        // GGUF has the innermost side first.
        shape
            .iter()
            .rev()
            .for_each(|side| bytes.extend(side.to_le_bytes()));
        let (kind, size) = match precision {
            Precision::Single => (0_u32, 4),
            Precision::Half => (1_u32, 2),
        };
        bytes.extend(kind.to_le_bytes());
        bytes.extend(length(self.offset).to_le_bytes());
        let count = shape.iter().product::<u64>();
        self.offset += padded(usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(size));
    }

    /// Writes it. The tensors' numbers must follow, by [`numbers`], in the order in which they were announced.
    pub(super) fn write(&self, file: &mut impl Write) -> io::Result<()> {
        let mut head = b"GGUF".to_vec();
        head.extend(3_u32.to_le_bytes());
        head.extend(self.tensor_count.to_le_bytes());
        head.extend(self.fact_count.to_le_bytes());
        head.extend(&self.facts);
        head.extend(&self.tensors);
        write_padded(file, &head)
    }
}

/// Writes a tensor's numbers.
pub(super) fn numbers(file: &mut impl Write, numbers: &[f32], precision: Precision) -> io::Result<()> {
    let bytes: Vec<u8> = match precision {
        Precision::Single => numbers.iter().flat_map(|number| number.to_le_bytes()).collect(),
        Precision::Half => numbers
            .iter()
            .flat_map(|number| half(*number).to_le_bytes())
            .collect(),
    };
    write_padded(file, &bytes)
}

fn write_padded(file: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.write_all(&vec![0; padded(bytes.len()) - bytes.len()])
}

fn padded(length: usize) -> usize {
    length.next_multiple_of(ALIGNMENT)
}

fn length(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend(length(text.len()).to_le_bytes());
    bytes.extend(text.as_bytes());
}

fn tagged(bytes: &mut Vec<u8>, kind: u32, value: &[u8]) {
    bytes.extend(kind.to_le_bytes());
    bytes.extend(value);
}

fn list(bytes: &mut Vec<u8>, kind: u32, count: usize) {
    tagged(bytes, 9, &kind.to_le_bytes());
    bytes.extend(length(count).to_le_bytes());
}

/// The nearest number of 16 bits (IEEE 754 binary16); of two, the even one.
fn half(number: f32) -> u16 {
    /// 2^-14, the smallest half with a whole mantissa.
    const SMALLEST_NORMAL: u32 = 0x3880_0000;
    /// 2^16, beyond every half.
    const BEYOND: u32 = 0x4780_0000;
    let bits = number.to_bits();
    let sign = (bits >> 16) & 0x8000;
    let size = bits & 0x7fff_ffff;
    let rounded = if number.is_nan() {
        0x7e00
    } else if size >= BEYOND {
        0x7c00
    } else if size >= SMALLEST_NORMAL {
        // The exponent counts from 15 instead of 127; 13 bits of the mantissa go. A carry runs into the exponent, as
        // it should.
        let moved = size - (112 << 23);
        (moved + 0x0fff + ((moved >> 13) & 1)) >> 13
    } else {
        // A multiple of 2^-24.
        let shift = 126 - (size >> 23);
        if shift > 24 {
            0
        } else {
            let mantissa = (size & 0x007f_ffff) | 0x0080_0000;
            let (whole, rest, middle) = (mantissa >> shift, mantissa & ((1 << shift) - 1), 1 << (shift - 1));
            whole + u32::from(rest > middle || (rest == middle && whole & 1 == 1))
        }
    };
    u16::try_from(sign | rounded).unwrap_or(0x7e00)
}

#[cfg(test)]
mod tests {
    use super::{Fact, Head, Precision, half, numbers};

    #[test]
    fn a_half_is_the_nearest_and_of_two_the_even_one() {
        for (number, expected) in [
            (0.0, 0x0000),
            (-0.0, 0x8000),
            (1.0, 0x3c00),
            (-2.0, 0xc000),
            (65504.0, 0x7bff),
            (65519.9, 0x7bff),
            (65520.0, 0x7c00),
            (1.0e30, 0x7c00),
            (f32::NEG_INFINITY, 0xfc00),
            (0.333_333_34, 0x3555),
            // Half way between two: 1 + 2^-11 goes down, 1 + 3 * 2^-11 goes up.
            (1.000_488_3, 0x3c00),
            (1.001_464_8, 0x3c02),
            // The smallest ones: 2^-14, 2^-24, half of it (to even: nothing), a little more.
            (6.103_515_6e-5, 0x0400),
            (5.960_464_5e-8, 0x0001),
            (2.980_232_2e-8, 0x0000),
            (2.980_233e-8, 0x0001),
            (1.0e-10, 0x0000),
        ] {
            assert_eq!(half(number), expected, "{number}");
        }
        assert_eq!(half(f32::NAN) & 0x7c00, 0x7c00);
    }

    #[test]
    fn a_file_has_its_facts_its_list_and_its_numbers_each_at_its_place() {
        let mut head = Head::default();
        head.fact("a", &Fact::Count(7));
        head.tensor("t", &[2, 1], Precision::Half);
        head.tensor("u", &[1], Precision::Single);
        let mut file = Vec::new();
        head.write(&mut file).unwrap();
        assert_eq!(file.get(..8), Some(b"GGUF\x03\0\0\0".as_slice()));
        // Two tensors, one fact: its key, its type, its value.
        assert_eq!(
            file.get(8..24),
            Some([2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0].as_slice())
        );
        assert_eq!(
            file.get(24..41),
            Some(b"\x01\0\0\0\0\0\0\0a\x04\0\0\0\x07\0\0\0".as_slice())
        );
        // The first tensor: its name, two sides, the innermost first, halves, at the beginning.
        let first =
            b"\x01\0\0\0\0\0\0\0t\x02\0\0\0\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0";
        assert_eq!(file.get(41..82), Some(first.as_slice()));
        // The second begins at the next multiple of 32.
        let second = b"\x01\0\0\0\0\0\0\0u\x01\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\x20\0\0\0\0\0\0\0";
        assert_eq!(file.get(82..115), Some(second.as_slice()));
        assert_eq!(file.len(), 128);
        numbers(&mut file, &[1.0, -2.0], Precision::Half).unwrap();
        numbers(&mut file, &[1.0], Precision::Single).unwrap();
        assert_eq!(file.get(128..132), Some([0x00, 0x3c, 0x00, 0xc0].as_slice()));
        assert_eq!(file.get(160..164), Some(1.0_f32.to_le_bytes().as_slice()));
        assert_eq!(file.len(), 192);
    }
}
