//! Parlance from outside: its REST API, its sockets, its pages, its command line.
//!
//! Every test starts a server of its own with SQLite in a folder that is thrown away, a scripted model, and a clock that
//! is turned by hand. [`world`] listens on a port and is called over the network; [`rest`] calls the routes directly,
//! as somebody whose client keeps cookies. What an operator sees is asked of the program itself ([`program`]).
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails should say where"
)]

mod account;
mod accounts;
mod admin;
mod admission;
mod auth;
mod backup;
mod bad_input;
mod branches;
mod chat;
mod chatbots;
mod contract;
mod conversations;
mod doctor;
mod documents;
mod elsewhere;
mod feedback;
mod forms;
mod guide;
mod killed;
mod library;
mod nodes;
mod pages;
mod program;
mod ready;
mod reindexing;
mod rest;
mod restart;
mod sessions;
mod sockets;
mod tabs;
mod telemetry;
mod titles;
mod world;
