//! Somebody who thinks again about what was just said: goes on with an answer that broke off, wants another one, or says
//! the prompt otherwise.
//!
//! An edited prompt is a prompt: sent until it is acknowledged, always with the same id. The other two are wishes that have
//! no id, so that they are sent once; whether they came is seen in the history, and the checker knows that it may be both.

use super::account::Tries;
use super::socket::{Heard, Socket};
use super::tab::Tab;
use super::{Person, SILENCE_MAX};
use crate::Done;
use crate::ledger::Again;
use hyper::Method;
use wire::conversation::ConversationDetail;
use wire::message::{Message, MessageRole, MessageStatus};
use wire::socket::{ClientEvent, ServerEvent, close_code};

impl Person {
    /// Now and then, after an answer has ended.
    pub(super) async fn think_again(&mut self) -> Done {
        let wish = self.random.u8(..8);
        if wish > 4 || !self.has_tab().await? {
            return Ok(());
        }
        let Some((prompt, answer)) = self.last_answer().await else {
            return Ok(());
        };
        let broke_off = matches!(
            answer.status,
            MessageStatus::Stopped | MessageStatus::Interrupted | MessageStatus::Failed | MessageStatus::Cut
        );
        let message_id = answer.id;
        match wish {
            0 => {
                self.book.open().counts.edits += 1;
                self.ask(Some(prompt.id)).await
            }
            1 => {
                let index = {
                    let mut book = self.book.open();
                    book.counts.regenerations += 1;
                    // Until it is seen.
                    book.again.push(Again {
                        prompt: prompt.id,
                        lost: true,
                    });
                    book.again.len() - 1
                };
                let seen = self.wish(&ClientEvent::Regenerate { message_id }).await?;
                if let Some(again) = self.book.open().again.get_mut(index) {
                    again.lost = !seen;
                }
                Ok(())
            }
            _ if broke_off => {
                {
                    let mut book = self.book.open();
                    book.counts.continuations += 1;
                    book.continued.push(message_id);
                }
                // Late, it is refused: something else is the last message then.
                self.wish(&ClientEvent::Continue { message_id }).await.map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Opens a tab where there is none: whoever was cut off looks again before it thinks. False when it does not open.
    async fn has_tab(&mut self) -> Done<bool> {
        if self.tab.is_none() {
            let place = self.place().await?;
            let token = self.token(place.session).await;
            let socket = Socket::open(self.front, place.session, &token, None).await;
            self.tab = socket
                .ok()
                .map(|socket| Tab::new(self.device, &self.book, socket));
        }
        Ok(self.tab.is_some())
    }

    /// The last prompt and its answer, when it has ended.
    async fn last_answer(&mut self) -> Option<(Message, Message)> {
        let conversation = self.place?.conversation;
        let mut messages = self.history(conversation).await?;
        let answer = messages.pop()?;
        let prompt = messages.pop()?;
        let ended = answer.role == MessageRole::Assistant && answer.status != MessageStatus::Generating;
        (ended && answer.parent_id == Some(prompt.id)).then_some((prompt, answer))
    }

    async fn history(&mut self, conversation: wire::ConversationId) -> Option<Vec<Message>> {
        let path = format!("/conversation/{conversation}");
        match self
            .account
            .call::<ConversationDetail>(Method::GET, &path, "")
            .await
        {
            Ok(detail) => Some(detail.messages),
            Err(failure) => {
                self.failed(&path, &failure);
                None
            }
        }
    }

    /// Says it once, and listens until what came of it has ended; whether it was seen to begin, or refused.
    async fn wish(&mut self, wish: &ClientEvent) -> Done<bool> {
        let told = match &mut self.tab {
            Some(tab) => tab.socket.tell(wish).await,
            None => false,
        };
        if !told {
            self.tab = None;
        }
        let (mut generation, mut refused) = (None, false);
        while let Some(tab) = &mut self.tab {
            match tab.hear(SILENCE_MAX).await {
                Heard::Event(event) => match *event {
                    ServerEvent::ResponseStart { generation_id, .. } => generation = Some(generation_id),
                    ServerEvent::ResponseComplete { generation_id, .. }
                        if generation == Some(generation_id) =>
                    {
                        return Ok(true);
                    }
                    // Refused: somebody else's answer is being written, or the branch has changed.
                    ServerEvent::Error { .. } if generation.is_none() => {
                        refused = true;
                        break;
                    }
                    _ => {}
                },
                Heard::Nonsense(_) => {}
                Heard::Silence | Heard::Lost | Heard::Closed(None | Some(close_code::SERVICE_RESTART)) => {
                    self.tab = None;
                }
                Heard::Closed(Some(close_code::CREDENTIALS_ENDED)) => {
                    self.tab = None;
                    // What is lost is tried again by whoever needs the token.
                    let _renewed = self.account.renew().await;
                }
                Heard::Closed(Some(_)) => (self.tab, self.place) = (None, None),
            }
        }
        self.until_written().await?;
        Ok(refused || generation.is_some())
    }

    /// Nobody knows what came of it: waits until nothing is being written.
    async fn until_written(&mut self) -> Done {
        let mut tries = Tries::new();
        let Some(conversation) = self.conversations.last().copied() else {
            return Ok(());
        };
        loop {
            let messages = self.history(conversation).await;
            let written = messages
                .and_then(|mut messages| messages.pop())
                .is_some_and(|last| last.status != MessageStatus::Generating);
            if written {
                return Ok(());
            }
            if !tries.again().await {
                let what = format!("an answer in {conversation} that was to go on has not ended");
                self.book.open().complaints.push(what);
                return Ok(());
            }
        }
    }
}
