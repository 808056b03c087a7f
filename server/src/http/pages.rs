//! Pages: everything that is neither the API nor a file. They are rendered whole, so that they can be read without
//! scripts.
//!
//! A page reads by the `session` cookie and changes nothing: opening one never opens a session. Who is not signed in is
//! sent to `/sign-in`, who is, away from it. What its forms do without scripts stands in [`forms`].

mod data;
mod forms;
mod language;
mod worker;

use super::{
    admin,
    documents::{self, Place},
    request_id,
    site::Site,
};
use crate::{
    app::{App, AppState},
    auth::{Authenticated, authenticate},
    problem::{ApiError, ApiResult},
};
use app::{
    Files, Need,
    data::{AdminData, PageData, Returned},
};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use data::PageOf;
use leptos::{
    config::LeptosOptions,
    context::{provide_context, use_context},
    nonce::use_nonce,
};
use leptos_axum::ResponseOptions;
use std::{sync::Arc, time::Duration};
use wire::ProblemCode;

/// A page that takes longer is broken; its reader gets an error instead of a white screen.
const RENDER_TIMEOUT: Duration = Duration::from_secs(15);
/// The address of a page that there is not: what is drawn there says why a form was not taken.
const REFUSED: &str = "/refused";
/// Pages for who is not signed in.
const SIGNED_OUT_PAGES: [&str; 2] = ["/sign-in", "/sign-up"];
/// Pages that are nobody's: for everybody. Who has a link for a new password may be signed in, or not.
const PAGES_FOR_ALL: [&str; 3] = ["/offline", "/design", "/new-password"];

pub(super) fn routes(app: &AppState) -> Router {
    let pages = Router::new()
        .route("/bot/{id}/document/{document}/file", get(file))
        .merge(admin::form::routes())
        .merge(forms::routes())
        .route("/service-worker.js", get(worker::script))
        .fallback(page)
        .with_state(Arc::clone(app));
    site(app).before(pages)
}

/// A document's file, by the cookie that pages are read by: a link that downloads needs no script.
async fn file(State(app): State<AppState>, place: Place, headers: HeaderMap) -> ApiResult<Response> {
    let who = authenticate::by_cookie(&app, &headers).await?;
    let who = who.ok_or_else(authenticate::unauthenticated)?;
    documents::file(&app, &who.user, place).await
}

pub(super) async fn page(State(app): State<AppState>, request: Request) -> ApiResult<Response> {
    let path = request.uri().path();
    if super::is_api(path) || path.starts_with("/pkg/") || path.contains('.') {
        return Err(ApiError::new(
            ProblemCode::NotFound,
            format!("There is no {path}"),
        ));
    }
    if !matches!(
        *request.method(),
        axum::http::Method::GET | axum::http::Method::HEAD
    ) {
        let detail = format!("{} is not possible on {path}", request.method());
        return Err(ApiError::new(ProblemCode::MethodNotAllowed, detail));
    }
    if let Some(again) = language::chosen(request.uri()) {
        return Ok(again);
    }
    let who = authenticate::by_cookie(&app, request.headers()).await?;
    let for_signed_out = SIGNED_OUT_PAGES.contains(&path);
    match &who {
        _ if PAGES_FOR_ALL.contains(&path) => {}
        None if !for_signed_out => return Ok(Redirect::to("/sign-in").into_response()),
        Some(_) if for_signed_out => return Ok(Redirect::to("/").into_response()),
        _ => {}
    }
    rendered(&app, who, None, request).await
}

/// A page with what a form on it has made.
pub(super) async fn with(
    app: &AppState,
    who: Option<Authenticated>,
    headers: &HeaderMap,
    page: &str,
    made: Returned,
) -> Response {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = page.parse().unwrap_or_default();
    request.headers_mut().clone_from(headers);
    match rendered(app, who, Some(made), request).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

/// A page once more, because a form on it was not taken; with the status of what was wrong.
pub(super) async fn again(
    app: &AppState,
    who: Option<Authenticated>,
    headers: &HeaderMap,
    page: &str,
    returned: Returned,
    error: &ApiError,
) -> Response {
    error.log(&request_id::current());
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = page.parse().unwrap_or_default();
    request.headers_mut().clone_from(headers);
    match rendered(app, who, Some(returned), request).await {
        Ok(mut response) => {
            *response.status_mut() =
                StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::BAD_REQUEST);
            if let Some(seconds) = error.retry_after {
                let headers = response.headers_mut();
                headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            response.extensions_mut().insert(error.code);
            response
        }
        Err(error) => error.into_response(),
    }
}

/// A page that says why a form cannot be taken at all.
pub(super) async fn refused(
    app: &AppState,
    who: Option<Authenticated>,
    headers: &HeaderMap,
    error: ApiError,
) -> Response {
    let returned = Returned {
        code: Some(error.code),
        problem: error.detail.clone(),
        ..Returned::default()
    };
    again(app, who, headers, REFUSED, returned, &error).await
}

async fn rendered(
    app: &AppState,
    who: Option<Authenticated>,
    returned: Option<Returned>,
    request: Request,
) -> ApiResult<Response> {
    let files = files_of(&site(app), request.uri().path());
    let language = language::of(request.headers(), who.as_ref().map(|who| &who.user.profile));
    let page = Arc::new(PageOf::new(Arc::clone(app), who, request.headers(), returned));
    let admin: Arc<dyn AdminData> = Arc::<PageOf>::clone(&page);
    let data: Arc<dyn PageData> = page;
    let render = leptos_axum::render_app_async_with_context(
        move || {
            provide_context(Arc::clone(&data));
            provide_context(files.clone());
            provide_context(Arc::clone(&admin));
            forbid_all_but_ours();
        },
        {
            let options = leptos_options(app);
            move || app::shell(options.clone())
        },
    );
    let drawn = Box::pin(app::text::speaking(language, render(request)));
    tokio::time::timeout(RENDER_TIMEOUT, drawn)
        .await
        .map_err(|_| ApiError::of(ProblemCode::Internal).caused_by("a page was not rendered in time"))
}

/// The Content-Security-Policy, with the nonce that the page's own scripts carry. Nothing inline, nothing from elsewhere.
fn forbid_all_but_ours() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else {
        tracing::error!("A page has no nonce: its scripts will not run");
        return;
    };
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         connect-src 'self'; img-src 'self' data:; font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    let headers: [(HeaderName, String); 4] = [
        (header::CONTENT_SECURITY_POLICY, policy),
        // By `no-referrer` browsers would hide the page's origin from the forms' route, too, which asks for it.
        (header::REFERRER_POLICY, "same-origin".into()),
        (header::CACHE_CONTROL, "no-store".into()),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin".into(),
        ),
    ];
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.insert_header(name, value);
        }
    }
}

/// What the browser fetches for the page at this path.
fn files_of(site: &Site, path: &str) -> Files {
    let Need { bundle, style } = Need::of(path);
    Files {
        bundle: bundle.map(|bundle| site.name(bundle.name(), "js")),
        style: site.name(style, "css"),
    }
}

fn site(app: &App) -> Site {
    Site::chosen(app.config.http.site.as_deref())
}

fn leptos_options(app: &App) -> LeptosOptions {
    let site = site(app);
    let root = match &site {
        // leptos looks there for a manifest that we do not have: not in whatever folder the program was started in.
        Site::Inside(_) => "/dev/null".into(),
        Site::Folder(folder) => folder.to_string_lossy().into_owned(),
    };
    LeptosOptions::builder()
        // What each page is given instead stands in its context.
        .output_name("parlance")
        .site_root(root)
        .site_pkg_dir("pkg")
        .build()
}
