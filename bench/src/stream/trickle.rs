//! Chats at the speed of a real model: how late the first token is, and every other; and what fifty chats take of
//! processor and memory.

use super::{CHATS, Stage};
use crate::Done;
use crate::figure::{Figure, Side};
use crate::load::{self, Load, Outcome};
use crate::measure::{self, float, millis};
use soak::runs::Runs;
use std::time::Duration;

/// Of the model.
const RATE: u32 = 30;
/// Prompts of one conversation.
const ROUNDS: u32 = 10;

/// Before anything counts: what is read, allocated and compiled at the first use is no part of a figure.
pub(super) async fn warm_up(stage: &mut Stage<'_>) -> Done {
    let load = Load {
        rounds: 3,
        tokens: 5,
        rate: RATE,
        spread: Duration::ZERO,
        period: Duration::from_millis(300),
    };
    let mut samples = Samples::default();
    samples
        .take(
            load::run(stage.chats(10).await?, load).await?,
            &stage.upstream.runs,
        )
        .await;
    samples
        .take(
            load::run(stage.direct(10).await?, load).await?,
            &stage.upstream.runs,
        )
        .await;
    samples.nothing_failed()
}

/// Short answers: only the first token counts here.
pub(super) async fn one_chat(stage: &mut Stage<'_>) -> Done {
    let load = Load {
        rounds: ROUNDS,
        tokens: 5,
        rate: RATE,
        spread: Duration::ZERO,
        period: Duration::from_millis(250),
    };
    let (parlance, direct) = both(stage, 1, stage.plan.one, load).await?;
    for (side, mut samples) in [(Side::Parlance, parlance), (Side::Direct, direct)] {
        samples.nothing_failed()?;
        stage.note(
            side,
            [(Figure::First1P50, 50), (Figure::First1P99, 99)],
            &mut samples.first,
        );
        stage.note(
            side,
            [(Figure::Asked1P50, 50), (Figure::Asked1P99, 99)],
            &mut samples.until_asked,
        );
        stage.figures.note(
            side,
            Figure::BytesAToken,
            float(samples.bytes) / float(samples.tokens),
        );
    }
    Ok(())
}

/// Answers of a second, a second and a half apart.
pub(super) async fn ten_chats(stage: &mut Stage<'_>) -> Done {
    let spread = Duration::from_secs(2);
    let load = Load {
        rounds: ROUNDS,
        tokens: 30,
        rate: RATE,
        spread,
        period: Duration::from_millis(1_500),
    };
    let (parlance, direct) = both(stage, 10, stage.plan.ten, load).await?;
    for (side, mut samples) in [(Side::Parlance, parlance), (Side::Direct, direct)] {
        samples.nothing_failed()?;
        stage.note(
            side,
            [(Figure::First10P50, 50), (Figure::First10P99, 99)],
            &mut samples.first,
        );
    }
    Ok(())
}

/// Answers of two seconds, one after another: fifty are being written all the time.
pub(super) async fn fifty_chats(stage: &mut Stage<'_>) -> Done {
    let spread = Duration::from_secs(2);
    let load = Load {
        rounds: stage.plan.fifty,
        tokens: 60,
        rate: RATE,
        spread,
        period: Duration::from_millis(2_050),
    };
    let chats = stage.chats(CHATS).await?;
    let before = stage.server.usage()?.cpu_seconds;
    let mut samples = Samples::default();
    let (outcome, memory) = stage.server_memory_during(load::run(chats, load)).await?;
    let cpu = stage.server.usage()?.cpu_seconds - before;
    samples.take(outcome?, &stage.upstream.runs).await;
    stage
        .figures
        .note(Side::Parlance, Figure::MemoryAt50, float(memory) / 1e6);
    stage.figures.note(
        Side::Parlance,
        Figure::CpuAt50,
        cpu / float(samples.tokens) * 1_000.0,
    );
    let mut direct = Samples::default();
    direct
        .take(
            load::run(stage.direct(CHATS).await?, load).await?,
            &stage.upstream.runs,
        )
        .await;
    for (side, mut samples) in [(Side::Parlance, samples), (Side::Direct, direct)] {
        samples.nothing_failed()?;
        stage.note(
            side,
            [(Figure::First50P50, 50), (Figure::First50P99, 99)],
            &mut samples.first,
        );
        stage.note(
            side,
            [(Figure::Token50P50, 50), (Figure::Token50P99, 99)],
            &mut samples.delays,
        );
    }
    Ok(())
}

/// The worst moment: everybody asks at the same instant. Here alone a failure is a figure.
pub(super) async fn fifty_at_once(stage: &mut Stage<'_>) -> Done {
    let period = Duration::from_millis(2_500);
    let load = Load {
        rounds: stage.plan.at_once,
        tokens: 60,
        rate: RATE,
        spread: Duration::ZERO,
        period,
    };
    let (parlance, direct) = both(stage, CHATS, 1, load).await?;
    for (side, mut samples) in [(Side::Parlance, parlance), (Side::Direct, direct)] {
        stage.note(
            side,
            [(Figure::AtOnceP50, 50), (Figure::AtOnceP99, 99)],
            &mut samples.first,
        );
        let failed = u64::try_from(samples.failures.len())?;
        stage.figures.note(side, Figure::AtOnceFailed, float(failed));
    }
    Ok(())
}

/// The same load on both sides, by turns.
async fn both(
    stage: &mut Stage<'_>,
    chats: usize,
    conversations: u32,
    load: Load,
) -> Done<(Samples, Samples)> {
    let (mut parlance, mut direct) = (Samples::default(), Samples::default());
    for _ in 0..conversations {
        parlance
            .take(
                load::run(stage.chats(chats).await?, load).await?,
                &stage.upstream.runs,
            )
            .await;
        direct
            .take(
                load::run(stage.direct(chats).await?, load).await?,
                &stage.upstream.runs,
            )
            .await;
    }
    Ok((parlance, direct))
}

impl Stage<'_> {
    pub(super) fn note(&mut self, side: Side, percentiles: [(Figure, usize); 2], samples: &mut [Duration]) {
        for (figure, percent) in percentiles {
            if let Some(time) = measure::percentile(samples, percent) {
                self.figures.note(side, figure, millis(time));
            }
        }
    }
}

/// What the answers of one side say.
#[derive(Default)]
pub(super) struct Samples {
    first: Vec<Duration>,
    /// From the prompt until the stand-in had read the request.
    until_asked: Vec<Duration>,
    /// Of every token, from the stand-in's write to the client.
    pub(super) delays: Vec<Duration>,
    pub(super) tokens: u64,
    bytes: u64,
    failures: Vec<String>,
}

impl Samples {
    pub(super) async fn take(&mut self, outcome: Outcome, runs: &Runs) {
        self.failures.extend(outcome.failures);
        for answer in outcome.answers {
            let run = runs.take(answer.order.number).await;
            self.first.extend(answer.first_token());
            self.until_asked
                .push(run.asked.saturating_duration_since(answer.asked));
            self.delays.extend(answer.delays(&run.written));
            self.tokens += u64::from(answer.order.tokens);
            self.bytes += answer.bytes();
        }
    }

    pub(super) fn nothing_failed(&self) -> Done {
        match self.failures.first() {
            None => Ok(()),
            Some(first) => Err(format!("{} chats failed; the first: {first}", self.failures.len()).into()),
        }
    }
}
