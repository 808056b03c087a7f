//! Meaning: the vectors of the chunks, all compared with the query's, exactly.
//!
//! A number of a vector is kept in one byte, with one scale a vector: a quarter of the memory, and as much less to read for
//! each query. What that takes from a cosine is below 0.005 (there is a test); no list is cut short, no chunk is skipped.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Slots from which on two threads share the work: below, starting one costs more than it saves.
const SHARED: usize = 20_000;
/// Numbers that are multiplied at once.
const BLOCK: usize = 64;

/// What vectors come from: only those of one space can be compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct VectorSpace {
    /// The embedding model, and which state of it.
    pub model: String,
    /// Numbers a vector has.
    pub width: u32,
}

impl VectorSpace {
    /// Is it a vector of this width, of numbers?
    pub fn fits(&self, vector: &[f32]) -> bool {
        u32::try_from(vector.len()) == Ok(self.width) && vector.iter().all(|number| number.is_finite())
    }

    fn width(&self) -> usize {
        usize::try_from(self.width).unwrap_or(usize::MAX)
    }
}

#[derive(Debug)]
pub(super) struct Dense {
    space: VectorSpace,
    /// `width` bytes a slot.
    numbers: Vec<i8>,
    /// What a slot's numbers are to be multiplied with; 0 where there is no vector.
    scales: Vec<f32>,
}

/// A query's vector, made ready to be compared with all.
#[derive(Debug)]
pub(super) struct Prepared {
    numbers: Vec<i16>,
    scale: f32,
}

impl Prepared {
    /// `None` for what is no vector of the space.
    pub(super) fn new(query: &[f32], space: &VectorSpace) -> Option<Self> {
        if !space.fits(query) {
            return None;
        }
        let largest = largest(query);
        let length = query.iter().map(|number| number * number).sum::<f32>().sqrt();
        if largest == 0.0 || length == 0.0 {
            return None;
        }
        // 11 bits: a sum of 2^12 products with 7 bits each still fits into 31.
        let numbers = query
            .iter()
            .map(|number| i16::from_f32(number / largest * 2047.0))
            .collect();
        Some(Self {
            numbers,
            scale: largest / 2047.0 / length,
        })
    }
}

impl Dense {
    pub(super) const fn new(space: VectorSpace) -> Self {
        Self {
            space,
            numbers: Vec::new(),
            scales: Vec::new(),
        }
    }

    pub(super) const fn space(&self) -> &VectorSpace {
        &self.space
    }

    /// The next slot's vector, which fits; `None` where there is none yet.
    pub(super) fn push(&mut self, vector: Option<&[f32]>) {
        let width = self.space.width();
        let vector = vector.unwrap_or_default();
        let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
        let largest = largest(vector);
        if largest == 0.0 || length == 0.0 {
            self.numbers.resize(self.numbers.len().saturating_add(width), 0);
            self.scales.push(0.0);
            return;
        }
        self.numbers
            .extend(vector.iter().map(|number| i8::from_f32(number / largest * 127.0)));
        self.scales.push(largest / 127.0 / length);
    }

    /// The cosine of each slot's vector with the query's.
    pub(super) fn scores(&self, query: &Prepared) -> Vec<f32> {
        let slots = self.scales.len();
        if slots < SHARED {
            return self.scores_of(0..slots, query);
        }
        let half = slots / 2;
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().name("search".to_owned());
            let beside = thread.spawn_scoped(scope, || self.scores_of(half..slots, query));
            let mut scores = self.scores_of(0..half, query);
            let rest = beside.ok().and_then(|beside| beside.join().ok());
            // A system that has no thread to give has us do all of it.
            scores.extend(rest.unwrap_or_else(|| self.scores_of(half..slots, query)));
            scores
        })
    }

    fn scores_of(&self, slots: Range<usize>, query: &Prepared) -> Vec<f32> {
        let width = self.space.width().max(1);
        let bytes = slots.start.saturating_mul(width)..slots.end.saturating_mul(width);
        let numbers = self.numbers.get(bytes).unwrap_or_default();
        let scales = self.scales.get(slots).unwrap_or_default();
        numbers
            .chunks_exact(width)
            .zip(scales)
            .map(|(vector, scale)| dot(vector, &query.numbers) * scale * query.scale)
            .collect()
    }

    /// Keeps the slots that are said.
    pub(super) fn close_up(&mut self, kept: &[bool]) {
        let width = self.space.width().max(1);
        let (mut numbers, mut scales) = (Vec::new(), Vec::new());
        for ((vector, scale), kept) in self.numbers.chunks_exact(width).zip(&self.scales).zip(kept) {
            if *kept {
                numbers.extend_from_slice(vector);
                scales.push(*scale);
            }
        }
        (self.numbers, self.scales) = (numbers, scales);
    }

    pub(super) fn bytes(&self) -> usize {
        self.numbers.capacity() + self.scales.capacity() * size_of::<f32>()
    }
}

