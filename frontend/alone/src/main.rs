//! The entry of the front alone: says where the server is. Everything else is in `app`.
//!
//! Where that is: `PARLANCE_SERVER` when this was built, or what the page says (`<meta name="parlance-server">`), which can be
//! changed in what was built.

/// Where `cargo xtask run` and `parlance serve` listen.
const USUAL: &str = "http://localhost:8000";

fn main() {
    let server = option_env!("PARLANCE_SERVER").map(str::to_owned);
    app::start(&server.or_else(said).unwrap_or_else(|| USUAL.to_owned()));
}

/// What the page says.
fn said() -> Option<String> {
    let page = web_sys::window()?.document()?;
    let said = page.query_selector("meta[name=parlance-server]").ok()??;
    said.get_attribute("content").filter(|said| !said.is_empty())
}
