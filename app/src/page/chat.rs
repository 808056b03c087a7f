//! A chat: a new one, or a conversation. The same island lives in both.
//!
//! Without scripts its box is a form that the browser posts to the page's own address; what the server asks of such a form
//! stands beside the island, and costs the wasm nothing.

use super::title::title_of;
use super::{
    awaited::{Awaited, later},
    frame::Frame,
    missing::{response, say_not_found},
    param::{param, query},
    unsaid::Unsaid,
};
use crate::{
    component::{
        feedback_form::FeedbackForm,
        icon::{Brand, Icon, Shape},
        plain_form::PlainToken,
        topbar::Topbar,
    },
    data::{
        CLIENT_MESSAGE_ID, ChatData, ChatGiven, PROMPT_FORM, PageData, Stored, Trouble, chat_of, given::give,
        new_chat, page_data,
    },
    island::Chat,
    text,
};
use leptos::prelude::*;
use leptos_meta::Title;
use std::sync::Arc;
use wire::{ConversationId, message::MessageStatus};

/// `/new/{chatbot_id}`: no conversation is made until the reader begins to write.
#[component]
pub(crate) fn NewChat() -> impl IntoView {
    let id = param("chatbot_id");
    page(async move |data| match id {
        Some(id) => new_chat(data, id).await,
        None => Err(Trouble::Missing),
    })
}

/// `/c/{conversation_id}`; with `?message=`, at this message.
#[component]
pub(crate) fn Conversation() -> impl IntoView {
    let id = param("conversation_id");
    let message = query("message");
    page(async move |data| match id {
        Some(id) => chat_of(data, id, message).await,
        None => Err(Trouble::Missing),
    })
}

fn page<F>(load: impl FnOnce(Arc<dyn PageData>) -> F + Send + 'static) -> impl IntoView
where
    F: Future<Output = Result<ChatData, Trouble>> + Send + 'static,
{
    let data = page_data();
    let response = response();
    let content = later(async move {
        let Some(data) = data else { return ().into_any() };
        let back = data.returned().filter(|back| back.form == PROMPT_FORM);
        if let Some(back) = back {
            return view! { <Unsaid back/> }.into_any();
        }
        let model = data.info().model;
        match load(Arc::clone(&data)).await {
            Ok(chat) => {
                let current = chat.stored.as_ref().map(|stored| stored.id);
                let title = title(&chat);
                let running = chat.stored.as_ref().filter(|stored| is_running(stored));
                #[cfg(feature = "ssr")]
                if let Some(stored) = running
                    && let Ok(Some(written)) = data.so_far(stored.id).await
                {
                    crate::component::so_far::write(stored, &written, &chat.bot.name);
                }
                // The browser that drew the page hears of it by itself; and this asks it to load the page again, wherever it is.
                let again = running
                    .filter(|_| cfg!(feature = "ssr"))
                    .map(|stored| view! { <Again id=stored.id/> });
                let change = chat.bot.editable.then(|| {
                    let address = format!("/bot/{}/documents", chat.bot.id);
                    view! {
                        <a
                            class="icon-button"
                            href=address
                            aria-label=text::documents_and_settings()
                            title=text::documents_and_settings()
                        >
                            <Icon shape=Shape::Papers/>
                        </a>
                        // Files that are dropped on the chat: see `live::files`.
                        <p class="topbar__files" role="status"></p>
                    }
                });
                let block = give(ChatGiven { data: chat, model });
                view! {
                    <Title text=title/>
                    <Frame current>
                        <Chat>{change}{again}</Chat>
                        <Proof/>
                        <FeedbackForm/>
                    </Frame>
                    {block}
                }
                .into_any()
            }
            Err(trouble) => {
                if trouble == Trouble::Missing {
                    say_not_found(response);
                }
                view! { <NoChat trouble/> }.into_any()
            }
        }
    });
    view! { <Awaited>{content}</Awaited> }
}

/// An answer is being written, or awaited: what there is of it is not in what is stored.
fn is_running(stored: &Stored) -> bool {
    let last = stored.messages.last();
    stored.running || last.is_some_and(|last| last.status == MessageStatus::Generating)
}

/// Seconds between two looks at an answer, without scripts.
const LOOK_AGAIN: u8 = 4;

/// Without scripts more of the answer is seen by loading the page again, which the browser does by itself.
#[component]
fn Again(
    /// In which conversation.
    id: ConversationId,
) -> impl IntoView {
    view! {
        <noscript>
            <meta http-equiv="refresh" content=LOOK_AGAIN.to_string()/>
            <a class="button button--quiet" href=format!("/c/{id}")>{text::look_again()}</a>
        </noscript>
    }
}

/// What the server asks of the box's form. It names its form: it stands beside the island.
#[component]
fn Proof() -> impl IntoView {
    let id = page_data().map(|data| data.prompt_id().to_string());
    view! {
        <PlainToken form=PROMPT_FORM/>
        <input type="hidden" form=PROMPT_FORM name=CLIENT_MESSAGE_ID value=id/>
    }
}

fn title(data: &ChatData) -> String {
    let title = data.stored.as_ref().and_then(|stored| stored.title.clone());
    title_of(&title.unwrap_or_else(|| text::chat_with(&data.bot.name)))
}

#[component]
fn NoChat(trouble: Trouble) -> impl IntoView {
    let (heading, why) = match trouble {
        Trouble::Missing => (text::chat_missing(), text::chat_missing_why().to_owned()),
        Trouble::Said(why) => (text::chat_trouble(), why),
    };
    view! {
        <Title text=title_of(heading)/>
        <Frame>
            <main class="page">
                <Topbar><a class="brand topbar__brand" href="/"><Brand/></a></Topbar>
                <div class="page__scroll">
                    <div class="picker">
                        <h1 class="picker__heading">{heading}</h1>
                        <p>{why}</p>
                        <p><a class="button" href="/">{text::choose_chatbot()}</a></p>
                    </div>
                </div>
            </main>
        </Frame>
    }
}
