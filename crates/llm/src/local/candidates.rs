//! The tokens worth looking at, out of a vocabulary of fifty or two hundred thousand.
//!
//! Must not know: how one of them is chosen.

use llama_cpp_2::token::LlamaToken;

/// So many neighbours are skipped together. Of these, most hold nothing likely.
const BLOCK: usize = 64;
/// As many as a processor compares at once.
const LANES: usize = 8;

pub(super) type Candidate = (LlamaToken, f32);

/// The whole vocabulary.
pub(super) fn all(logits: &[f32]) -> impl Iterator<Item = Candidate> {
    (0..).map(LlamaToken::new).zip(logits.iter().copied())
}

/// The `wanted` likeliest tokens, and some more, in the order of the vocabulary.
///
/// The highest values of the blocks are looked at first: `wanted` blocks reach the value that the last of so many has, so
/// the likeliest tokens reach it too, and few others do.
pub(super) fn likeliest(logits: &[f32], wanted: usize) -> Vec<Candidate> {
    let peaks: Vec<f32> = logits.chunks(BLOCK).map(highest).collect();
    let floor = floor(&peaks, wanted);
    let firsts = (0..).step_by(BLOCK);
    let high = logits
        .chunks(BLOCK)
        .zip(peaks)
        .zip(firsts)
        .filter(|((_, peak), _)| *peak >= floor);
    let tokens =
        high.flat_map(|((block, _), first)| (first..).map(LlamaToken::new).zip(block.iter().copied()));
    tokens.filter(|(_, logit)| *logit >= floor).collect()
}

fn floor(peaks: &[f32], wanted: usize) -> f32 {
    let mut peaks = peaks.to_vec();
    match wanted.checked_sub(1) {
        Some(last) if last < peaks.len() => *peaks.select_nth_unstable_by(last, |a, b| b.total_cmp(a)).1,
        _ => f32::NEG_INFINITY,
    }
}

/// What is not a number is no value.
fn highest(block: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for values in block.chunks(LANES) {
        for (highest, value) in lanes.iter_mut().zip(values) {
            *highest = if *value > *highest { *value } else { *highest };
        }
    }
    lanes.into_iter().fold(f32::NEG_INFINITY, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values that look drawn, and are the same in each run.
    fn drawn(count: usize) -> Vec<f32> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f32::from(u16::try_from(state >> 16).unwrap()) / 4096.0 - 8.0
        };
        (0..count).map(|_| next()).collect()
    }

    fn sorted(mut candidates: Vec<Candidate>) -> Vec<(i32, f32)> {
        candidates.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.0.cmp(&b.0.0)));
        candidates
            .into_iter()
            .map(|(token, logit)| (token.0, logit))
            .collect()
    }

    #[test]
    fn the_likeliest_are_among_them_with_their_own_values() {
        for count in [1, 63, 64, 65, 5000, 49_152] {
            let logits = drawn(count);
            let whole = sorted(all(&logits).collect());
            for wanted in [1, 65, 104] {
                let some = sorted(likeliest(&logits, wanted));
                let wanted = wanted.min(count);
                assert_eq!(some[..wanted], whole[..wanted], "{wanted} of {count}");
            }
        }
    }

    #[test]
    fn few_others_are() {
        let few = likeliest(&drawn(49_152), 104).len();
        assert!(few < 400, "{few}");
    }

    #[test]
    fn what_is_not_a_number_is_no_candidate() {
        let mut logits = vec![f32::NAN; 10_000];
        assert!(likeliest(&logits, 3).is_empty());
        logits[77] = 1.0;
        assert_eq!(likeliest(&logits, 3), [(LlamaToken::new(77), 1.0)]);
    }
}
