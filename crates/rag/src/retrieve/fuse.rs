//! How two scores become one: each is brought to the same scale over all chunks of the index, then they are mixed; what
//! stands beside good text gains by it.
//!
//! Ranks alone (RRF) throw away how much better the best is; see docs/decisions for the measurement.

use crate::index::ChatbotIndex;

/// How scores are fused.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FuseOptions {
    /// What words weigh, from 0 to 1; meaning has the rest.
    pub lexical: f32,
    /// What the neighbours of a chunk add to it.
    pub neighbours: f32,
    /// How scores are brought to one scale.
    pub scale: Scale,
}

/// How scores are brought to one scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// By the best score: it becomes 1, and 0 stays 0.
    Best,
    /// By mean and standard deviation over all chunks.
    Deviation,
    /// By rank: `1 / (60 + rank)`, as reciprocal rank fusion does.
    Rank,
}

impl Default for FuseOptions {
    fn default() -> Self {
        Self {
            lexical: 0.55,
            neighbours: 0.5,
            scale: Scale::Best,
        }
    }
}

/// The score of each slot. What empty slots get means nothing.
pub(super) fn fuse(
    index: &ChatbotIndex,
    lexical: &[f32],
    dense: Option<&[f32]>,
    options: &FuseOptions,
) -> Vec<f32> {
    let used: Vec<bool> = index.used().collect();
    let scaled = |scores: &[f32]| match options.scale {
        Scale::Best => by_best(scores, &used),
        Scale::Deviation => by_deviation(scores, &used),
        Scale::Rank => by_rank(scores, &used),
    };
    let mut fused = scaled(lexical);
    if let Some(dense) = dense {
        let weight = options.lexical.clamp(0.0, 1.0);
        for (score, dense) in fused.iter_mut().zip(scaled(dense)) {
            *score = weight * *score + (1.0 - weight) * dense;
        }
    }
    with_neighbours(index.owners(), fused, options.neighbours)
}

/// The slots with the highest scores, the best first; equal ones in the order of documents and chunks.
pub(super) fn best(index: &ChatbotIndex, scores: &[f32], most: usize) -> Vec<usize> {
    let most = most.max(1);
    let place = |slot: usize| index.slot(slot).map(|slot| (slot.entry.id, slot.chunk));
    let compare = |one: &(usize, f32), other: &(usize, f32)| {
        other
            .1
            .total_cmp(&one.1)
            .then_with(|| place(one.0).cmp(&place(other.0)))
    };
    // Nearly all are below the least of the best so far, and are passed by with one comparison.
    let room = most.saturating_mul(4);
    let mut order: Vec<(usize, f32)> = Vec::with_capacity(room);
    let mut least = f32::NEG_INFINITY;
    for (slot, score) in scores.iter().copied().enumerate() {
        if score < least || index.slot(slot).is_none() {
            continue;
        }
        order.push((slot, score));
        if order.len() >= room {
            let (_, last, _) = order.select_nth_unstable_by(most.saturating_sub(1), compare);
            least = last.1;
            order.truncate(most);
        }
    }
    order.sort_unstable_by(compare);
    order.truncate(most);
    order.into_iter().map(|(slot, _)| slot).collect()
}

fn by_best(scores: &[f32], used: &[bool]) -> Vec<f32> {
    let best = scores
        .iter()
        .zip(used)
        .filter(|(_, used)| **used)
        .map(|(score, _)| *score)
        .fold(0.0, f32::max);
    if best <= 0.0 {
        return vec![0.0; scores.len()];
    }
    scores.iter().map(|score| score / best).collect()
}

fn by_deviation(scores: &[f32], used: &[bool]) -> Vec<f32> {
    let (mut count, mut sum, mut squares) = (0.0_f64, 0.0_f64, 0.0_f64);
    for (score, _) in scores.iter().zip(used).filter(|(_, used)| **used) {
        let score = f64::from(*score);
        count += 1.0;
        sum += score;
        squares += score * score;
    }
    let mean = sum / count.max(1.0);
    let deviation = (squares / count.max(1.0) - mean * mean).max(0.0).sqrt();
    if deviation <= f64::EPSILON {
        return vec![0.0; scores.len()];
    }
    scores
        .iter()
        .map(|score| narrow((f64::from(*score) - mean) / deviation))
        .collect()
}

fn by_rank(scores: &[f32], used: &[bool]) -> Vec<f32> {
    let mut order: Vec<(usize, f32)> = scores
        .iter()
        .zip(used)
        .enumerate()
        .filter(|(_, (score, used))| **used && **score > 0.0)
        .map(|(place, (score, _))| (place, *score))
        .collect();
    order.sort_by(|one, other| other.1.total_cmp(&one.1));
    let mut ranks = vec![0.0; scores.len()];
    let mut rank = 60.0;
    for (place, _) in order {
        rank += 1.0;
        if let Some(score) = ranks.get_mut(place) {
            *score = 1.0 / rank;
        }
    }
    ranks
}

/// Each score, and a share of the two beside it in the same document: a chunk seldom says all that an answer needs, and an
/// answer seldom ends where a chunk does.
fn with_neighbours(owners: &[u32], scores: Vec<f32>, share: f32) -> Vec<f32> {
    if share <= 0.0 {
        return scores;
    }
    let half = share / 2.0;
    let slots = || owners.iter().copied().zip(scores.iter().copied());
    let behind = slots().skip(1).map(Some).chain([None]);
    let mut before: Option<(u32, f32)> = None;
    let mut sums = Vec::with_capacity(scores.len());
    for ((owner, score), behind) in slots().zip(behind) {
        let beside = [before, behind].into_iter().flatten();
        let gained: f32 = beside
            .filter(|other| other.0 == owner)
            .map(|other| half * other.1)
            .sum();
        sums.push(score + gained);
        before = Some((owner, score));
    }
    sums
}

#[expect(clippy::as_conversions, reason = "scores need no more digits")]
const fn narrow(number: f64) -> f32 {
    number as f32
}
