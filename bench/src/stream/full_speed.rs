//! A model that says everything as fast as the network takes it.

use super::Stage;
use crate::Done;
use crate::figure::{Figure, Side};
use crate::load::{self, Load, Outcome};
use crate::measure::{self, float};
use std::time::Duration;

/// In one answer: some 150 KB of text.
const TOKENS: u32 = 30_000;
const LOAD: Load = Load {
    rounds: 1,
    tokens: TOKENS,
    rate: 0,
    spread: Duration::ZERO,
    period: Duration::ZERO,
};

/// The speed of one chat, and what it costs.
pub(super) async fn one_chat(stage: &mut Stage<'_>) -> Done {
    let cpu = speed(stage, 1, Figure::Speed1).await?;
    stage.figures.note(Side::Parlance, Figure::CpuFullSpeed, cpu);
    Ok(())
}

/// The speed of ten chats together.
pub(super) async fn ten_chats(stage: &mut Stage<'_>) -> Done {
    speed(stage, 10, Figure::Speed10).await.map(drop)
}

/// What one answer costs the server, and one of twice the length.
pub(super) async fn twice_the_length(stage: &mut Stage<'_>) -> Done {
    let mut sums = [0.0, 0.0];
    // The first of each warms up.
    for run in 0..=stage.plan.full_speed {
        for (sum, tokens) in sums.iter_mut().zip([32_000, 64_000]) {
            let clients = stage.chats(1).await?;
            let before = stage.server.usage()?.cpu_seconds;
            let outcome = load::run(clients, Load { tokens, ..LOAD }).await?;
            let used = stage.server.usage()?.cpu_seconds - before;
            tokens_a_second(stage, outcome).await?;
            if run > 0 {
                *sum += used;
            }
        }
    }
    let runs = f64::from(stage.plan.full_speed);
    let [one, two] = sums.map(|sum| sum / runs);
    let values = [
        (Figure::Cpu32, one),
        (Figure::Cpu64, two),
        (Figure::CpuGrowth, two / one),
    ];
    for (figure, value) in values {
        stage.figures.note(Side::Parlance, figure, value);
    }
    Ok(())
}

/// Notes tokens a second on both sides; gives the server's processor seconds for a thousand tokens.
async fn speed(stage: &mut Stage<'_>, chats: usize, figure: Figure) -> Done<f64> {
    let (mut parlance, mut direct) = (Vec::new(), Vec::new());
    let (mut cpu, mut tokens) = (0.0, 0);
    // The first answer warms up.
    for run in 0..=stage.plan.full_speed {
        let clients = stage.chats(chats).await?;
        let before = stage.server.usage()?.cpu_seconds;
        let outcome = load::run(clients, LOAD).await?;
        let used = stage.server.usage()?.cpu_seconds - before;
        let speed_now = tokens_a_second(stage, outcome).await?;
        let direct_now = tokens_a_second(stage, load::run(stage.direct(chats).await?, LOAD).await?).await?;
        if run > 0 {
            cpu += used;
            tokens += u64::from(TOKENS) * u64::try_from(chats)?;
            parlance.push(speed_now);
            direct.push(direct_now);
        }
    }
    for (side, speeds) in [(Side::Parlance, parlance), (Side::Direct, direct)] {
        if let Some(speed) = measure::median(&speeds) {
            stage.figures.note(side, figure, speed);
        }
    }
    Ok(cpu / float(tokens) * 1_000.0)
}

/// From the first prompt to the last token of all.
async fn tokens_a_second(stage: &Stage<'_>, outcome: Outcome) -> Done<f64> {
    if let Some(failure) = outcome.failures.first() {
        return Err(failure.clone().into());
    }
    for answer in &outcome.answers {
        stage.upstream.runs.take(answer.order.number).await;
    }
    let first = outcome
        .answers
        .iter()
        .map(|answer| answer.asked)
        .min()
        .ok_or("no answers")?;
    let last = outcome
        .answers
        .iter()
        .filter_map(|answer| answer.last())
        .max()
        .ok_or("no tokens")?;
    let tokens: u64 = outcome
        .answers
        .iter()
        .map(|answer| u64::from(answer.order.tokens))
        .sum();
    Ok(float(tokens) / (last - first).as_secs_f64())
}
