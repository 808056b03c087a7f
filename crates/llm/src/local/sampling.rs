//! How the next token is drawn.

use llama_cpp_2::sampling::LlamaSampler;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// When the request names none: lively, and a small model still makes sense.
const TEMPERATURE: f32 = 0.7;
/// Tokens back that count as a repetition.
const REPEAT_WINDOW: i32 = 64;
/// Mild: without it a small model falls into loops; much more, and it avoids the words it needs.
const REPEAT_PENALTY: f32 = 1.1;
const TOP_K: i32 = 40;
const TOP_P: f32 = 0.95;
const MIN_P: f32 = 0.05;

/// Temperature 0 takes the likeliest token, always.
pub(super) fn sampler(vocabulary: i32, temperature: Option<f32>, seed: u32) -> LlamaSampler {
    let penalties = LlamaSampler::penalties(vocabulary, REPEAT_WINDOW, REPEAT_PENALTY, 0.0, 0.0);
    let temperature = temperature
        .filter(|wanted| wanted.is_finite())
        .unwrap_or(TEMPERATURE);
    if temperature <= 0.0 {
        return LlamaSampler::chain([penalties, LlamaSampler::greedy()], true);
    }
    let chain = [
        penalties,
        LlamaSampler::top_k(TOP_K),
        LlamaSampler::top_p(TOP_P, 1),
        LlamaSampler::min_p(MIN_P, 1),
        LlamaSampler::temp(temperature),
        LlamaSampler::dist(seed),
    ];
    LlamaSampler::chain(chain, true)
}

/// Seeds of the answers, one after the other.
#[derive(Debug)]
pub(super) struct Seeds(u32);

impl Seeds {
    pub(super) fn from(seed: Option<u32>) -> Self {
        let random = || RandomState::new().build_hasher().finish().to_le_bytes();
        Self(seed.unwrap_or_else(|| {
            let [a, b, c, d, ..] = random();
            u32::from_le_bytes([a, b, c, d])
        }))
    }

    pub(super) fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(1);
        self.0
    }
}
