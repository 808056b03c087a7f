//! Forms that our own pages post, without scripts: who sent them, what they say, and the page that answers.
//!
//! The `session` cookie alone changes nothing. A form is taken when three things hold: the browser says that a page of
//! our own sent it ([`origin::is_from_own_page`]), the cookie's sign-in is alive, and the form carries the token of that
//! very sign-in. [`SentBy`] is the extractor that holds to it, [`FilesBy`] that for a form with files; [`Sent`] is the one for
//! who is not signed in yet, and asks for the first only. See docs/decisions/0017.
//!
//! Must not know: what a form means. Start at [`SentBy`] and at its [`SentBy::answer`].

use super::{documents::files, origin, pages};
use crate::{
    app::{App, AppState},
    auth::{Authenticated, authenticate},
    problem::{ApiError, ApiResult},
};
use app::data::{FORM_TOKEN, Returned};
use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequest, Multipart, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use wire::ProblemCode;

/// Bytes in a form, at most: a prompt of the greatest length, each of its bytes written as `%F0`.
const LIMIT: usize = 512 * 1024;
/// Bytes of a token, at most: of one of ours, and then some.
const TOKEN_BYTES: usize = 1024;

/// What was typed into a form, in its order.
#[derive(Debug, Clone, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// From a body of `application/x-www-form-urlencoded`. Browsers end lines with two characters there.
    fn parse(body: &Bytes) -> Self {
        let fields = form_urlencoded::parse(body);
        let fields = fields.map(|(name, value)| (name.into_owned(), value.replace("\r\n", "\n")));
        Self(fields.collect())
    }

    /// What a field holds; nothing where there is none.
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// The same, to keep.
    pub fn owned(&self, name: &str) -> String {
        self.get(name).to_owned()
    }

    /// For the page that shows the form again. What is secret is not among it.
    fn typed(self) -> Vec<(String, String)> {
        let is_secret = |name: &str| name == FORM_TOKEN || name.contains("password");
        let mut fields = self.0;
        fields.retain(|(name, _)| !is_secret(name));
        fields
    }
}

/// A form of a page for who is not signed in.
#[derive(Debug)]
pub struct Sent {
    /// What was typed.
    pub fields: Fields,
    /// Of the request.
    pub headers: HeaderMap,
}

/// A form of a page, and who sent it.
#[derive(Debug)]
pub struct SentBy {
    /// Who.
    pub who: Authenticated,
    /// What was typed.
    pub fields: Fields,
    /// Of the request.
    pub headers: HeaderMap,
}

/// A form with files, and who sent it. The files are read as they come, by who knows what they are; that they come at all
/// is proved before: the token stands in front of them.
#[derive(Debug)]
pub struct FilesBy {
    /// Who.
    pub who: Authenticated,
    /// Of the request.
    pub headers: HeaderMap,
    /// What is behind the token.
    pub files: Multipart,
}

impl FromRequest<AppState> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Response> {
        let headers = request.headers().clone();
        match read(app, request).await {
            Ok(fields) => Ok(Self { fields, headers }),
            Err(error) => Err(pages::refused(app, None, &headers, error).await),
        }
    }
}

impl FromRequest<AppState> for SentBy {
    type Rejection = Response;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Response> {
        let headers = request.headers().clone();
        let read = async {
            let fields = read(app, request).await?;
            let who = authenticate::by_cookie(app, &headers).await?;
            Ok::<_, ApiError>((fields, who))
        };
        let (fields, who) = match read.await {
            Ok((fields, Some(who))) => (fields, who),
            Ok((_, None)) => return Err(see_other("/sign-in")),
            Err(error) => return Err(pages::refused(app, None, &headers, error).await),
        };
        if !app.auth.keys.is_form_token(who.sign_in, fields.get(FORM_TOKEN)) {
            return Err(pages::refused(app, Some(who), &headers, outdated()).await);
        }
        Ok(Self { who, fields, headers })
    }
}

impl FromRequest<AppState> for FilesBy {
    type Rejection = Response;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Response> {
        let headers = request.headers().clone();
        let begun = async {
            refuse_foreign(app, &headers)?;
            let who = authenticate::by_cookie(app, &headers).await?;
            let form = files::form(app, request).await?;
            Ok::<_, ApiError>((who, form))
        };
        let (who, mut files) = match begun.await {
            Ok((Some(who), files)) => (who, files),
            Ok((None, _)) => return Err(see_other("/sign-in")),
            Err(error) => return Err(pages::refused(app, None, &headers, error).await),
        };
        let token = token_in_front(&mut files).await.unwrap_or_default();
        if !app.auth.keys.is_form_token(who.sign_in, &token) {
            return Err(pages::refused(app, Some(who), &headers, outdated()).await);
        }
        Ok(Self { who, headers, files })
    }
}

fn outdated() -> ApiError {
    let detail = "This page is older than your sign-in. Go back, load it again, and send it once more.";
    ApiError::new(ProblemCode::Forbidden, detail)
}

/// The token, if it is the first field.
async fn token_in_front(form: &mut Multipart) -> Option<String> {
    let mut field = form.next_field().await.ok()??;
    if field.name() != Some(FORM_TOKEN) {
        return None;
    }
    let mut token = Vec::new();
    while let Some(bytes) = field.chunk().await.ok()? {
        token.extend_from_slice(&bytes);
        if token.len() > TOKEN_BYTES {
            return None;
        }
    }
    String::from_utf8(token).ok()
}

