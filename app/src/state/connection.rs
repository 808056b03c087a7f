//! When the socket opens, waits, comes back, and gives up: a table of states without a socket in it.
//!
//! Every input gives at most one [`Effect`]; `crate::live` carries it out and reports what came of it.

use super::back_off;
use std::time::Duration;
use wire::{SessionId, session::OpenSession, socket::CloseReason, socket::close_code};

#[cfg(test)]
mod tests;

/// Where the connection stands: what the page shows of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// Not asked for yet, or ended in peace; the next sign of intent opens it.
    #[default]
    Idle,
    /// On its way.
    Opening,
    /// Prompts go out, answers come in.
    Open,
    /// Lost; tried again after a pause.
    Waiting {
        /// The number of the attempt that follows.
        attempt: u32,
    },
    /// The user chats elsewhere now. Never left by itself: two devices would evict each other for ever.
    Replaced,
    /// Nothing can be sent here any more.
    Closed(Ended),
}

/// Why nothing can be sent any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The sign-in ended; the page goes to /sign-in.
    SignedOut,
    /// The conversation or its chatbot was deleted.
    Gone,
}

impl Phase {
    /// For `data-connection` and the style sheet.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Opening => "opening",
            Self::Open => "open",
            Self::Waiting { .. } => "waiting",
            Self::Replaced => "replaced",
            Self::Closed(_) => "closed",
        }
    }
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// The user types or sends, or an answer is being written that should be seen.
    Wanted,
    /// The page was loaded while this session, the user's active one, was in this very conversation.
    Join(SessionId),
    /// A session was opened, or the session there is can be joined with fresh credentials.
    Session(SessionId),
    /// A request on the way to the socket failed.
    Failed(Failure),
    /// The socket said its first word.
    Opened,
    /// The server said why it is about to close the socket.
    Told(CloseReason),
    /// The socket closed.
    Closed(u16),
    /// The pause is over.
    PauseOver,
    /// The machine is online again, or the page visible: worth trying at once.
    Woken,
    /// "Use here", after [`Phase::Replaced`].
    UseHere,
}

/// How a request failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No such session: another may be opened.
    NoSession,
    /// No such conversation or chatbot.
    Gone,
    /// Not signed in any more.
    SignedOut,
    /// No network, or a server in trouble: worth another attempt.
    Passing,
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// POST for a session, then report [`Input::Session`].
    OpenSession,
    /// Get a ticket and open the socket of this session.
    Connect(SessionId),
    /// Get a new access token, then report [`Input::Session`] with this session.
    Renew(SessionId),
    /// Report [`Input::PauseOver`] after this long.
    Pause(Duration),
    /// Go to the sign-in page.
    SignIn,
}

/// The connection of one chat.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    phase: Phase,
    session: Option<SessionId>,
    /// Since it last was open.
    failures: u32,
    /// Whether fresh credentials were tried since it last was open.
    renewed: bool,
    told: Option<CloseReason>,
}

impl Connection {
    /// Where it stands.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Takes in what happened. `needed`: there is something to send or an answer being written. `random` is in
    /// `0.0..1.0`.
    pub fn apply(&mut self, input: Input, needed: bool, random: f64) -> Option<Effect> {
        match input {
            Input::Wanted => (self.phase == Phase::Idle).then(|| self.start()),
            Input::Woken => matches!(self.phase, Phase::Waiting { .. }).then(|| self.start()),
            Input::PauseOver => matches!(self.phase, Phase::Waiting { .. }).then(|| self.start()),
            Input::UseHere => (self.phase == Phase::Replaced).then(|| {
                self.session = None;
                self.start()
            }),
            Input::Join(session) => (self.phase == Phase::Idle).then(|| {
                self.session = Some(session);
                self.start()
            }),
            Input::Session(session) => (self.phase == Phase::Opening).then(|| {
                self.session = Some(session);
                Effect::Connect(session)
            }),
            Input::Opened => {
                self.phase = Phase::Open;
                self.failures = 0;
                self.renewed = false;
                self.told = None;
                None
            }
            Input::Told(CloseReason::Replaced) => {
                self.phase = Phase::Replaced;
                None
            }
            Input::Told(reason) => {
                self.told = Some(reason);
                None
            }
            Input::Closed(_) if self.is_settled() => None,
            Input::Closed(code) => {
                // A proxy may lose the code; what was said before it counts more.
                let code = self.told.take().map_or(code, CloseReason::close_code);
                self.closed(code, needed, random)
            }
            Input::Failed(_) if self.is_settled() => None,
            Input::Failed(failure) => self.failed(failure, needed, random),
        }
    }

    fn is_settled(&self) -> bool {
        matches!(self.phase, Phase::Replaced | Phase::Closed(_) | Phase::Idle)
    }

    fn start(&mut self) -> Effect {
        self.phase = Phase::Opening;
        self.session.map_or(Effect::OpenSession, Effect::Connect)
    }

    fn closed(&mut self, code: u16, needed: bool, random: f64) -> Option<Effect> {
        match code {
            close_code::REPLACED => {
                self.phase = Phase::Replaced;
                None
            }
            close_code::NO_SUCH_SESSION => self.failed(Failure::NoSession, needed, random),
            close_code::CREDENTIALS_ENDED => match self.session {
                Some(session) if !self.renewed => {
                    self.renewed = true;
                    self.phase = Phase::Opening;
                    Some(Effect::Renew(session))
                }
                _ => self.failed(Failure::SignedOut, needed, random),
            },
            // Ended in peace: the next sign of intent opens another session.
            close_code::NORMAL | close_code::IDLE => {
                self.session = None;
                self.phase = Phase::Idle;
                needed.then(|| self.start())
            }
            _ => self.failed(Failure::Passing, needed, random),
        }
    }

    fn failed(&mut self, failure: Failure, needed: bool, random: f64) -> Option<Effect> {
        match failure {
            Failure::SignedOut => {
                self.phase = Phase::Closed(Ended::SignedOut);
                Some(Effect::SignIn)
            }
            Failure::Gone => {
                self.phase = Phase::Closed(Ended::Gone);
                None
            }
            Failure::NoSession => {
                self.session = None;
                if !needed {
                    self.phase = Phase::Idle;
                    return None;
                }
                // Once at once; a server that goes on like this is given time.
                if self.failures == 0 {
                    self.failures = 1;
                    return Some(self.start());
                }
                self.failed(Failure::Passing, needed, random)
            }
            Failure::Passing => {
                self.failures = self.failures.saturating_add(1);
                self.phase = Phase::Waiting {
                    attempt: self.failures,
                };
                Some(Effect::Pause(back_off::pause(self.failures, random)))
            }
        }
    }
}

/// The body of `POST /chatbot/{id}/session` for a chat that is, or is not yet, a conversation.
pub fn request_for(conversation: Option<wire::ConversationId>) -> OpenSession {
    OpenSession {
        conversation_id: conversation,
        new_conversation: conversation.is_none(),
    }
}
