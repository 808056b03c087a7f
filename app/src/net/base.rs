//! Where the server is: where the page came from, unless the browser draws pages on its own (`csr`); then it is told at the
//! start.

/// Does this with the address at the server that has this path.
#[cfg(not(feature = "csr"))]
pub(super) fn at_server<T>(path: &str, ask: impl FnOnce(&str) -> T) -> T {
    ask(path)
}

/// Does this with the address at the server that has this path.
#[cfg(feature = "csr")]
pub(crate) fn at_server<T>(path: &str, ask: impl FnOnce(&str) -> T) -> T {
    let server = SERVER.get().map(String::as_str).unwrap_or_default();
    ask(&format!("{server}{path}"))
}

#[cfg(feature = "csr")]
static SERVER: std::sync::OnceLock<String> = std::sync::OnceLock::new();

/// Says once where the server is: `https://chat.example.org`.
#[cfg(feature = "csr")]
pub(crate) fn is_at(server: &str) {
    let _ = SERVER.set(server.trim_end_matches('/').to_owned());
}
