//! From the browser's side: what stands between people and the server, and what it does to pages and sockets.
//!
//! Nobody signs in for this. A socket with a token that is not good must be refused by Parlance itself: then the proxy
//! lets upgrades through. What a proxy makes of it otherwise tells what is wrong with it.

use super::Finding;
use crate::command::outside::{Answer, Outside, Trouble};
use reqwest::header::{ACCEPT_ENCODING, CONNECTION, HeaderName, ORIGIN, UPGRADE};
use wire::{Problem, ProblemCode};

/// An origin that nobody has and no list names.
const STRANGER: &str = "https://parlance-doctor.invalid";
/// A session that never was, and a token that is none.
const SOCKET: &str = "/ws/chat/00000000-0000-0000-0000-000000000000?token=from-parlance-doctor";

/// All that can be seen from there. Ends early where nothing more can be seen.
pub(super) async fn check(url: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let outside = match Outside::of(url) {
        Ok(outside) => outside,
        Err(trouble) => return vec![not_reached(url, &trouble)],
    };
    let browser = Browser { outside, url };
    match browser.reach().await {
        Ok(fine) => found.push(fine),
        Err(failure) => return vec![failure],
    }
    found.extend(browser.tls().await);
    found.push(browser.readiness().await);
    found.extend(browser.page().await);
    found.push(browser.socket().await);
    found.push(browser.strangers_socket().await);
    found
}

struct Browser<'u> {
    outside: Outside,
    url: &'u str,
}

