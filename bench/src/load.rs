//! Many chats at once, on a schedule.

use crate::Done;
use crate::answer::{Answer, Ask};
use soak::order::Order;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

static NUMBERS: AtomicU64 = AtomicU64::new(1);

/// How each chat asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Prompts of each chat.
    pub(crate) rounds: u32,
    /// In each answer.
    pub(crate) tokens: u32,
    /// Tokens a second; 0 is as fast as it goes.
    pub(crate) rate: u32,
    /// The first chat begins at once, the last almost this much later.
    pub(crate) spread: Duration,
    /// From one prompt of a chat to its next; later if its answer takes longer.
    pub(crate) period: Duration,
}

/// What came of a load.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Whole answers.
    pub(crate) answers: Vec<Answer>,
    /// What went wrong instead.
    pub(crate) failures: Vec<String>,
}

/// An order that nobody else has.
pub(crate) fn order(tokens: u32, rate: u32) -> Order {
    Order {
        number: NUMBERS.fetch_add(1, Ordering::Relaxed),
        tokens,
        rate,
    }
}

/// Asks all of `chats` as `load` says. A chat that failed asks no more.
pub(crate) async fn run<A: Ask>(chats: Vec<A>, load: Load) -> Done<Outcome> {
    let count = u32::try_from(chats.len())?.max(1);
    let start = Instant::now() + Duration::from_millis(20);
    let mut tasks = JoinSet::new();
    for (index, mut chat) in (0..count).zip(chats) {
        let begin = start + load.spread * index / count;
        tasks.spawn(async move {
            let mut outcome = Outcome::default();
            for round in 0..load.rounds {
                sleep_until(begin + load.period * round).await;
                match chat.ask(order(load.tokens, load.rate)).await {
                    Ok(answer) => outcome.answers.push(answer),
                    Err(failure) => {
                        outcome.failures.push(failure.to_string());
                        break;
                    }
                }
            }
            outcome
        });
    }
    let mut all = Outcome::default();
    while let Some(outcome) = tasks.join_next().await {
        let Outcome { answers, failures } = outcome?;
        all.answers.extend(answers);
        all.failures.extend(failures);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Clockwork(std::time::Duration);

    impl Ask for Clockwork {
        async fn ask(&mut self, order: Order) -> Done<Answer> {
            tokio::time::sleep(self.0).await;
            if order.tokens == 13 {
                Err("unlucky".into())
            } else {
                Ok(Answer::to(order))
            }
        }
    }

    const LOAD: Load = Load {
        rounds: 3,
        tokens: 1,
        rate: 30,
        spread: Duration::from_secs(2),
        period: Duration::from_secs(5),
    };

    #[tokio::test(start_paused = true)]
    async fn chats_begin_one_after_another_and_keep_their_period() {
        let began = Instant::now();
        let chats = vec![
            Clockwork(Duration::from_secs(1)),
            Clockwork(Duration::from_secs(1)),
        ];
        let outcome = run(chats, LOAD).await.unwrap();
        assert_eq!(outcome.answers.len(), 6);
        let seconds = began.elapsed().as_secs();
        assert_eq!(
            seconds, 12,
            "the second chat asks at 1, 6 and 11, and the last answer takes one more"
        );
    }

    #[tokio::test]
    async fn failures_are_counted_not_hidden() {
        let load = Load {
            tokens: 13,
            spread: Duration::ZERO,
            ..LOAD
        };
        let outcome = run(vec![Clockwork(Duration::ZERO)], load).await.unwrap();
        assert_eq!(
            (outcome.answers.len(), outcome.failures),
            (0, vec!["unlucky".to_owned()])
        );
    }
}
