//! How the next token is drawn.

use super::candidates;
use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::token::data::LlamaTokenData;
use llama_cpp_2::token::data_array::LlamaTokenDataArray;
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

/// Draws the tokens of one answer.
pub(super) struct Sampler {
    chain: LlamaSampler,
    /// The likeliest tokens that the chain has to see: as many as it may choose from, and as many again as can lose their
    /// place to a penalty. It draws from these as it would from the whole vocabulary, in a small part of the time.
    likeliest: usize,
}

impl Sampler {
    /// Temperature 0 takes the likeliest token, always. `said` are tokens that count as repetitions from the start.
    pub(super) fn new(vocabulary: i32, temperature: Option<f32>, seed: u32, said: &[LlamaToken]) -> Self {
        let penalties = LlamaSampler::penalties(vocabulary, REPEAT_WINDOW, REPEAT_PENALTY, 0.0, 0.0);
        let temperature = temperature
            .filter(|wanted| wanted.is_finite())
            .unwrap_or(TEMPERATURE);
        let (chain, choice) = if temperature <= 0.0 {
            (vec![penalties, LlamaSampler::greedy()], 1)
        } else {
            let chain = vec![
                penalties,
                LlamaSampler::top_k(TOP_K),
                LlamaSampler::top_p(TOP_P, 1),
                LlamaSampler::min_p(MIN_P, 1),
                LlamaSampler::temp(temperature),
                LlamaSampler::dist(seed),
            ];
            (chain, TOP_K)
        };
        Self {
            chain: LlamaSampler::chain(chain, true).with_tokens(said),
            likeliest: usize::try_from(choice + REPEAT_WINDOW).unwrap_or(usize::MAX),
        }
    }

    /// The next token, by what the model gives each token of its vocabulary; only of those that `allowed` lets pass, if
    /// there is such a rule. `None`: there is nothing to choose from, because the model gives nonsense.
    pub(super) fn draw(
        &mut self,
        logits: &[f32],
        allowed: Option<&dyn Fn(LlamaToken) -> bool>,
    ) -> Option<LlamaToken> {
        let candidates = match allowed {
            Some(allowed) => candidates::all(logits)
                .filter(|(token, _)| allowed(*token))
                .collect(),
            None => candidates::likeliest(logits, self.likeliest),
        };
        let data = candidates
            .into_iter()
            .map(|(token, logit)| LlamaTokenData::new(token, logit, 0.0))
            .collect::<Vec<_>>();
        if data.is_empty() {
            return None;
        }
        let token = LlamaTokenDataArray::new(data, false)
            .with_sampler(&mut self.chain)
            .selected_token()?;
        self.chain.accept(token);
        Some(token)
    }
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