impl Sent {
    /// Post, redirect, get: on to the address in `result`, or `page` again, with what is wrong beside its field and what
    /// was typed. `form` is the name of the form on that page.
    pub async fn answer(
        self,
        app: &AppState,
        page: &str,
        form: &'static str,
        result: ApiResult<String>,
    ) -> Response {
        answer(app, None, self.fields, &self.headers, (page, form), result).await
    }
}

impl SentBy {
    /// As [`Sent::answer`].
    pub async fn answer(
        self,
        app: &AppState,
        page: &str,
        form: &'static str,
        result: ApiResult<String>,
    ) -> Response {
        let who = Some(self.who);
        answer(app, who, self.fields, &self.headers, (page, form), result).await
    }
}

impl FilesBy {
    /// As [`Sent::answer`]. What was not read of the form is passed over.
    pub async fn answer(
        mut self,
        app: &AppState,
        page: &str,
        form: &'static str,
        result: ApiResult<String>,
    ) -> Response {
        files::pass_over(&mut self.files).await;
        let who = Some(self.who);
        answer(app, who, Fields::default(), &self.headers, (page, form), result).await
    }
}

/// 303: the browser gets this address, and loading it again sends nothing again.
pub fn see_other(address: &str) -> Response {
    // What is no header value is no address of ours.
    let address = HeaderValue::from_str(address).unwrap_or(HeaderValue::from_static("/"));
    let headers = [
        (header::LOCATION, address),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

async fn answer(
    app: &AppState,
    who: Option<Authenticated>,
    fields: Fields,
    headers: &HeaderMap,
    (page, form): (&str, &'static str),
    result: ApiResult<String>,
) -> Response {
    match result {
        Ok(address) => see_other(&address),
        Err(error) => pages::again(app, who, headers, page, returned(form, fields, &error), &error).await,
    }
}

/// What `error` says of the form, beside its field where it names one.
fn returned(form: &'static str, fields: Fields, error: &ApiError) -> Returned {
    let named = match error.code {
        ProblemCode::InvalidField => error.detail.split_once(": "),
        // Codes that speak of one field, wherever they are said.
        ProblemCode::WrongCredentials => Some(("password", error.detail.as_str())),
        ProblemCode::EmailTaken => Some(("email", error.detail.as_str())),
        _ => None,
    };
    let (field, problem) = match named {
        Some((field, what)) => (Some(field.to_owned()), sentence(what)),
        None => (None, sentence(&error.detail)),
    };
    Returned {
        form,
        field,
        code: Some(error.code),
        fault: error.fault,
        problem,
        typed: fields.typed(),
    }
}

/// With a capital, and a full stop where there is no other end.
fn sentence(what: &str) -> String {
    let mut chars = what.chars();
    let mut text: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    text.push_str(chars.as_str());
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

fn refuse_foreign(app: &App, headers: &HeaderMap) -> ApiResult<()> {
    if origin::is_from_own_page(app, headers) {
        return Ok(());
    }
    let detail = "Only the server's own pages may send this.";
    Err(ApiError::new(ProblemCode::OriginNotAllowed, detail))
}

async fn read(app: &App, request: Request) -> ApiResult<Fields> {
    refuse_foreign(app, request.headers())?;
    let kind = request.headers().get(header::CONTENT_TYPE);
    let is_form = kind
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if !is_form {
        return Err(ApiError::of(ProblemCode::UnsupportedMediaType));
    }
    let body = to_bytes(request.into_body(), LIMIT).await.map_err(|_| {
        ApiError::new(
            ProblemCode::TooLarge,
            format!("A form may have at most {LIMIT} bytes"),
        )
    })?;
    Ok(Fields::parse(&body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field;

    fn fields(body: &'static str) -> Fields {
        Fields::parse(&Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn a_field_is_read_as_it_was_typed() {
        let fields = fields("name=Ada+%26+Co&text=a%0D%0Ab&odd=%FF");
        assert_eq!(fields.get("name"), "Ada & Co");
        assert_eq!(fields.get("text"), "a\nb");
        assert_eq!(fields.get("odd"), "\u{fffd}");
        assert_eq!(fields.get("none"), "");
    }

    #[test]
    fn what_is_wrong_stands_beside_its_field_and_no_password_comes_back() {
        let fields = fields("email=ada&password=secret&new_password=secret&form_token=secret");
        let returned = returned(
            "sign-up",
            fields,
            &field::invalid("email", "is not an e-mail address"),
        );
        assert_eq!(
            returned.wrong("sign-up", "email"),
            Some("Is not an e-mail address.")
        );
        assert_eq!(returned.wrong("sign-up", "password"), None);
        assert_eq!(returned.wrong("name", "email"), None, "another form of the page");
        assert_eq!(returned.typed("sign-up", "email"), Some("ada"));
        assert!(!format!("{:?}", returned.typed).contains("secret"));
    }

    #[test]
    fn what_concerns_no_field_stands_above_the_form() {
        let error = ApiError::new(ProblemCode::RateLimited, "Too many attempts: try again in 30 s");
        let returned = returned("sign-in", Fields::default(), &error);
        assert_eq!(
            returned.above("sign-in"),
            Some("Too many attempts: try again in 30 s.")
        );
        assert_eq!(returned.above("name"), None);
    }
}
