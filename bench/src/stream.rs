//! `bench stream`: what Parlance adds between the model and the browser's socket. One repetition is one fresh server
//! through all loads, each load beside the direct client.

mod full_speed;
mod plan;
mod start;
mod stop;
mod trickle;

use crate::Done;
use crate::client::{Chat, Person};
use crate::direct::Direct;
use crate::figure::Figures;
use clap::ValueEnum;
use soak::program::Program;
use soak::upstream::Upstream;
use std::path::Path;

pub(crate) use plan::Plan;

/// Chats at once, at most.
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
    /// New conversations of the first `count` people.
    async fn chats(&self, count: usize) -> Done<Vec<Chat>> {
        let mut chats = Vec::with_capacity(count);
        for person in self.people.iter().take(count) {
            chats.push(person.chat().await?);
        }
        Ok(chats)
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

/// Measures all parts once, or those of `only`; `folder` takes the data of the servers.
pub(crate) async fn repetition(
    plan: Plan,
    only: &[Part],
    program: &Path,
    folder: &Path,
    upstream: &Upstream,
    figures: &mut Figures,
) -> Done {
    let server = &start::measure(plan, program, folder, upstream, figures).await?;
    let mut people = Vec::with_capacity(CHATS);
    for index in 0..CHATS {
        people.push(Person::sign_up(server.address, &format!("person-{index}")).await?);
    }
    let mut stage = Stage {
        plan,
        upstream,
        server,
        people,
        figures,
    };
    trickle::warm_up(&stage).await?;
    for part in Part::value_variants() {
        if !only.is_empty() && !only.contains(part) {
            continue;
        }
        match part {
            Part::One => trickle::one_chat(&mut stage).await?,
            Part::Ten => trickle::ten_chats(&mut stage).await?,
            Part::Fifty => trickle::fifty_chats(&mut stage).await?,
            Part::AtOnce => trickle::fifty_at_once(&mut stage).await?,
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
