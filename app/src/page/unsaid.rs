//! A prompt that came without scripts and was not taken: what was written, and why. Nothing of it is lost.

use super::{frame::Frame, title::title_of};
use crate::{
    component::{
        icon::Brand,
        plain_form::{PlainToken, Submit},
        topbar::Topbar,
    },
    data::{CLIENT_MESSAGE_ID, MESSAGE, Returned},
    text,
};
use leptos::{
    prelude::*,
    tachys::html::{attribute::custom::CustomAttribute, element::custom},
};
use leptos_meta::Title;

/// The page. Its form is posted to the page's own address, which is the one the prompt came to.
#[component]
pub(super) fn Unsaid(
    /// The prompt.
    back: Returned,
) -> impl IntoView {
    let typed = |field: &str| back.typed(back.form, field).unwrap_or_default().to_owned();
    let (message, id) = (typed(MESSAGE), typed(CLIENT_MESSAGE_ID));
    let problem = back.said();
    // leptos writes what stands in a `<textarea>` as it is: `</textarea>` would end it. In an element that it has no name
    // for, it escapes. An empty text would be drawn as a space, so there is none then.
    let field = custom("textarea")
        .attr("id", "unsaid-message")
        .attr("name", MESSAGE)
        .attr("dir", "auto")
        .attr("rows", "6")
        .attr("autocomplete", "off")
        .attr("aria-invalid", "true")
        .attr("aria-describedby", "unsaid-wrong");
    let field = if message.is_empty() {
        field.into_any()
    } else {
        // A browser takes the first line break away.
        field.child(format!("\n{message}")).into_any()
    };
    view! {
        <Title text=title_of(text::not_sent())/>
        <Frame>
            <main class="page">
                <Topbar><a class="brand topbar__brand" href="/"><Brand/></a></Topbar>
                <div class="page__scroll">
                    <div class="sheet">
                        <h1 class="sheet__heading">{text::not_sent()}</h1>
                        <form class="form" method="post">
                            <PlainToken/>
                            <input type="hidden" name=CLIENT_MESSAGE_ID value=id/>
                            <div class="field">
                                <label for="unsaid-message">{text::your_message()}</label>
                                {field}
                                <p id="unsaid-wrong" class="field__wrong" role="alert">{problem}</p>
                            </div>
                            <Submit label=text::send_again()/>
                        </form>
                        // The same address, asked for instead of posted to.
                        <p><a href="?">{text::not_sent_back()}</a></p>
                    </div>
                </div>
            </main>
        </Frame>
    }
}
