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
use crate::server_process::ServerProcess;
use crate::upstream::Upstream;
use std::path::Path;

pub(crate) use plan::Plan;

/// Chats at once, at most.
const CHATS: usize = 50;

/// What every load needs.
struct Stage<'a> {
    plan: Plan,
    upstream: &'a Upstream,
    server: &'a ServerProcess,
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

/// Measures everything once; `folder` takes the data of the servers.
pub(crate) async fn repetition(
    plan: Plan,
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
    trickle::one_chat(&mut stage).await?;
    trickle::ten_chats(&mut stage).await?;
    trickle::fifty_chats(&mut stage).await?;
    trickle::fifty_at_once(&mut stage).await?;
    full_speed::one_chat(&mut stage).await?;
    full_speed::ten_chats(&mut stage).await?;
    stop::measure(&mut stage).await
}
