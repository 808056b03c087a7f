//! What happens when the server goes away: several answers, each at its own point, all cut by one end; it is started again
//! on what it left, and everybody comes back and goes on.

use super::Plan;
use super::fault::Fault;
use super::noise::Noise;
use super::rules::{Cut, Sight, Testimony};
use super::scene::sight;
use super::visitor::{Stored, Visitor};
use crate::Done;
use crate::order::Order;
use crate::proxy::{RoundTrip, Route};
use crate::runs::{Run, Runs};
use crate::stage::Stage;
use rustix::process::Signal;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// A server that was told to end has ended by then, whatever its drain.
const ENDED: Duration = Duration::from_secs(30);
/// Nobody takes longer to get to the point.
const SETTING_OUT: Duration = Duration::from_secs(120);
/// It is down for so long.
const DOWN: Duration = Duration::from_millis(300);
/// Between looks at what the database's proxy has measured.
const LOOK: Duration = Duration::from_millis(100);

/// Plays one end of the server, at a point of each of several answers.
pub(super) async fn play(
    stage: &Stage,
    home: &Path,
    fault: Fault,
    points: &[u32],
    plan: &Plan,
) -> Done<Vec<Testimony>> {
    let last = points.iter().max().copied().unwrap_or_default();
    let ready = Arc::new(Semaphore::new(0));
    let mut visits = JoinSet::new();
    for (number, point) in points.iter().enumerate() {
        let order = plan.pace.order(fault);
        let email = format!("{}-{number}@example.org", fault.word());
        let visit = Visit {
            fault,
            order,
            point: *point,
            // All get to their points at one time.
            delay: order.pause_before(last - point),
            ready: Arc::clone(&ready),
            runs: Arc::clone(&stage.upstream.runs),
        };
        visits.spawn(visit.play(stage.way_in(), email));
    }
    let noise = Noise::start(stage.is_alone().then_some(home))?;
    stage.measure(true);
    let all = u32::try_from(points.len())?;
    let setting_out = async {
        tokio::select! {
            ready = ready.acquire_many(all) => ready.map(drop).map_err(Into::into),
            // One that fails before its point will never be ready.
            failed = visits.join_next() => Err(reason(failed)),
            () = listen(stage, &noise) => Ok(()),
        }
    };
    let set_out: Done = tokio::time::timeout(SETTING_OUT, setting_out)
        .await
        .map_err(|_| format!("not everybody has come to the point after {SETTING_OUT:?}"))?;
    set_out?;
    let signal = if fault == Fault::Killed {
        Signal::KILL
    } else {
        Signal::TERM
    };
    let ended = tokio::select! {
        ended = stage.end(0, signal, ENDED) => ended?,
        () = listen(stage, &noise) => return Err("nobody listens any more".into()),
    };
    if fault != Fault::Killed && !ended.1.success() {
        return Err(format!("told to end, it ended with {}", ended.1).into());
    }
    sleep(DOWN).await;
    let restart = stage.start_again(0).await?;
    let mut testimonies = Vec::new();
    while let Some(visit) = visits.join_next().await {
        testimonies.push(visit??.testimony(ended.0, restart, &noise));
    }
    Ok(testimonies)
}

/// Hears how long the database takes, where it is behind a proxy. Never ends.
async fn listen(stage: &Stage, noise: &Noise) {
    loop {
        let writes =
            |trip: &RoundTrip| matches!(trip.command.as_str(), "insert" | "update" | "findAndModify");
        if let Some(slowest) = stage
            .measured()
            .iter()
            .filter(|trip| writes(trip))
            .map(|trip| trip.time)
            .max()
        {
            noise.wrote(slowest);
        }
        sleep(LOOK).await;
    }
}

fn reason(
    failed: Option<Result<Done<Visited>, tokio::task::JoinError>>,
) -> Box<dyn std::error::Error + Send + Sync> {
    match failed {
        Some(Ok(Err(error))) => error,
        Some(Err(panicked)) => panicked.into(),
        Some(Ok(Ok(_))) => "an answer had ended before the server".into(),
        None => "nobody was there".into(),
    }
}

/// One answer on its way to the end of the server, and back.
struct Visit {
    fault: Fault,
    order: Order,
    point: u32,
    delay: Duration,
    ready: Arc<Semaphore>,
    runs: Arc<Runs>,
}

/// What became of it, before it is known when the server ended.
struct Visited {
    fault: Fault,
    order: Order,
    point: u64,
    /// Of the answer that was cut, and when its mark was seen.
    first: (Sight, Stored, Instant),
    run: Run,
    page: Sight,
    stored: Stored,
}

impl Visit {
    async fn play(self, way_in: Route, email: String) -> Done<Visited> {
        let at = format!("{} at token {}", self.fault, self.point);
        let played = self.play_out(way_in, email).await;
        played.map_err(|error| format!("{at}: {error}").into())
    }

    async fn play_out(self, way_in: Route, email: String) -> Done<Visited> {
        let mut visitor = Visitor::come(way_in, email).await?;
        sleep(self.delay).await;
        visitor.ask(&self.order).await?;
        let token = u64::from(self.point);
        visitor
            .until(|page| page.seq() >= token || page.ended.is_some())
            .await?;
        let point = visitor.page.seq();
        self.ready.add_permits(1);
        visitor.until(|page| page.ended.is_some()).await?;
        let kept = visitor.stored().await?;
        let first = (sight(&visitor.page), kept, Instant::now());
        let run = self.runs.take(self.order.number).await;
        if self.fault.cuts() {
            visitor.go_on().await?;
            visitor.until(|page| page.ended.is_some()).await?;
        }
        Ok(Visited {
            fault: self.fault,
            order: self.order,
            point,
            first,
            run,
            stored: visitor.stored().await?,
            page: sight(&visitor.page),
        })
    }
}

impl Visited {
    fn testimony(self, ended: Instant, restart: Instant, noise: &Noise) -> Testimony {
        let (seen, kept, marked) = self.first;
        let cut = self.fault.cuts().then(|| {
            // Told to end, the server breaks off by itself: for the model it is gone then.
            let at = match self.fault {
                Fault::Killed => ended,
                _ => self.run.closed.unwrap_or(ended),
            };
            let since = |moment: Instant| moment.saturating_duration_since(self.run.asked);
            Cut {
                said: self.run.written.iter().map(|said| since(*said)).collect(),
                at: since(at),
                noise: noise.before(at),
                kept,
                seen,
                marked: Some(marked.saturating_duration_since(restart)),
            }
        });
        Testimony {
            fault: self.fault,
            order: self.order,
            point: self.point,
            pages: vec![self.page],
            stored: self.stored,
            cut,
        }
    }
}
