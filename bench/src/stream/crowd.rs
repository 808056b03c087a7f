//! Hundreds and thousands of chats at the speed of a real model: whether every token still comes in time, and what it takes.
//!
//! The model's stand-in and the clients share the cores with the program, and at two thousand chats take more of them than
//! it does: the direct client beside says how much of the lateness is theirs.

use super::{Stage, trickle::Samples};
use crate::Done;
use crate::answer::Ask;
use crate::figure::{Figure, Side};
use crate::load::{self, Load};
use crate::measure::float;
use std::time::Duration;

/// Of the model.
const RATE: u32 = 30;
/// Of each answer: five seconds.
const TOKENS: u32 = 150;
/// Chats begin one after another over the time of an answer, and go on from answer to answer: all the time that counts,
/// all of them are being written.
const SPREAD: Duration = Duration::from_secs(5);

/// Which figures a crowd's size has.
struct Crowd {
    chats: usize,
    rounds: u32,
    p50: Figure,
    p99: Figure,
    memory: Figure,
    cpu: Figure,
}

/// Three hundred chats.
pub(super) async fn three_hundred(stage: &mut Stage<'_>) -> Done {
    let crowd = Crowd {
        chats: 300,
        rounds: 3,
        p50: Figure::Token300P50,
        p99: Figure::Token300P99,
        memory: Figure::MemoryAt300,
        cpu: Figure::CpuAt300,
    };
    crowd.measure(stage).await
}

/// Two thousand.
pub(super) async fn two_thousand(stage: &mut Stage<'_>) -> Done {
    let crowd = Crowd {
        chats: 2_000,
        rounds: 2,
        p50: Figure::Token2000P50,
        p99: Figure::Token2000P99,
        memory: Figure::MemoryAt2000,
        cpu: Figure::CpuAt2000,
    };
    crowd.measure(stage).await
}

impl Crowd {
    async fn measure(&self, stage: &mut Stage<'_>) -> Done {
        let direct = stage.direct(self.chats).await?;
        let (direct, _) = self.load(stage, direct).await?;
        let chats = stage.chats(self.chats).await?;
        let before = stage.server.usage()?.cpu_seconds;
        let (parlance, memory) = self.load(stage, chats).await?;
        let cpu = stage.server.usage()?.cpu_seconds - before;
        let tokens = float(parlance.tokens);
        for (side, mut samples) in [(Side::Direct, direct), (Side::Parlance, parlance)] {
            samples.nothing_failed()?;
            stage.note(side, [(self.p50, 50), (self.p99, 99)], &mut samples.delays);
        }
        for (figure, value) in [
            (self.memory, float(memory) / 1e6),
            (self.cpu, cpu / tokens * 1_000.0),
        ] {
            stage.figures.note(Side::Parlance, figure, value);
        }
        Ok(())
    }

    /// What came, and the most memory that the server held meanwhile.
    async fn load<A: Ask>(&self, stage: &Stage<'_>, chats: Vec<A>) -> Done<(Samples, u64)> {
        let load = Load {
            rounds: self.rounds,
            tokens: TOKENS,
            rate: RATE,
            spread: SPREAD,
            period: SPREAD,
        };
        let (outcome, memory) = stage.server_memory_during(load::run(chats, load)).await?;
        let mut samples = Samples::default();
        samples.take(outcome?, &stage.upstream.runs).await;
        Ok((samples, memory))
    }
}
