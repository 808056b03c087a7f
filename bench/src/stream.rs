//! `bench stream`: what Parlance adds between the model and the browser's socket. One repetition is one fresh server
//! through all loads, each load beside the direct client.

mod crowd;
mod full_speed;
mod place;
mod plan;
mod start;
mod stop;
mod trickle;

use crate::Done;
use crate::client::{Chat, Person};
use crate::direct::Direct;
use crate::figure::Figures;
use clap::ValueEnum;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use soak::program::Program;
use soak::upstream::Upstream;
use std::time::Duration;

pub(crate) use place::Place;
pub(crate) use plan::Plan;

/// Chats at once, in the usual loads.
const CHATS: usize = 50;

/// The loads, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// One chat at the speed of a model.
    One,
    /// Ten of them.
    Ten,
    /// Fifty of them.
    Fifty,
    /// Fifty prompts at one instant.
    AtOnce,
    /// Three hundred, all the time.
    ThreeHundred,
    /// Two thousand, all the time.
    TwoThousand,
    /// One chat and ten, as fast as it goes.
    FullSpeed,
    /// Stop.
    Stop,
}

/// What every load needs.
struct Stage<'a> {
    plan: Plan,
    upstream: &'a Upstream,
    server: &'a Program,
    people: Vec<Person>,
    figures: &'a mut Figures,
}

impl Stage<'_> {
    /// New conversations of the first `count` people, who sign up if they have not yet.
    async fn chats(&mut self, count: usize) -> Done<Vec<Chat>> {
        let server = self.server.address;
        // No more at once than have their passwords hashed at once: the others would be told to come later.
        let newcomers = (self.people.len()..count)
            .map(|index| async move { Person::sign_up(server, &format!("person-{index}")).await });
        let newcomers: Vec<Person> = stream::iter(newcomers).buffered(2).try_collect().await?;
        self.people.extend(newcomers);
        let mut chats = Vec::with_capacity(count);
        for person in self.people.iter().take(count) {
            chats.push(person.chat().await?);
        }
        Ok(chats)
    }

    /// What comes of `work`, and the most memory that the server held meanwhile.
    async fn server_memory_during<T>(&self, work: impl Future<Output = T>) -> Done<(T, u64)> {
        let mut work = std::pin::pin!(work);
        let mut memory = self.server.usage()?.rss_bytes;
        loop {
            tokio::select! {
                done = &mut work => return Ok((done, memory)),
                () = tokio::time::sleep(Duration::from_millis(200)) => memory = memory.max(self.server.usage()?.rss_bytes),
            }
        }
    }

    /// As many clients without Parlance between.
    async fn direct(&self, count: usize) -> Done<Vec<Direct>> {
        let mut clients = Vec::with_capacity(count);
        for _ in 0..count {
            clients.push(Direct::connect(self.upstream.address).await?);
        }
        Ok(clients)
    }
}

/// Measures all parts once, or those of `only`, with servers that are started as `place` says.
pub(crate) async fn repetition(
    plan: Plan,
    only: &[Part],
    place: &Place<'_>,
    upstream: &Upstream,
    figures: &mut Figures,
) -> Done {
    let server = &start::measure(plan, place, upstream, figures).await?;
    let mut stage = Stage {
        plan,
        upstream,
        server,
        people: Vec::new(),
        figures,
    };
    // All who will be needed for the usual loads: whoever signs up in the middle of one would be measured with it.
    drop(stage.chats(CHATS).await?);
    trickle::warm_up(&mut stage).await?;
    for part in Part::value_variants() {
        if !only.is_empty() && !only.contains(part) {
            continue;
        }
        match part {
            Part::One => trickle::one_chat(&mut stage).await?,
            Part::Ten => trickle::ten_chats(&mut stage).await?,
            Part::Fifty => trickle::fifty_chats(&mut stage).await?,
            Part::AtOnce => trickle::fifty_at_once(&mut stage).await?,
            Part::ThreeHundred => crowd::three_hundred(&mut stage).await?,
            Part::TwoThousand => crowd::two_thousand(&mut stage).await?,
            Part::FullSpeed => {
                full_speed::one_chat(&mut stage).await?;
                full_speed::ten_chats(&mut stage).await?;
                full_speed::twice_the_length(&mut stage).await?;
            }
            Part::Stop => stop::measure(&mut stage).await?,
        }
    }
    Ok(())
}
