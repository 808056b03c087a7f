//! Stop: how long the provider goes on, and bills, after it was pressed.

use super::Stage;
use crate::Done;
use crate::figure::{Figure, Side};
use crate::load;
use crate::measure::{self, millis};

/// Tokens seen before Stop is pressed.
const SEEN: u64 = 5;

/// Stops answer after answer.
pub(super) async fn measure(stage: &mut Stage<'_>) -> Done {
    let mut chat = stage.chats(1).await?.pop().ok_or("nobody to chat with")?;
    let mut times = Vec::new();
    for _ in 0..stage.plan.stops {
        let order = load::order(3_000, 30);
        let pressed = chat.stop(order, SEEN).await?;
        let run = stage.upstream.runs.take(order.number).await;
        times.push(
            run.closed
                .ok_or("the stand-in was not told")?
                .saturating_duration_since(pressed),
        );
    }
    for (figure, percent) in [(Figure::StopP50, 50), (Figure::StopWorst, 100)] {
        if let Some(time) = measure::percentile(&mut times, percent) {
            stage.figures.note(Side::Parlance, figure, millis(time));
        }
    }
    Ok(())
}
