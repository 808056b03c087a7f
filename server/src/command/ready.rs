//! `parlance ready`: asks the server on this machine whether it is ready. For the health check of a container, whose
//! image has no other program in it.

use super::outside::Outside;
use clap::Args;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use wire::{Problem, auth::ServerInfo, health::Readiness};

/// Succeeds when the server on this machine is ready.
#[derive(Debug, Args)]
pub struct ReadyCommand {
    /// As for `serve`.
    #[arg(long, env = "PARLANCE_HOST", default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// As for `serve`.
    #[arg(long, env = "PARLANCE_PORT", default_value_t = 8000)]
    pub port: u16,
}

/// Asks.
///
/// # Errors
/// It is not ready, or not there: a sentence.
pub fn run(command: &ReadyCommand) -> Result<(), String> {
    let address = SocketAddr::new(command.host, command.port);
    super::runtime()?.block_on(ask(address))
}

/// Whether the server at an address is ready.
///
/// # Errors
/// It is not ready, or not there: a sentence.
pub async fn ask(address: SocketAddr) -> Result<(), String> {
    let url = url(address, "/readyz");
    let outside = Outside::of(&url).map_err(|trouble| trouble.to_string())?;
    let answer = outside
        .get(&url, &[])
        .await
        .map_err(|trouble| format!("nothing is ready at {address}: {trouble}"))?;
    if answer.status == 200 && answer.is_ours() {
        return Ok(());
    }
    Err(format!("not ready: {}", why_not(answer.status, &answer.body)))
}

/// What an answer of `/readyz` that is not 200 says, in words.
pub(super) fn why_not(status: u16, body: &[u8]) -> String {
    if let Ok(readiness) = serde_json::from_slice::<Readiness>(body) {
        return readiness.to_string();
    }
    serde_json::from_slice::<Problem>(body)
        .map_or_else(|_| format!("HTTP {status}"), |problem| problem.detail)
}

/// The version of the Parlance that answers there; `None` when nobody does, or somebody else.
pub(super) async fn version_at(address: SocketAddr) -> Option<String> {
    let url = url(address, "/info");
    let answer = Outside::of(&url).ok()?.get(&url, &[]).await.ok()?;
    let info: ServerInfo = serde_json::from_slice(&answer.body).ok()?;
    answer.is_ours().then_some(info.version)
}

/// A server on all addresses is asked on this machine's own.
fn url(address: SocketAddr, path: &str) -> String {
    let host = match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        host => host,
    };
    format!("http://{}{path}", SocketAddr::new(host, address.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_all_addresses_is_asked_on_this_machines_own() {
        let url = |address: &str| url(address.parse().unwrap(), "/readyz");
        assert_eq!(url("0.0.0.0:8000"), "http://127.0.0.1:8000/readyz");
        assert_eq!(url("[::]:8000"), "http://[::1]:8000/readyz");
        assert_eq!(url("192.0.2.7:80"), "http://192.0.2.7:80/readyz");
    }
}