impl Browser<'_> {
    async fn get(&self, path: &str, headers: &[(HeaderName, &str)]) -> Result<Answer, Trouble> {
        self.outside.get(&format!("{}{path}", self.url), headers).await
    }

    /// Whether it is Parlance that answers at all.
    async fn reach(&self) -> Result<Finding, Finding> {
        let answer = self
            .get("/healthz", &[])
            .await
            .map_err(|trouble| not_reached(self.url, &trouble))?;
        match answer.status {
            200 if answer.is_ours() => Ok(Finding::fine(
                "address",
                format!("{} leads to Parlance", self.url),
            )),
            status => Err(not_parlance(self.url, status, answer.header("location"))),
        }
    }

    /// What is worth knowing about encryption, once a connection was made.
    async fn tls(&self) -> Vec<Finding> {
        let about = "TLS";
        let Some(host) = self.url.strip_prefix("https://") else {
            return if is_this_machine(self.url) {
                vec![]
            } else {
                vec![Finding::warning(
                    about,
                    format!(
                        "{} is not encrypted: passwords and chats can be read on the way",
                        self.url
                    ),
                    "let the proxy speak TLS, and set PARLANCE_PUBLIC_URL=https://…",
                )]
            };
        };
        let mut found = vec![Finding::fine(about, "the certificate is good for this machine")];
        // With a port of its own there is no other door beside it.
        if !host.contains(':')
            && let Ok(plain) = self.outside.get(&format!("http://{host}/healthz"), &[]).await
            && !plain.header("location").starts_with("https://")
        {
            found.push(Finding::warning(
                about,
                format!("http://{host} answers without leading to https"),
                "let the proxy redirect it: who types the name alone would chat in the clear",
            ));
        }
        found
    }

    async fn readiness(&self) -> Finding {
        let about = "readiness";
        match self.get("/readyz", &[]).await {
            Err(trouble) => Finding::failure(
                about,
                trouble.to_string(),
                "run the doctor again; the connection is not reliable",
            ),
            Ok(answer) if answer.status == 200 => {
                Finding::fine(about, "ready: the database and the model answer")
            }
            Ok(answer) => Finding::failure(
                about,
                format!("not ready: {}", answer.why()),
                "see the lines above, and the server's log",
            ),
        }
    }

    /// The page that everybody sees, the script that stands in it, and a file that it needs.
    async fn page(&self) -> Vec<Finding> {
        let about = "page";
        let page = match self.get("/sign-in", &[]).await {
            Err(trouble) => {
                return vec![Finding::failure(
                    about,
                    trouble.to_string(),
                    "run the doctor again",
                )];
            }
            Ok(page) if page.status != 200 || !page.is_ours() => {
                let what = format!("/sign-in is answered with HTTP {}", page.status);
                return vec![Finding::failure(
                    about,
                    what,
                    "the proxy must hand on every path, not only some",
                )];
            }
            Ok(page) => page,
        };
        let mut found = Vec::new();
        if !page.header("content-security-policy").contains("'nonce-") {
            found.push(Finding::warning(
                about,
                "its Content-Security-Policy is gone or another one's",
                "let the proxy leave that header alone: it is what keeps foreign scripts out",
            ));
        }
        if self.url.starts_with("https://") && page.header("strict-transport-security").is_empty() {
            found.push(Finding::failure(
                about,
                "the server does not know that people come by TLS: its cookies travel without it",
                format!("set PARLANCE_PUBLIC_URL={}", self.url),
            ));
        }
        found.push(self.whole(&page.text()).await);
        found
    }

    async fn whole(&self, page: &str) -> Finding {
        let about = "page";
        let Some(path) = sheet_of(page).filter(|_| has_its_script(page)) else {
            return Finding::failure(
                about,
                "its script and its style sheet are not as we wrote them",
                "switch off what rewrites pages on the way (minifiers, “rocket loaders”)",
            );
        };
        match self.get(path, &[(ACCEPT_ENCODING, "br")]).await {
            Err(trouble) => Finding::failure(about, format!("{path}: {trouble}"), "run the doctor again"),
            Ok(file) if file.status != 200 => Finding::failure(
                about,
                format!(
                    "{path} is answered with HTTP {}: pages are bare, and do not wake up",
                    file.status
                ),
                "with several nodes: all of one version (during an upgrade this passes); else the proxy must hand on /pkg",
            ),
            Ok(file) if file.header("content-encoding") != "br" => Finding::warning(
                about,
                "its files come uncompressed: they are four times as large",
                "let the proxy hand on Accept-Encoding, and answers as they are",
            ),
            Ok(_) => Finding::fine(about, "comes whole, with its policy; its files come compressed"),
        }
    }

    async fn socket(&self) -> Finding {
        match self.knock(self.url).await {
            Ok(answer) => socket(&answer, self.url),
            Err(trouble) => Finding::failure(
                SOCKETS,
                format!("the upgrade is not answered: {trouble}"),
                "the proxy must hand on WebSocket upgrades (docs/deployment.md has examples)",
            ),
        }
    }

    /// Pages of others must not open sockets here.
    async fn strangers_socket(&self) -> Finding {
        let about = "origins";
        match self.knock(STRANGER).await {
            Ok(answer) if code(&answer) == Some(ProblemCode::OriginNotAllowed) => {
                Finding::fine(about, "pages from elsewhere cannot open sockets")
            }
            Ok(answer) if code(&answer) == Some(ProblemCode::Unauthenticated) => Finding::warning(
                about,
                "a page from elsewhere is not refused: the proxy changes or drops the Origin header",
                "let the proxy hand on Origin as it is",
            ),
            Ok(answer) => Finding::warning(
                about,
                format!(
                    "cannot be seen: the upgrade is answered with HTTP {}",
                    answer.status
                ),
                "see the line about sockets",
            ),
            Err(trouble) => Finding::warning(
                about,
                format!("cannot be seen: {trouble}"),
                "see the line about sockets",
            ),
        }
    }

    /// An upgrade as a browser asks for it, from a page of this origin.
    async fn knock(&self, origin: &str) -> Result<Answer, Trouble> {
        let headers = [
            (CONNECTION, "Upgrade"),
            (UPGRADE, "websocket"),
            (HeaderName::from_static("sec-websocket-version"), "13"),
            (
                HeaderName::from_static("sec-websocket-key"),
                "cGFybGFuY2UgZG9jdG9yIQ==",
            ),
            (ORIGIN, origin),
        ];
        self.get(SOCKET, &headers).await
    }
}

