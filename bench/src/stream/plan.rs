//! How much is measured.

/// Sizes of one repetition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Starts on an empty folder, and as many on a used one.
    pub(super) starts: u32,
    /// Conversations of ten prompts, one chat.
    pub(super) one: u32,
    /// The same for ten chats.
    pub(super) ten: u32,
    /// Prompts of each of fifty chats.
    pub(super) fifty: u32,
    /// Times that fifty chats ask at one instant.
    pub(super) at_once: u32,
    /// Answers at full speed.
    pub(super) full_speed: u32,
    /// Answers that are stopped.
    pub(super) stops: u32,
}

impl Plan {
    /// Enough samples to speak of a 99th percentile.
    pub(crate) const WHOLE: Self = Self {
        starts: 5,
        one: 25,
        ten: 3,
        fifty: 8,
        at_once: 6,
        full_speed: 7,
        stops: 20,
    };
    /// Enough to see that it works.
    pub(crate) const QUICK: Self = Self {
        starts: 1,
        one: 2,
        ten: 1,
        fifty: 1,
        at_once: 1,
        full_speed: 2,
        stops: 3,
    };
}
