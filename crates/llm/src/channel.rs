//! From whatever writes an answer to the stream that is listened to.
//!
//! Must not know: who writes. The writer sees the end of the listener by `UnboundedSender::closed` and `is_closed`.

use crate::{ChatEvent, ChatStream, ModelError};
use futures::{StreamExt as _, stream};
use tokio::sync::mpsc;

pub(crate) type Event = Result<ChatEvent, ModelError>;

/// Unbounded, so that no writer ever waits for a slow reader: what one answer holds is bounded by its limit of tokens.
/// A writer that goes without a last event breaks the answer off: a stream never ends without a reason.
pub(crate) fn open(gone: &'static str) -> (mpsc::UnboundedSender<Event>, ChatStream) {
    let (events, receiver) = mpsc::unbounded_channel();
    let stream = stream::unfold(Some(receiver), move |receiver| async move {
        let mut receiver = receiver?;
        let event = receiver
            .recv()
            .await
            .unwrap_or_else(|| Err(ModelError::BrokeOff(gone.to_owned())));
        let over = matches!(event, Err(_) | Ok(ChatEvent::Finished { .. }));
        Some((event, (!over).then_some(receiver)))
    });
    (events, stream.boxed())
}
