//! Somebody with an account, and their REST calls: each on a connection of its own, refreshed when the token has ended,
//! repeated while the network or a node is broken.

use crate::Done;
use crate::http::Connection;
use http_body_util::BodyExt as _;
use hyper::{Method, Request, header};
use serde::de::DeserializeOwned;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};
use wire::auth::SignedIn;
use wire::{Problem, ProblemCode, UserId};

/// A call that is not answered in this time is given up.
const CALL: Duration = Duration::from_secs(6);
/// What is repeated for so long without success will never succeed: far longer than anything is broken, and than the
/// slowest database needs to recover from it. Nobody is judged by speed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);
/// Before a call is repeated; doubled each time, up to a bound: who is slow is not helped by haste.
const PAUSE: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(4);
const PASSWORD: &str = "correct horse battery";

/// Somebody.
#[derive(Debug)]
pub struct Account {
    front: SocketAddr,
    email: String,
    /// Ends soon: see the settings of the nodes.
    pub(crate) access: String,
    refresh: String,
    /// Who.
    pub id: UserId,
}

/// Attempts at the same thing, further and further apart.
#[derive(Debug)]
pub(crate) struct Tries {
    start: Instant,
    pause: Duration,
}

impl Tries {
    /// The first one comes now.
    pub(crate) fn new() -> Self {
        Self {
            start: Instant::now(),
            pause: PAUSE,
        }
    }

    /// Whether there have been enough.
    pub(crate) fn are_over(&self) -> bool {
        self.start.elapsed() > PATIENCE
    }

    /// Waits before the next one; false when there have been enough.
    pub(crate) async fn again(&mut self) -> bool {
        sleep(self.pause).await;
        self.pause = (self.pause * 2).min(PAUSE_MAX);
        !self.are_over()
    }
}

/// A call that did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It was refused; the same call would be refused again.
    Refused(ProblemCode, String),
    /// Nobody knows what became of it.
    Lost(String),
}

impl Failure {
    /// Whether the program says that it is at fault itself: never right, whatever is broken around it.
    pub(crate) fn is_internal(&self) -> bool {
        matches!(self, Self::Refused(ProblemCode::Internal, _))
    }
}

/// An answer, with what it says about the refresh token.
struct Answer {
    body: Vec<u8>,
    refresh: Option<String>,
}

impl Account {
    /// Makes an account, however long it takes.
    ///
    /// # Errors
    /// It is refused, or never answered.
    pub async fn sign_up(front: SocketAddr, email: &str) -> Done<Self> {
        let body = serde_json::json!({"email": email, "password": PASSWORD}).to_string();
        let mut tries = Tries::new();
        // Made by a call whose answer was lost, it is there already.
        let mut path = "/auth/register";
        loop {
            match post(front, path, "", &body).await {
                Ok(answer) => return Self::signed_in(front, email, &answer),
                Err(Failure::Refused(ProblemCode::EmailTaken, _)) => path = "/auth/login",
                Err(Failure::Refused(code, detail)) => {
                    return Err(format!("{path}: {code:?}, {detail}").into());
                }
                Err(Failure::Lost(_)) if tries.again().await => {}
                Err(Failure::Lost(why)) => return Err(format!("{path}: {why}").into()),
            }
        }
    }

    fn signed_in(front: SocketAddr, email: &str, answer: &Answer) -> Done<Self> {
        let signed_in: SignedIn = serde_json::from_slice(&answer.body)?;
        Ok(Self {
            front,
            email: email.to_owned(),
            access: signed_in.access_token,
            refresh: answer
                .refresh
                .clone()
                .ok_or("signed in without a refresh token")?,
            id: signed_in.user.id,
        })
    }

    /// Gets a new access token: by the cookie, else by the password.
    pub(crate) async fn renew(&mut self) -> Result<(), Failure> {
        let cookie = format!("refresh={}", self.refresh);
        let answer = match post(self.front, "/auth/refresh", &cookie, "").await {
            Err(Failure::Refused(ProblemCode::Unauthenticated, _)) => {
                let body = serde_json::json!({"email": self.email, "password": PASSWORD}).to_string();
                post(self.front, "/auth/login", "", &body).await?
            }
            answer => answer?,
        };
        *self = Self::signed_in(self.front, &self.email, &answer)
            .map_err(|error| Failure::Lost(format!("not understood: {error}")))?;
        Ok(())
    }

    /// One call; once more when the token had ended.
    pub(crate) async fn call<T: DeserializeOwned>(
        &mut self,
        method: Method,
        path: &str,
        body: &str,
    ) -> Result<T, Failure> {
        let answer = match self.send(method.clone(), path, body).await {
            Err(Failure::Refused(ProblemCode::Unauthenticated, _)) => {
                self.renew().await?;
                self.send(method, path, body).await?
            }
            answer => answer?,
        };
        let body = answer.body;
        serde_json::from_slice(&body)
            .map_err(|error| Failure::Lost(format!("{error}: {}", String::from_utf8_lossy(&body))))
    }

    /// A call that changes nothing, until it is answered.
    ///
    /// # Errors
    /// It is refused, or never answered.
    pub async fn read<T: DeserializeOwned>(&mut self, path: &str) -> Done<T> {
        let mut tries = Tries::new();
        loop {
            match self.call(Method::GET, path, "").await {
                Ok(answer) => return Ok(answer),
                Err(Failure::Refused(code, detail)) => {
                    return Err(format!("{path}: {code:?}, {detail}").into());
                }
                Err(Failure::Lost(_)) if tries.again().await => {}
                Err(Failure::Lost(why)) => return Err(format!("{path}: {why}").into()),
            }
        }
    }

    async fn send(&self, method: Method, path: &str, body: &str) -> Result<Answer, Failure> {
        let bearer = format!("Bearer {}", self.access);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, bearer);
        send(self.front, request, body).await
    }
}

async fn post(front: SocketAddr, path: &str, cookie: &str, body: &str) -> Result<Answer, Failure> {
    let mut request = Request::builder().method(Method::POST).uri(path);
    if !cookie.is_empty() {
        request = request.header(header::COOKIE, cookie);
    }
    send(front, request, body).await
}

async fn send(
    front: SocketAddr,
    request: hyper::http::request::Builder,
    body: &str,
) -> Result<Answer, Failure> {
    let call = async {
        let mut connection = Connection::open(front).await?;
        let response = connection.send_with(request, body.to_owned()).await?;
        let status = response.status();
        let mut cookies = response.headers().get_all(header::SET_COOKIE).iter();
        let refresh = cookies.find_map(|line| {
            let value = line.to_str().ok()?.strip_prefix("refresh=")?;
            Some(value.split(';').next()?.to_owned())
        });
        let body = response.into_body().collect().await?.to_bytes().to_vec();
        Done::Ok((status, Answer { body, refresh }))
    };
    match timeout(CALL, call).await {
        Err(_) => Err(Failure::Lost("no answer".into())),
        Ok(Err(error)) => Err(Failure::Lost(error.to_string())),
        Ok(Ok((status, answer))) if status.is_success() => Ok(answer),
        Ok(Ok((status, answer))) => Err(refused(status.as_u16(), &answer.body)),
    }
}

/// What comes from a node in trouble may succeed on another, or later.
fn refused(status: u16, body: &[u8]) -> Failure {
    let text = String::from_utf8_lossy(body);
    match serde_json::from_slice::<Problem>(body) {
        Ok(problem) if status <= 500 && status != 429 => Failure::Refused(problem.code, problem.detail),
        _ => Failure::Lost(format!("{status}: {text}")),
    }
}
