//! Parlance, the program.
//!
//! Start at [`startup`], which puts everything together, then at [`http`] for the routes and at [`chat`] for what
//! Parlance exists for. [`app`] holds the handles all parts share, [`config`] what the operator can choose.

#![recursion_limit = "256"] // the types of rendered pages are deep

pub mod account;
pub mod admin;
pub mod app;
pub mod audit;
pub mod auth;
pub mod chat;
pub mod chatbot;
pub mod clock;
pub mod command;
pub mod config;
pub mod conversation;
pub mod drawing;
pub mod embedding;
pub mod feedback;
pub mod field;
pub mod http;
pub mod library;
pub mod limits;
pub mod model;
pub mod node;
pub mod outage;
pub mod problem;
pub mod session;
pub mod startup;
pub mod telemetry;
