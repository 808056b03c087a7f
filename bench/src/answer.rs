//! An answer as a client got it, whoever relayed it.

use crate::Done;
use soak::order::Order;
use std::time::{Duration, Instant};

/// Somebody who can be asked: the model's stand-in itself, or Parlance in front of it.
pub(crate) trait Ask: Send + 'static {
    /// Asks, and reads the answer to its end. An answer that is not exactly what was ordered is an error.
    fn ask(&mut self, order: Order) -> impl Future<Output = Done<Answer>> + Send;
}

/// An answer, and when it came.
#[derive(Debug)]
pub(crate) struct Answer {
    /// What was ordered.
    pub(crate) order: Order,
    /// Just before the prompt was sent.
    pub(crate) asked: Instant,
    /// What came, in order.
    pub(crate) arrivals: Vec<Arrival>,
}

/// A frame or an event with text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    /// When it had been read and understood.
    pub(crate) at: Instant,
    /// How many tokens came up to and with it.
    pub(crate) tokens: u64,
    /// Its size on the wire.
    pub(crate) bytes: u64,
}

impl Answer {
    /// Nothing came yet.
    pub(crate) fn to(order: Order) -> Self {
        Self {
            order,
            asked: Instant::now(),
            arrivals: Vec::new(),
        }
    }

    /// From the prompt to the first token.
    pub(crate) fn first_token(&self) -> Option<Duration> {
        Some(self.arrivals.first()?.at - self.asked)
    }

    /// When the last token came.
    pub(crate) fn last(&self) -> Option<Instant> {
        Some(self.arrivals.last()?.at)
    }

    /// Bytes of all that carried text.
    pub(crate) fn bytes(&self) -> u64 {
        self.arrivals.iter().map(|arrival| arrival.bytes).sum()
    }

    /// How long each token took from the stand-in's write (`written`, token by token) to here.
    pub(crate) fn delays(&self, written: &[Instant]) -> Vec<Duration> {
        let mut arrivals = self.arrivals.iter().peekable();
        let tokens = (1..).zip(written);
        let delay = |(token, written): (u64, &Instant)| {
            while arrivals.next_if(|arrival| arrival.tokens < token).is_some() {}
            Some(arrivals.peek()?.at.saturating_duration_since(*written))
        };
        tokens.map_while(delay).collect()
    }

    /// Whether it has as many tokens as were ordered.
    pub(crate) fn whole(self) -> Done<Self> {
        let tokens = self.arrivals.last().map_or(0, |arrival| arrival.tokens);
        if tokens == u64::from(self.order.tokens) {
            Ok(self)
        } else {
            Err(format!("{}: {tokens} came", self.order).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_that_share_a_frame_arrive_together() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut answer = Answer::to(Order {
            number: 1,
            tokens: 3,
            rate: 30,
        });
        answer.arrivals = vec![
            Arrival {
                at: at(11),
                tokens: 1,
                bytes: 50,
            },
            Arrival {
                at: at(40),
                tokens: 3,
                bytes: 60,
            },
        ];
        let delays = answer.delays(&[at(10), at(20), at(30)]);
        assert_eq!(delays, [1, 20, 10].map(Duration::from_millis));
        assert_eq!(answer.bytes(), 110);
        assert!(answer.whole().is_ok());
    }

    #[test]
    fn an_answer_with_a_token_missing_is_no_answer() {
        assert!(
            Answer::to(Order {
                number: 1,
                tokens: 1,
                rate: 0
            })
            .whole()
            .is_err()
        );
    }
}
