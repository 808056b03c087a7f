//! What can happen to somebody in the middle of an answer.

use super::pace::TOKENS;
use std::fmt;
use std::ops::Range;

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The page is loaded anew.
    Reload,
    /// The tab is closed, and opened again some time later.
    ClosedTab,
    /// No byte passes for a while, and nobody is told.
    NoNetwork,
    /// Somebody signs in on a second device and opens the conversation there.
    SecondDevice,
    /// The connection is reset.
    Reset,
    /// The server is told to end, and the answer ends before it has to.
    Drained,
    /// The server is told to end, and the answer takes longer than it may.
    PastDrain,
    /// The server is gone at once.
    Killed,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Reload,
        Self::ClosedTab,
        Self::NoNetwork,
        Self::SecondDevice,
        Self::Reset,
        Self::Drained,
        Self::PastDrain,
        Self::Killed,
    ];

    /// One word, for folders and options.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reload => "reload",
            Self::ClosedTab => "closed-tab",
            Self::NoNetwork => "no-network",
            Self::SecondDevice => "second-device",
            Self::Reset => "reset",
            Self::Drained => "drained",
            Self::PastDrain => "past-drain",
            Self::Killed => "killed",
        }
    }

    /// The one with this word.
    ///
    /// # Errors
    /// There is none.
    pub fn of_word(word: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|fault| fault.word() == word);
        found.ok_or_else(|| format!("one of {}", Self::ALL.map(Self::word).join(", ")))
    }

    /// Whether the server goes away.
    pub fn ends_server(self) -> bool {
        matches!(self, Self::Drained | Self::PastDrain | Self::Killed)
    }

    /// Whether the answer may be cut by it.
    pub fn cuts(self) -> bool {
        matches!(self, Self::PastDrain | Self::Killed)
    }

    /// Behind which token of an answer it can happen: what is to be cut must have more to say than the drain waits for.
    pub fn bounds(self) -> Range<u32> {
        match self {
            Self::PastDrain => 1..TOKENS / 100 * 85,
            _ => 1..TOKENS / 100 * 90,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reload => "reload",
            Self::ClosedTab => "closed tab",
            Self::NoNetwork => "no network for a while",
            Self::SecondDevice => "second device",
            Self::Reset => "socket reset",
            Self::Drained => "SIGTERM within the drain",
            Self::PastDrain => "SIGTERM past the drain",
            Self::Killed => "kill -9",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_chosen_by_its_word() {
        for fault in Fault::ALL {
            assert_eq!(Fault::of_word(fault.word()), Ok(fault));
        }
        assert!(Fault::of_word("flood").unwrap_err().contains("reload"));
    }
}
