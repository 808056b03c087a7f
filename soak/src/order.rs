//! What the stand-in of the model is asked for. It travels as the prompt, through whatever is measured.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;
use std::time::Duration;

/// One answer, ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Tells this answer from all others of the run.
    pub number: u64,
    /// How long it is.
    pub tokens: u32,
    /// How fast: tokens a second; 0 is as fast as it goes.
    pub rate: u32,
}

impl Order {
    /// When token `index` is said, after the first.
    pub fn pause_before(&self, index: u32) -> Duration {
        Duration::from_secs(u64::from(index)) / self.rate.max(1)
    }

    /// Token `index` (from 1) when tokens are numbered: no other token of any answer reads like it.
    pub fn numbered(&self, index: u32) -> String {
        format!(" {}:{index}", self.number)
    }

    /// All that is said when tokens are numbered.
    pub fn script(&self) -> String {
        self.beginning(self.tokens)
    }

    /// The first `count` tokens of it.
    pub fn beginning(&self, count: u32) -> String {
        (1..=count.min(self.tokens))
            .map(|index| self.numbered(index))
            .collect()
    }

    /// How many tokens a text is that begins like the script and ends with a whole token; `None` for any other.
    pub fn count(&self, text: &str) -> Option<u32> {
        let Some(last) = text.rsplit(' ').next().filter(|_| !text.is_empty()) else {
            return Some(0);
        };
        let count = last.strip_prefix(&format!("{}:", self.number))?.parse().ok()?;
        (count <= self.tokens && self.beginning(count) == text).then_some(count)
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Order {}: {} tokens at {} a second",
            self.number, self.tokens, self.rate
        )
    }
}

/// The prompt is none of ours.
#[derive(Debug, PartialEq, Eq)]
pub struct NoOrder;

impl From<ParseIntError> for NoOrder {
    fn from(_: ParseIntError) -> Self {
        Self
    }
}

impl FromStr for Order {
    type Err = NoOrder;

    fn from_str(text: &str) -> Result<Self, NoOrder> {
        let words: Vec<&str> = text.split(' ').collect();
        let ["Order", number, tokens, "tokens", "at", rate, "a", "second"] = words.as_slice() else {
            return Err(NoOrder);
        };
        let number = number.strip_suffix(':').ok_or(NoOrder)?.parse()?;
        Ok(Self {
            number,
            tokens: tokens.parse()?,
            rate: rate.parse()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_arrives_as_it_was_given() {
        let order = Order {
            number: 77,
            tokens: 60,
            rate: 30,
        };
        assert_eq!(order.to_string().parse(), Ok(order));
        assert_eq!("Hello".parse::<Order>(), Err(NoOrder));
    }

    #[test]
    fn a_text_is_counted_if_it_is_the_scripts_beginning() {
        let order = Order {
            number: 7,
            tokens: 12,
            rate: 0,
        };
        assert_eq!(order.count(""), Some(0));
        assert_eq!(order.count(" 7:1 7:2"), Some(2));
        assert_eq!(order.count(&order.script()), Some(12));
        for wrong in [" 7:2", " 7:1 7:2 ", "7:1", " 8:1", " 7:1 7:", " 7:1 7:1", " "] {
            assert_eq!(order.count(wrong), None, "{wrong:?}");
        }
        assert_eq!(order.count(&format!("{} 7:13", order.script())), None);
    }

    #[test]
    fn at_30_a_second_the_31st_token_comes_after_a_second() {
        let order = Order {
            number: 1,
            tokens: 60,
            rate: 30,
        };
        assert_eq!(order.pause_before(30), Duration::from_secs(1));
    }
}
