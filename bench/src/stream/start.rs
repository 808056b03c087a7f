//! How long the program takes to start, and how much memory it holds when nobody asks it anything.

use super::{Place, Plan};
use crate::Done;
use crate::figure::{Figure, Figures, Side};
use crate::measure;
use soak::program::Program;
use soak::upstream::Upstream;

/// Starts it again and again, on empty folders and on used ones; gives the last one, which has served nobody yet.
pub(super) async fn measure(
    plan: Plan,
    place: &Place<'_>,
    upstream: &Upstream,
    figures: &mut Figures,
) -> Done<Program> {
    let model = upstream.base_url();
    let (mut cold, mut again) = (Vec::new(), Vec::new());
    let mut last = None;
    for number in 0..plan.starts {
        drop(last.take());
        let launch = place.launch(number, &model).await?;
        cold.push(Program::start(&launch).await?.start_up);
        let server = Program::start(&launch).await?;
        again.push(server.start_up);
        last = Some(server);
    }
    for (figure, mut times) in [(Figure::ColdStart, cold), (Figure::Restart, again)] {
        if let Some(time) = measure::percentile(&mut times, 50) {
            figures.note(Side::Parlance, figure, measure::millis(time));
        }
    }
    let server = last.ok_or("a plan without starts")?;
    figures.note(
        Side::Parlance,
        Figure::IdleMemory,
        measure::float(server.usage()?.rss_bytes) / 1e6,
    );
    Ok(server)
}
