//! What a page waits for. The server sends a page when all of it is there; a browser that draws pages itself shows what it
//! has, and the rest when it comes.

use crate::text::{self, speaking};
use leptos::prelude::Suspend;

/// What is waited for, in the language of the page that waits: leptos looks now and then from a task of its own whether it is
/// there, which would say it in English.
pub(super) fn later<F>(future: F) -> Suspend<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    Suspend::new(speaking(text::language(), future))
}

#[cfg(not(feature = "csr"))]
pub(super) use leptos::prelude::Suspense as Awaited;

/// Not a `Suspense`: that one draws what came beside the document and puts it there a little later, and islands look for
/// their elements in the document as soon as they live.
#[cfg(feature = "csr")]
#[leptos::component]
pub(super) fn Awaited(
    /// What is waited for.
    children: leptos::children::Children,
) -> impl leptos::IntoView {
    children()
}

#[cfg(test)]
#[cfg(feature = "ssr")]
mod tests {
    use super::later;
    use crate::text::{Language, sign_in, speaking};
    use futures::FutureExt;
    use leptos::prelude::RenderHtml;

    #[test]
    fn what_comes_late_is_said_in_the_language_of_its_page_whoever_looks() {
        let language = Language::of_tag("ja").unwrap();
        let waited = speaking(language, async { later(async { sign_in() }) });
        let said = waited.now_or_never().unwrap().resolve().now_or_never();
        assert_eq!(said.flatten(), Some("サインイン"));
        assert_eq!(sign_in(), "Sign in");
    }
}
