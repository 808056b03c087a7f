//! How the database is reached: the URI decides, and where it says nothing, these defaults.
//!
//! Writes wait for a majority and its journals: what was answered survives the loss of any one machine. Reads ask the
//! primary for what it has (`local`): that includes everything that was ever answered, also right after a change of
//! primaries, when "what a majority has" may lag for a moment behind what was answered. What `local` may show too soon
//! is a write that is not safe yet; where something is promised because it was found, a write says so, or the read asks
//! for `majority` ([`super::query::Query::of_majority`]).

use super::failure::failure;
use crate::{Result, StoreError};
use mongodb::{
    Client,
    options::{
        Acknowledgment, ClientOptions, ConnectionString, ReadPreference, SelectionCriteria, WriteConcern,
    },
};
use std::time::Duration;

/// How long the driver looks for a primary.
const SELECTION: Duration = Duration::from_secs(2);
/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(2);
/// How long a call may take (`socketTimeoutMS` in the URI).
const CALL: Duration = Duration::from_secs(5);
/// How often the driver looks whether a server lives: how soon one that fell silent is noticed.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// Connections, at most. When all are busy, calls wait, as long as a call may take.
const POOL: u32 = 32;

/// A client, which connects when it is first used, and how long a call may take.
pub(super) async fn client(uri: &str) -> Result<(Client, Duration)> {
    let mut parsed = ConnectionString::parse(uri).map_err(|error| not_a_uri(&error))?;
    let limit = call_limit(&mut parsed);
    let mut options = ClientOptions::parse(parsed)
        .await
        .map_err(|error| not_a_uri(&error))?;
    options.app_name.get_or_insert_with(|| "parlance".into());
    options.server_selection_timeout.get_or_insert(SELECTION);
    options.connect_timeout.get_or_insert(CONNECT);
    options.heartbeat_freq.get_or_insert(HEARTBEAT);
    options.max_pool_size.get_or_insert(POOL);
    options
        .selection_criteria
        .get_or_insert(SelectionCriteria::ReadPreference(ReadPreference::Primary));
    let concern = options.write_concern.get_or_insert_default();
    safe(concern, limit);
    let client = Client::with_options(options).map_err(|error| failure(&error))?;
    Ok((client, limit))
}

fn safe(concern: &mut WriteConcern, limit: Duration) {
    concern.w.get_or_insert(Acknowledgment::Majority);
    concern.journal.get_or_insert(true);
    concern.w_timeout.get_or_insert(limit);
}

/// Taken out: the driver knows the option, and refuses it.
#[expect(deprecated, reason = "it is other drivers' word for what is done here")]
fn call_limit(parsed: &mut ConnectionString) -> Duration {
    let limit = parsed.socket_timeout.take();
    limit.filter(|limit| !limit.is_zero()).unwrap_or(CALL)
}

/// The reason names options and hosts, never the password.
fn not_a_uri(error: &mongodb::error::Error) -> StoreError {
    StoreError::Unusable(format!(
        "MONGODB_URI cannot be used: {}. It looks like mongodb://host:27017/?replicaSet=rs0",
        error.kind
    ))
}
