//! Somebody with a client of their own.

use super::{Chat, PASSWORD, PATIENCE, TestServer};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde::de::DeserializeOwned;
use wire::{
    ChatbotId, Problem, ProblemCode,
    auth::{SignedIn, User},
    session::{OpenSession, SessionOpened},
};

/// Somebody, signed in or not.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) address: String,
    /// Empty before signing in.
    pub(crate) token: String,
    /// `name=value`, as a browser would send them.
    pub(crate) cookies: Vec<String>,
    pub(crate) user: Option<User>,
}

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// As text, whatever it is.
    pub(crate) body: String,
    /// As it came.
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    /// The body of a success.
    #[track_caller]
    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        assert!(self.status.is_success(), "{}: {}", self.status, self.body);
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The first tag of the page that is called so and has this in it.
    #[track_caller]
    pub(crate) fn tag(&self, name: &str, has: &str) -> &str {
        self.body
            .split('<')
            .find(|tag| tag.split([' ', '>']).next() == Some(name) && tag.contains(has))
            .unwrap_or_else(|| panic!("{}: no {name} with {has}: {}", self.status, self.body))
    }

    /// What a hidden field of the page holds.
    #[track_caller]
    pub(crate) fn hidden(&self, name: &str) -> String {
        let tag = self.tag("input", &format!("name=\"{name}\""));
        let value = tag.split("value=\"").nth(1).unwrap();
        value.split('"').next().unwrap().to_owned()
    }

    /// Where the browser is sent to.
    #[track_caller]
    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status.as_u16(), 303, "{}", self.body);
        self.headers[header::LOCATION].to_str().unwrap()
    }

    /// What is drawn for who has no scripts, and has this in it.
    pub(crate) fn without_scripts(&self, words: &str) -> Option<&str> {
        let parts = self.body.split("<noscript>").skip(1);
        let mut parts = parts.filter_map(|part| part.split("</noscript>").next());
        parts.find(|part| part.contains(words))
    }

    /// The code of a problem, whose status must be the code's.
    #[track_caller]
    pub(crate) fn problem(&self) -> ProblemCode {
        let problem: Problem = serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{} is no problem: {error}: {}", self.status, self.body));
        assert_eq!(self.status.as_u16(), problem.code.status());
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        problem.code
    }
}

impl Person {
    pub(crate) fn at(address: &str) -> Self {
        Self {
            address: address.into(),
            token: String::new(),
            cookies: Vec::new(),
            user: None,
        }
    }

    /// Signs up or in, and keeps what comes.
    pub(crate) async fn signed_in(self, path: &str, body: &str) -> Self {
        let answer = self.post(path, body).await;
        let SignedIn {
            access_token, user, ..
        } = answer.json();
        let lines = answer.headers.get_all(header::SET_COOKIE).iter();
        let cookies = lines
            .map(|line| line.to_str().unwrap().split(';').next().unwrap().into())
            .collect();
        Self {
            token: access_token,
            cookies,
            user: Some(user),
            ..self
        }
    }

    /// The same person on another device.
    pub(crate) async fn sign_in_again(&self) -> Self {
        let email = &self.user.as_ref().unwrap().email;
        let body = serde_json::json!({"email": email, "password": PASSWORD});
        Self::at(&self.address)
            .signed_in("/auth/login", &body.to_string())
            .await
    }

    /// The same person, sent to another node by a load balancer.
    pub(crate) fn on(&self, server: &TestServer) -> Self {
        Self {
            address: server.address.clone(),
            ..self.clone()
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path, "", &[]).await
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> Answer {
        self.request(Method::POST, path, body, &[]).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &str) -> Answer {
        self.request(Method::PATCH, path, body, &[]).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path, "", &[]).await
    }

    /// A page, asked for as a browser does: by cookie.
    pub(crate) async fn page(&self, path: &str) -> Answer {
        let cookies = self.cookies.join("; ");
        let headers: &[(&'static str, &str)] = if cookies.is_empty() {
            &[]
        } else {
            &[("cookie", &cookies)]
        };
        Self {
            token: String::new(),
            ..self.clone()
        }
        .request(Method::GET, path, "", headers)
        .await
    }

    /// Loads this page again until this is in it, for who has no scripts.
    pub(crate) async fn page_with(&self, path: &str, words: &str) {
        let looking = async {
            while self.page(path).await.without_scripts(words).is_none() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, looking).await.unwrap();
    }

    /// A form as a browser without scripts posts it: with its cookies, from this server's own origin.
    pub(crate) async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let origin = format!("http://{}", self.address);
        self.submit_from(path, fields, &[("origin", &origin)]).await
    }

    /// The same, saying this about where it comes from.
    pub(crate) async fn submit_from(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        from: &[(&'static str, &str)],
    ) -> Answer {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let cookies = self.cookies.join("; ");
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
        if !cookies.is_empty() {
            headers.push(("cookie", &cookies));
        }
        headers.extend(from);
        Self {
            token: String::new(),
            ..self.clone()
        }
        .send(Method::POST, path, body.finish().into_bytes(), &headers)
        .await
    }

    /// What the forms on this person's pages carry.
    pub(crate) async fn form_token(&self) -> String {
        self.page("/account").await.hidden("form_token")
    }

    /// The same person with the cookies of an answer, as a browser keeps them.
    pub(crate) fn with_cookies_of(&self, answer: &Answer) -> Self {
        let mut person = self.clone();
        for line in answer.headers.get_all(header::SET_COOKIE) {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            let name = pair.split('=').next().unwrap();
            person
                .cookies
                .retain(|known| known.split('=').next() != Some(name));
            if !pair.ends_with('=') {
                person.cookies.push(pair.to_owned());
            }
        }
        person
    }

    /// Always says that it sends JSON, as the seed's client does, even when it sends nothing.
    pub(crate) async fn request(
        &self,
        method: Method,
        path: &str,
        body: &str,
        headers: &[(&'static str, &str)],
    ) -> Answer {
        let json = [(header::CONTENT_TYPE.as_str(), "application/json")];
        let headers: Vec<_> = json.into_iter().chain(headers.iter().copied()).collect();
        self.send(method, path, body.as_bytes().to_vec(), &headers).await
    }

    /// Whatever it is.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
        headers: &[(&'static str, &str)],
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address));
        if !self.token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(axum::body::Bytes::from(body))).unwrap();
        let client = Client::builder(TokioExecutor::new()).build_http();
        let (parts, body) = client.request(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
            bytes: bytes.into(),
        }
    }

    /// Opens a session, or finds the active one, in the latest conversation.
    pub(crate) async fn open_session(&self, bot: ChatbotId) -> SessionOpened {
        self.open_session_with(bot, OpenSession::default()).await
    }

    pub(crate) async fn open_session_with(&self, bot: ChatbotId, how: OpenSession) -> SessionOpened {
        let body = serde_json::to_string(&how).unwrap();
        self.post(&format!("/chatbot/{bot}/session"), &body).await.json()
    }

    /// A socket to this session.
    pub(crate) async fn connect(&self, session: &SessionOpened) -> Chat {
        let mut chat = Chat::connect(self, &session.session_id.to_string(), "")
            .await
            .unwrap();
        chat.session = Some(session.clone());
        chat
    }

    /// A session with the assistant and a socket to it.
    pub(crate) async fn open_chat(&self, server: &TestServer) -> Chat {
        let session = self.open_session(server.assistant(self).await).await;
        self.connect(&session).await
    }
}
