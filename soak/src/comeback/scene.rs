//! What happens to clients: each on a line of its own, all on one server that knows nothing of it.

use super::fault::Fault;
use super::page::Page;
use super::rules::{Sight, Testimony};
use super::visitor::Visitor;
use super::{Pace, Plan};
use crate::Done;
use crate::order::Order;
use crate::proxy::{Mode, Route, Way};
use crate::stage::Stage;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Times that somebody tries to be in the middle of an answer.
const ATTEMPTS: u32 = 3;

/// Plays a fault at each point, all at once.
pub(super) async fn play(stage: &Stage, parts: &[(Fault, u32)], plan: &Plan) -> Done<Vec<Testimony>> {
    let mut random = fastrand::Rng::with_seed(plan.seed);
    let mut scenes = JoinSet::new();
    for (number, (fault, point)) in parts.iter().enumerate() {
        let scene = Scene {
            way_in: stage.way_in(),
            fault: *fault,
            order: plan.pace.order(*fault),
            point: *point,
            away: plan.pace.answer.mul_f64(random.f64()),
            pace: plan.pace,
        };
        let email = format!("{}-{number}@example.org", fault.word());
        scenes.spawn(async move { scene.play(email).await });
    }
    let mut testimonies = Vec::new();
    while let Some(testimony) = scenes.join_next().await {
        testimonies.push(testimony??);
    }
    for testimony in &testimonies {
        // What the model did is of no use to anybody.
        drop(stage.upstream.runs.take(testimony.order.number).await);
    }
    Ok(testimonies)
}

/// A page at the end.
pub(super) fn sight(page: &Page) -> Sight {
    Sight {
        text: page.text(),
        ended: page.ended,
        complaints: page.complaints.clone(),
    }
}

struct Scene {
    way_in: Route,
    fault: Fault,
    order: Order,
    /// The token behind which it happens.
    point: u32,
    /// How long a closed tab stays closed.
    away: Duration,
    pace: Pace,
}

impl Scene {
    async fn play(self, email: String) -> Done<Testimony> {
        // On a busy machine a frame may bring all that is left of an answer: that is no middle.
        let mut played = self.play_out(format!("1-{email}")).await;
        for number in 2..=ATTEMPTS {
            match &played {
                Ok(testimony) if testimony.point >= u64::from(self.order.tokens) => {
                    played = self.play_out(format!("{number}-{email}")).await;
                }
                _ => break,
            }
        }
        played.map_err(|error| format!("{} at token {}: {error}", self.fault, self.point).into())
    }

    async fn play_out(&self, email: String) -> Done<Testimony> {
        let mut visitor = Visitor::come(self.way_in.clone(), email).await?;
        visitor.ask(&self.order).await?;
        let token = u64::from(self.point);
        visitor.until(|page| page.seq() >= token).await?;
        let point = visitor.page.seq();
        let mut second = self.happen(&mut visitor).await?;
        let mut pages = Vec::new();
        for visitor in [Some(&mut visitor), second.as_mut()].into_iter().flatten() {
            visitor.until(|page| page.ended.is_some()).await?;
            pages.push(sight(&visitor.page));
        }
        Ok(Testimony {
            fault: self.fault,
            order: self.order,
            point,
            pages,
            stored: visitor.stored().await?,
            cut: None,
        })
    }

    /// What happens; gives the second page, if there is one.
    async fn happen(&self, visitor: &mut Visitor) -> Done<Option<Visitor>> {
        match self.fault {
            Fault::Reload => {
                visitor.close().await;
                visitor.load().await?;
            }
            Fault::ClosedTab => {
                visitor.close().await;
                sleep(self.away).await;
                visitor.load().await?;
            }
            Fault::NoNetwork => {
                visitor.line.set(Mode::BlackHole(Way::Both));
                sleep(self.pace.hole).await;
                visitor.line.set(Mode::Pass);
                visitor.come_back().await?;
            }
            Fault::SecondDevice => return visitor.on_another_device(self.way_in.clone()).await.map(Some),
            Fault::Reset => {
                visitor.line.reset();
                visitor.come_back().await?;
            }
            Fault::Drained | Fault::PastDrain | Fault::Killed => {
                return Err("the server's end is played elsewhere".into());
            }
        }
        Ok(None)
    }
}
