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
use leptos::prelude::*;
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
                                <textarea
                                    id="unsaid-message"
                                    name=MESSAGE
                                    rows="6"
                                    autocomplete="off"
                                    aria-invalid="true"
                                    aria-describedby="unsaid-wrong"
                                >
                                    {message}
                                </textarea>
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
