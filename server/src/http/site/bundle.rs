//! Files inside the program: found, negotiated, and answered from where they lie in the executable.
//!
//! Nothing is copied or unpacked at start; a page of the executable is read from the disk when somebody asks for it.

use super::encoding::Accepted;
use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// A name with a fingerprint never means anything else.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Other names are asked for again each time.
const ASK_AGAIN: &str = "no-cache";

/// The whole front.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bundle {
    /// What stands in the names of the pages' own files (`pkg/`), before their endings.
    pub(crate) fingerprint: &'static str,
    /// Every file.
    pub(crate) files: &'static [File],
}

/// One file and its compressed copies.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct File {
    /// As it is asked for: `/favicon.svg`.
    pub(crate) path: &'static str,
    /// What it is.
    pub(crate) content_type: &'static str,
    /// Whether its name says its content.
    pub(crate) immutable: bool,
    /// As it is.
    pub(crate) plain: Content,
    /// In brotli.
    pub(crate) brotli: Option<Content>,
    /// In gzip.
    pub(crate) gzip: Option<Content>,
}

/// Bytes as they are sent.
#[derive(PartialEq, Eq)]
pub(crate) struct Content {
    /// With its quotes. Copies in other encodings have others.
    pub(crate) etag: &'static str,
    /// In the executable.
    pub(crate) bytes: &'static [u8],
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Content({}, {} bytes)", self.etag, self.bytes.len())
    }
}

/// Middleware: answers what is a file, and leaves everything else to the pages.
pub(super) async fn serve(State(bundle): State<&'static Bundle>, request: Request, next: Next) -> Response {
    match bundle.answer(request.method(), request.uri().path(), request.headers()) {
        Some(response) => response,
        None => next.run(request).await,
    }
}

impl Bundle {
    /// There are a handful: no index is quicker.
    pub(crate) fn file(&self, path: &str) -> Option<&'static File> {
        self.files.iter().find(|file| file.path == path)
    }

    fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Option<Response> {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return None;
        }
        let file = self.file(path)?;
        let (encoding, content) = file.negotiate(&Accepted::of(headers));
        let known = is_known(headers, content.etag);
        let body = if known || *method == Method::HEAD {
            Body::empty()
        } else {
            Body::from(Bytes::from_static(content.bytes))
        };
        let status = if known {
            StatusCode::NOT_MODIFIED
        } else {
            StatusCode::OK
        };
        let mut response = (status, body).into_response();
        let about = response.headers_mut();
        let mut say = |name, value| about.insert(name, HeaderValue::from_static(value));
        say(header::ETAG, content.etag);
        say(
            header::CACHE_CONTROL,
            if file.immutable { FOR_EVER } else { ASK_AGAIN },
        );
        if file.brotli.is_some() || file.gzip.is_some() {
            say(header::VARY, "accept-encoding");
        }
        if !known {
            say(header::CONTENT_TYPE, file.content_type);
            if let Some(encoding) = encoding {
                say(header::CONTENT_ENCODING, encoding);
            }
            about.insert(header::CONTENT_LENGTH, HeaderValue::from(content.bytes.len()));
        }
        Some(response)
    }
}

impl File {
    /// The smallest copy that is accepted; the file as it is, should nothing else be.
    fn negotiate(&self, accepted: &Accepted<'_>) -> (Option<&'static str>, &Content) {
        let copies = [("br", &self.brotli), ("gzip", &self.gzip)];
        let best = copies
            .into_iter()
            .filter_map(|(name, copy)| Some((accepted.weight(name), name, copy.as_ref()?)))
            .filter(|(weight, ..)| *weight > 0 && *weight >= accepted.plain_weight())
            // Of equals the first: brotli is smaller.
            .reduce(|best, other| if other.0 > best.0 { other } else { best });
        match best {
            Some((_, name, copy)) => (Some(name), copy),
            None => (None, &self.plain),
        }
    }
}

