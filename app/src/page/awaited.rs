//! What a page waits for. The server sends a page when all of it is there; a browser that draws pages itself shows what it
//! has, and the rest when it comes.

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
