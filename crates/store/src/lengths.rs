//! The boundaries of a batch's deltas as bytes: one LEB128 number a delta, so that a token costs one byte.

/// The lengths as bytes; `None` unless they cut `text` into whole characters and use up all of it.
pub(crate) fn encode(text: &str, lengths: &[u32]) -> Option<Vec<u8>> {
    fits(text, lengths).then(|| {
        let mut bytes = Vec::with_capacity(lengths.len());
        for &length in lengths {
            let mut rest = length;
            loop {
                let [low, ..] = rest.to_le_bytes();
                rest >>= 7;
                if rest == 0 {
                    bytes.push(low & 0x7f);
                    break;
                }
                bytes.push(low | 0x80);
            }
        }
        bytes
    })
}

/// The lengths again; `None` when the bytes are not what [`encode`] made for this text.
pub(crate) fn decode(text: &str, bytes: &[u8]) -> Option<Vec<u32>> {
    let mut lengths = Vec::with_capacity(bytes.len());
    let (mut length, mut shift) = (0u64, 0u32);
    for &byte in bytes {
        length |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            lengths.push(u32::try_from(length).ok()?);
            (length, shift) = (0, 0);
        } else if shift > 28 {
            return None;
        }
    }
    (shift == 0 && fits(text, &lengths)).then_some(lengths)
}

fn fits(text: &str, lengths: &[u32]) -> bool {
    let mut end = 0usize;
    for &length in lengths {
        end = end.saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
        if !text.is_char_boundary(end) {
            return false;
        }
    }
    end == text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boundaries_come_back_as_they_went_in() {
        let long = "x".repeat(70_000);
        for (text, lengths) in [
            ("", vec![]),
            ("", vec![0, 0]),
            ("héllo", vec![3, 0, 3]),
            ("🦀🦀", vec![4, 4]),
            (long.as_str(), vec![127, 128, 16_384, 0, 53_361]),
        ] {
            let bytes = encode(text, &lengths).unwrap();
            assert_eq!(decode(text, &bytes), Some(lengths));
        }
    }

    #[test]
    fn a_short_delta_costs_one_byte() {
        assert_eq!(encode("one two", &[3, 4]).unwrap().len(), 2);
    }

    #[test]
    fn boundaries_that_do_not_fit_the_text_are_refused() {
        for (text, lengths) in [
            ("abc", vec![2]),
            ("abc", vec![4]),
            ("é", vec![1, 1]),
            ("abc", vec![u32::MAX, 3]),
        ] {
            assert_eq!(encode(text, &lengths), None, "{text:?} {lengths:?}");
        }
    }

    #[test]
    fn damaged_bytes_are_noticed() {
        for bytes in [
            &[0x80][..],
            &[4],
            &[1, 1],
            &[0x83, 0x80, 0x80, 0x80, 0x80, 0x00],
            &[0xff, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert_eq!(decode("abc", bytes), None, "{bytes:?}");
        }
    }
}