/// Whether the client has exactly this already. A proxy may have marked the tag as weak.
fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, routing::get};
    use tower::ServiceExt;

    const fn content(etag: &'static str, bytes: &'static [u8]) -> Content {
        Content { etag, bytes }
    }

    static BUNDLE: Bundle = Bundle {
        fingerprint: "0123",
        files: &[
            File {
                path: "/favicon.svg",
                content_type: "image/svg+xml",
                immutable: false,
                plain: content("\"icon\"", b"<svg/>"),
                brotli: None,
                gzip: None,
            },
            File {
                path: "/pkg/parlance.0123.wasm",
                content_type: "application/wasm",
                immutable: true,
                plain: content("\"plain\"", b"as it is, long"),
                brotli: Some(content("\"br\"", b"br")),
                gzip: Some(content("\"gz\"", b"gzip")),
            },
        ],
    };
    const WASM: &str = "/pkg/parlance.0123.wasm";

    async fn ask(method: Method, path: &str, headers: &[(header::HeaderName, &str)]) -> (Response, Bytes) {
        let pages = Router::new().fallback(get(async || "a page"));
        let app = pages.layer(axum::middleware::from_fn_with_state(&BUNDLE, serve));
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let response = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1000).await.unwrap();
        (Response::from_parts(parts, Body::empty()), bytes)
    }

    fn says(response: &Response, name: header::HeaderName) -> &str {
        response
            .headers()
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    #[tokio::test]
    async fn a_name_with_a_fingerprint_may_be_kept_for_ever_and_others_are_asked_for_again() {
        let (wasm, _) = ask(Method::GET, WASM, &[]).await;
        assert_eq!(
            says(&wasm, header::CACHE_CONTROL),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(says(&wasm, header::CONTENT_TYPE), "application/wasm");
        let (icon, body) = ask(Method::GET, "/favicon.svg", &[]).await;
        assert_eq!(says(&icon, header::CACHE_CONTROL), "no-cache");
        assert_eq!(
            (says(&icon, header::ETAG), &body[..]),
            ("\"icon\"", &b"<svg/>"[..])
        );
        assert_eq!(says(&icon, header::VARY), "", "there is one copy of it only");
    }

    #[tokio::test]
    async fn the_smallest_copy_that_the_browser_takes_is_sent() {
        for (accepts, encoding, bytes) in [
            ("gzip, deflate, br, zstd", "br", &b"br"[..]),
            ("gzip;q=1.0, br;q=0.5", "gzip", b"gzip"),
            ("br;q=0, gzip", "gzip", b"gzip"),
            ("*", "br", b"br"),
            ("identity", "", b"as it is, long"),
            ("", "", b"as it is, long"),
            ("br;q=0, identity;q=0, *;q=0", "", b"as it is, long"),
        ] {
            let (wasm, body) = ask(Method::GET, WASM, &[(header::ACCEPT_ENCODING, accepts)]).await;
            assert_eq!(
                (says(&wasm, header::CONTENT_ENCODING), &body[..]),
                (encoding, bytes),
                "{accepts}"
            );
            assert_eq!(says(&wasm, header::VARY), "accept-encoding");
            assert_eq!(says(&wasm, header::CONTENT_LENGTH), bytes.len().to_string());
        }
    }

    #[tokio::test]
    async fn who_has_it_already_is_told_so_and_gets_nothing() {
        for tags in ["\"br\"", "W/\"br\"", "\"old\", \"br\"", "*"] {
            let headers = [(header::ACCEPT_ENCODING, "br"), (header::IF_NONE_MATCH, tags)];
            let (wasm, body) = ask(Method::GET, WASM, &headers).await;
            assert_eq!((wasm.status().as_u16(), body.len()), (304, 0), "{tags}");
            assert_eq!(says(&wasm, header::ETAG), "\"br\"");
            assert!(says(&wasm, header::CACHE_CONTROL).contains("immutable"));
        }
        let other_copy = [
            (header::ACCEPT_ENCODING, "gzip"),
            (header::IF_NONE_MATCH, "\"br\""),
        ];
        assert_eq!(ask(Method::GET, WASM, &other_copy).await.0.status(), 200);
    }

    #[tokio::test]
    async fn head_says_what_get_would_and_sends_nothing() {
        let (wasm, body) = ask(Method::HEAD, WASM, &[(header::ACCEPT_ENCODING, "gzip")]).await;
        assert_eq!((says(&wasm, header::CONTENT_LENGTH), body.len()), ("4", 0));
        assert_eq!(says(&wasm, header::CONTENT_ENCODING), "gzip");
    }

    #[tokio::test]
    async fn what_is_no_file_is_left_to_the_pages() {
        for path in [
            "/",
            "/pkg/parlance.9999.wasm",
            "/favicon.svg/",
            "/pkg/../favicon.svg",
        ] {
            assert_eq!(&ask(Method::GET, path, &[]).await.1[..], b"a page", "{path}");
        }
        let (refused, _) = ask(Method::POST, WASM, &[]).await;
        assert_eq!(refused.status(), 405, "the pages' own answer");
    }
}