const SOCKETS: &str = "sockets";

/// What an answer to the upgrade says about who gave it.
fn socket(answer: &Answer, url: &str) -> Finding {
    let examples = "docs/deployment.md has examples";
    match (answer.is_ours(), answer.status, code(answer)) {
        (true, _, Some(ProblemCode::Unauthenticated)) => Finding::fine(
            SOCKETS,
            "upgrades come through, and a token that is not good is refused",
        ),
        (true, _, Some(ProblemCode::OriginNotAllowed)) => Finding::failure(
            SOCKETS,
            format!("the server takes {url} for a stranger's page: no chat will connect"),
            format!("set PARLANCE_PUBLIC_URL={url}, or let the proxy hand on Host as it came"),
        ),
        (true, 400 | 426, _) => Finding::failure(
            SOCKETS,
            "the proxy hands the request on, but not its Upgrade: no chat will connect",
            format!(
                "nginx: proxy_http_version 1.1 with the headers Upgrade and Connection; Apache: mod_proxy_wstunnel; {examples}"
            ),
        ),
        (true, status, _) => Finding::failure(
            SOCKETS,
            format!("the server answers the upgrade with HTTP {status}"),
            "look for the request in the server's log",
        ),
        (false, 101, _) => Finding::failure(
            SOCKETS,
            "something else accepts the upgrade",
            "let the proxy hand /ws on to Parlance",
        ),
        (false, 301 | 302 | 307 | 308, _) => Finding::failure(
            SOCKETS,
            format!(
                "the upgrade is redirected to {}: browsers do not follow that",
                answer.header("location")
            ),
            "use the address that it leads to",
        ),
        (false, 400 | 404 | 405 | 426 | 501, _) => Finding::failure(
            SOCKETS,
            format!(
                "the proxy refuses the upgrade (HTTP {}): it does not speak WebSocket, or does not hand on /ws",
                answer.status
            ),
            format!("switch WebSockets on in the proxy, for every path; {examples}"),
        ),
        (false, 401 | 403, _) => Finding::failure(
            SOCKETS,
            format!(
                "the proxy wants its own sign-in or forbids the upgrade (HTTP {})",
                answer.status
            ),
            "let /ws through without it: Parlance asks for a token itself",
        ),
        (false, 502..=504, _) => Finding::failure(
            SOCKETS,
            format!(
                "the proxy did not get an answer to the upgrade (HTTP {})",
                answer.status
            ),
            format!("let it speak HTTP/1.1 to Parlance, not HTTP/1.0 or HTTP/2; {examples}"),
        ),
        (false, status, _) => Finding::failure(
            SOCKETS,
            format!("something before Parlance answers the upgrade with HTTP {status}"),
            "look at the proxy's log",
        ),
    }
}

fn not_reached(url: &str, trouble: &Trouble) -> Finding {
    let cure = match trouble {
        Trouble::Tls(_) => {
            "the proxy needs a certificate for this very name, with its whole chain, by an authority that this machine knows"
        }
        Trouble::Connection(_) => "check the name (DNS), the proxy, and the firewall between",
        Trouble::Silence => "check the firewall, and what the proxy waits for",
    };
    Finding::failure("address", format!("{url}: {trouble}"), cure)
}

fn not_parlance(url: &str, status: u16, location: &str) -> Finding {
    let (what, cure) = match status {
        300..=399 => (
            format!("{url} leads to {location}"),
            "name that address in --url and in PARLANCE_PUBLIC_URL",
        ),
        502..=504 => (
            format!("the proxy at {url} does not reach Parlance (HTTP {status})"),
            "is Parlance running, and is its address in the proxy's configuration right? Inside a container PARLANCE_HOST must be 0.0.0.0",
        ),
        _ => (
            format!("something else answers at {url} (HTTP {status})"),
            "let the proxy hand on every path of this name to Parlance",
        ),
    };
    Finding::failure("address", what, cure)
}

