//! Parlance under faults, seen from outside: real processes, one database behind a proxy that breaks things, many users,
//! and a checker that knows what must hold whatever happened.
//!
//! Must not know: the program's inside. It speaks REST and the socket's protocol, sends signals, and at the end reads the
//! database as it lies there. Start at [`schedule`] (what happens, out of a seed), then [`stage`] (who takes part),
//! [`user`] (what people do) and [`checker`] (what must be true). [`comeback`] is one person and one long answer at a time. [`proxy`] breaks connections; [`upstream`] is the
//! model's stand-in, which `bench` uses too, as it does [`http`], [`program`] and [`order`].

pub mod balancer;
pub mod checker;
pub mod comeback;
pub mod cost;
pub mod database;
pub mod evidence;
pub mod http;
pub mod ledger;
pub mod order;
pub mod program;
pub mod proxy;
pub mod run;
pub mod runs;
pub mod schedule;
pub mod stage;
pub mod stand_in;
pub mod upstream;
pub mod user;

/// What everything here returns that is no verdict. A test tool has nobody who would tell one failure from another: words
/// are enough.
pub type Done<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
