//! How fast passages are taken in while somebody waits for an answer.

use crate::app::App;
use std::time::Duration;

/// Of the time that storing passages took, this many times as long is waited before the next ones while answers are being
/// written: who chats finds the processors and the store's writer free most of the time.
const REST: u32 = 6;
/// Waited at most. Documents are taken in on a busy server, too.
const LONGEST: Duration = Duration::from_millis(200);

/// After each batch: `worked` is what it took to store it. What embedding it took does not count: a server elsewhere takes
/// none of our time, and the model inside steps back by itself.
pub(super) async fn rest(app: &App, worked: Duration) {
    if app.chat.is_answering() {
        tokio::time::sleep((worked * REST).min(LONGEST)).await;
    }
}
