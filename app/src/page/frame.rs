//! What every page of a signed-in user has: the conversations at the side, the page beside them.

use crate::{
    component::icon::{Brand, Icon, Shape},
    data::{Lines, page_data},
    island::{Account, DRAWER, History},
};
use leptos::prelude::*;
use wire::ConversationId;

/// The frame around a page.
#[component]
pub(crate) fn Frame(
    /// The conversation on the page.
    #[prop(optional_no_strip)]
    current: Option<ConversationId>,
    /// The page.
    children: Children,
) -> impl IntoView {
    let data = page_data();
    let email = data
        .as_ref()
        .and_then(|data| data.user())
        .map(|user| user.email)
        .unwrap_or_default();
    let history = Suspend::new(async move {
        let page = match data {
            Some(data) => data.conversations(None).await.ok().map(Lines::from),
            None => None,
        };
        view! { <History page current/> }
    });
    view! {
        <div class="frame">
            <aside id=DRAWER popover class="drawer">
                <a class="brand" href="/"><Brand/></a>
                <a class="button button--quiet drawer__new" href="/"><Icon shape=Shape::Plus/>"New chat"</a>
                <Suspense>{history}</Suspense>
                <Account email/>
            </aside>
            {children()}
        </div>
    }
}