fn problem(answer: &Answer) -> Option<Problem> {
    serde_json::from_slice(&answer.body).ok()
}

fn code(answer: &Answer) -> Option<ProblemCode> {
    problem(answer).map(|problem| problem.code)
}

/// The first style sheet of our package that a page names.
fn sheet_of(page: &str) -> Option<&str> {
    page.split('"')
        .find(|text| text.starts_with("/pkg/") && text.ends_with(".css"))
}

/// Whether the script that stands in every page still runs: with a nonce, and as a script.
fn has_its_script(page: &str) -> bool {
    page.contains("<script nonce=\"")
}

/// A browser trusts its own machine without TLS.
fn is_this_machine(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, host)| host);
    ["localhost", "127.", "[::1]"]
        .iter()
        .any(|own| host.starts_with(own))
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;
    use reqwest::header::{HeaderMap, HeaderValue};

    const URL: &str = "https://chat.example.org";

    fn answer(status: u16, ours: bool, code: Option<ProblemCode>) -> Answer {
        let mut headers = HeaderMap::new();
        if ours {
            let id = "0192f0c12a3b7c4d8e5f6a7b8c9d0e1f";
            headers.insert("x-request-id", HeaderValue::from_static(id));
        }
        let problem = code.map(|code| Problem {
            kind: "about:blank".into(),
            title: String::new(),
            status,
            detail: String::new(),
            code,
            request_id: String::new(),
            retry_after: None,
        });
        Answer {
            status,
            headers,
            body: problem
                .map(|problem| serde_json::to_vec(&problem).unwrap())
                .unwrap_or_default(),
        }
    }

    #[test]
    fn only_our_own_refusal_shows_that_upgrades_come_through() {
        let refused = socket(&answer(401, true, Some(ProblemCode::Unauthenticated)), URL);
        assert_eq!(refused.verdict, Verdict::Fine);
        for (status, ours, code, cure) in [
            (401, false, None, "without it"),
            (
                403,
                true,
                Some(ProblemCode::OriginNotAllowed),
                "PARLANCE_PUBLIC_URL=https://chat.example.org",
            ),
            (400, true, None, "Upgrade and Connection"),
            (426, true, None, "Upgrade and Connection"),
            (404, false, None, "switch WebSockets on"),
            (301, false, None, "the address that it leads to"),
            (502, false, None, "HTTP/1.1"),
            (500, true, Some(ProblemCode::Internal), "log"),
            (200, false, None, "proxy's log"),
        ] {
            let found = socket(&answer(status, ours, code), URL);
            assert_eq!(found.verdict, Verdict::Failure, "{status}");
            assert!(found.cure.contains(cure), "{status}: {found}");
        }
    }

    #[test]
    fn what_is_not_parlance_is_told_by_what_it_says() {
        assert!(not_parlance(URL, 502, "").what.contains("does not reach"));
        assert!(
            not_parlance(URL, 301, "https://www.example.org/")
                .what
                .contains("www.example.org")
        );
        assert!(not_parlance(URL, 200, "").what.contains("something else"));
    }

    #[test]
    fn the_sheet_and_the_script_are_found_in_a_page() {
        let page = r#"<link rel="stylesheet" href="/pkg/pages.01ab.css"/><script nonce="AbC">go()</script>"#;
        assert_eq!(sheet_of(page), Some("/pkg/pages.01ab.css"));
        assert!(has_its_script(page));
        assert_eq!(sheet_of("<p>Maintenance</p>"), None);
        let rewritten = page.replace("<script", "<script type=\"01ab-text/javascript\"");
        assert!(!has_its_script(&rewritten));
    }

    #[test]
    fn this_machine_needs_no_tls() {
        assert!(is_this_machine("http://localhost:8000") && is_this_machine("http://127.0.0.1"));
        assert!(!is_this_machine("http://chat.example.org"));
    }
}
