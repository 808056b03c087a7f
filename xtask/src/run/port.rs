//! Whether the port is free, and how the address reads.

use std::io::ErrorKind;
use std::net::{IpAddr, TcpListener};

use super::health;
use crate::failure::{Done, Failure};

/// Fails when nobody could listen there now.
pub(crate) fn check(host: IpAddr, port: u16) -> Done {
    let Err(error) = TcpListener::bind((host, port)) else {
        return Ok(());
    };
    let what = format!("listen on port {port} of {host}");
    Err(match error.kind() {
        ErrorKind::AddrInUse if health::answers(host, port) => Failure::new(
            what,
            "a Parlance is already answering there",
            format_args!(
                "open {}, or stop it, or start another with `--port {} --data ./other-data`",
                address(host, port),
                port.saturating_add(1)
            ),
        ),
        ErrorKind::AddrInUse => Failure::new(
            what,
            "another program has this port",
            format_args!("use another: `cargo xtask run --port {}`", port.saturating_add(1)),
        ),
        ErrorKind::PermissionDenied => Failure::new(
            what,
            "this port needs more rights than you have",
            "use a port of 1024 or above: `--port 8000`",
        ),
        _ => Failure::new(
            what,
            error,
            "give an address of this machine: `--host 127.0.0.1`, or `--host 0.0.0.0` for all",
        ),
    })
}

/// What to type into the browser.
pub(crate) fn address(host: IpAddr, port: u16) -> String {
    match host {
        host if host.is_loopback() || host.is_unspecified() => format!("http://localhost:{port}"),
        IpAddr::V4(host) => format!("http://{host}:{port}"),
        IpAddr::V6(host) => format!("http://[{host}]:{port}"),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::{address, check};

    fn host(text: &str) -> std::net::IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_taken_port_is_named_with_another_to_try() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        // Nobody answers on this listener: so it is "another program", not a Parlance.
        std::thread::spawn(move || drop(taken.accept()));
        let failure = check(host("127.0.0.1"), port).unwrap_err().to_string();
        assert!(
            failure.contains("another program has this port") && failure.contains("--port"),
            "{failure}"
        );
    }

    #[test]
    fn an_address_of_another_machine_is_refused_with_a_cure() {
        let failure = check(host("192.0.2.1"), 8000).unwrap_err().to_string();
        assert!(failure.contains("--host 127.0.0.1"), "{failure}");
    }

    #[test]
    fn the_address_is_one_a_browser_on_this_machine_can_open() {
        assert_eq!(address(host("0.0.0.0"), 8000), "http://localhost:8000");
        assert_eq!(address(host("192.0.2.7"), 80), "http://192.0.2.7:80");
        assert_eq!(address(host("fd00::1"), 8000), "http://[fd00::1]:8000");
    }
}