/// The compiler makes SIMD of it: products of 16-bit numbers, added up in 32 bits. Blocks that are widened first spare it
/// a fifth of the work.
fn dot(vector: &[i8], query: &[i16]) -> f32 {
    let (blocks, rest) = vector.as_chunks::<BLOCK>();
    let (asked, asked_rest) = query.as_chunks::<BLOCK>();
    let mut sum = 0_i32;
    for (block, asked) in blocks.iter().zip(asked) {
        sum = add_up(sum, &block.map(i16::from), asked);
    }
    for (one, other) in rest.iter().zip(asked_rest) {
        sum = add_up(sum, &[i16::from(*one)], &[*other]);
    }
    to_f32(sum)
}

fn add_up<const N: usize>(sum: i32, vector: &[i16; N], query: &[i16; N]) -> i32 {
    vector.iter().zip(query).fold(sum, |sum, (one, other)| {
        sum.wrapping_add(i32::from(*one).wrapping_mul(i32::from(*other)))
    })
}

#[expect(clippy::as_conversions, reason = "rounding to 24 bits is what is wanted")]
const fn to_f32(sum: i32) -> f32 {
    sum as f32
}

fn largest(vector: &[f32]) -> f32 {
    vector
        .iter()
        .fold(0.0, |largest, number| number.abs().max(largest))
}

/// A whole number from one that is within its range; out of range, the nearest.
trait FromF32 {
    fn from_f32(number: f32) -> Self;
}

impl FromF32 for i8 {
    #[expect(
        clippy::as_conversions,
        reason = "the conversion saturates, which is what is wanted"
    )]
    fn from_f32(number: f32) -> Self {
        number.round() as Self
    }
}

impl FromF32 for i16 {
    #[expect(
        clippy::as_conversions,
        reason = "the conversion saturates, which is what is wanted"
    )]
    fn from_f32(number: f32) -> Self {
        number.round() as Self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(state: &mut u64) -> f32 {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        f32::from(u16::try_from(*state >> 48).unwrap()) / 32768.0 - 1.0
    }

    fn vector(state: &mut u64) -> Vec<f32> {
        let numbers: Vec<f32> = (0..384)
            .map(|_| random(state) + random(state) + random(state))
            .collect();
        let length = numbers.iter().map(|number| number * number).sum::<f32>().sqrt();
        numbers.iter().map(|number| number / length).collect()
    }

    #[test]
    fn a_byte_a_number_hardly_changes_a_cosine() {
        let mut state = 7;
        let space = VectorSpace {
            model: "m".to_owned(),
            width: 384,
        };
        let vectors: Vec<Vec<f32>> = (0..300).map(|_| vector(&mut state)).collect();
        let mut dense = Dense::new(space.clone());
        vectors.iter().for_each(|vector| dense.push(Some(vector)));
        for query in vectors.iter().step_by(30) {
            let scores = dense.scores(&Prepared::new(query, &space).unwrap());
            for (vector, score) in vectors.iter().zip(&scores) {
                let exact: f32 = vector.iter().zip(query).map(|(one, other)| one * other).sum();
                assert!((exact - score).abs() < 0.005, "{exact} {score}");
            }
        }
    }

    #[test]
    fn two_threads_see_what_one_sees() {
        let mut state = 5;
        let space = VectorSpace {
            model: "m".to_owned(),
            width: 100,
        };
        let mut dense = Dense::new(space.clone());
        let vectors: Vec<Vec<f32>> = (0..50)
            .map(|_| (0..100).map(|_| random(&mut state)).collect())
            .collect();
        for vector in vectors.iter().cycle().take(SHARED + 1) {
            dense.push(Some(vector));
        }
        let query = Prepared::new(&vectors[0], &space).unwrap();
        let alone = dense.scores_of(0..SHARED + 1, &query);
        assert!((alone[0] - 1.0).abs() < 0.005 && alone.len() == SHARED + 1);
        assert_eq!(dense.scores(&query), alone);
    }

    #[test]
    fn what_has_no_vector_is_like_nothing() {
        let space = VectorSpace {
            model: "m".to_owned(),
            width: 2,
        };
        let mut dense = Dense::new(space.clone());
        dense.push(None);
        dense.push(Some(&[0.0, 3.0]));
        let scores = dense.scores(&Prepared::new(&[0.0, 1.0], &space).unwrap());
        assert!(scores[0] == 0.0 && (scores[1] - 1.0).abs() < 1e-3, "{scores:?}");
        assert!(Prepared::new(&[0.0, f32::NAN], &space).is_none());
        assert!(Prepared::new(&[0.0, 0.0], &space).is_none());
        assert!(Prepared::new(&[1.0], &space).is_none());
    }
}
