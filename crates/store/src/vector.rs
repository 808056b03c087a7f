//! Vectors as bytes: 32-bit floats, little-endian, as every store keeps them.

/// As bytes.
pub(crate) fn encode(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// The vector again; `None` when the bytes are none.
pub(crate) fn decode(bytes: &[u8]) -> Option<Vec<f32>> {
    let numbers = bytes.chunks_exact(4);
    if !numbers.remainder().is_empty() {
        return None;
    }
    numbers
        .map(|number| number.try_into().ok().map(f32::from_le_bytes))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_comes_back_as_it_went_in() {
        let vector = [0.0, -1.5, f32::MIN_POSITIVE, 0.333_333_34];
        assert_eq!(decode(&encode(&vector)).unwrap(), vector);
        assert_eq!(decode(&[1, 2, 3]), None);
    }
}
