//! Several tabs on one session: each shows the same, whoever did it, and none twice.

use crate::world::{Chat, Person, TestServer};
use axum::http::Method;
use llm::scripted::Script;
use std::collections::BTreeSet;
use wire::{
    ClientMessageId, GenerationId, MessageId, ProblemCode,
    conversation::ConversationDetail,
    message::{MessageStatus, Outcome},
    session::SessionOpened,
    socket::{ClientEvent, ServerEvent},
};

/// What a tab shows, put together from its frames alone.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Page {
    prompts: Vec<(MessageId, String)>,
    answers: Vec<Shown>,
    title: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Shown {
    generation: GenerationId,
    message: MessageId,
    text: String,
    seq: u64,
    outcome: Option<Outcome>,
}

impl Page {
    /// Takes a frame in, as a page does; one that repeats or leaves out something is a failure.
    fn take(&mut self, event: ServerEvent) {
        match event {
            ServerEvent::MessageReceived {
                message_id, message, ..
            } => {
                assert!(
                    self.prompts.iter().all(|(known, _)| *known != message_id),
                    "a prompt came twice"
                );
                self.prompts.push((message_id, message));
            }
            ServerEvent::ResponseStart {
                generation_id,
                message_id,
                ..
            } => {
                assert!(
                    self.answers.iter().all(|known| known.generation != generation_id),
                    "an answer began twice"
                );
                self.answers.push(Shown {
                    generation: generation_id,
                    message: message_id,
                    text: String::new(),
                    seq: 0,
                    outcome: None,
                });
            }
            ServerEvent::ResponseChunk {
                chunk,
                generation_id,
                first_seq,
                seq,
            } => {
                let answer = self.answers.last_mut().expect("a chunk of what never began");
                assert_eq!(
                    (answer.generation, answer.seq + 1, answer.outcome),
                    (generation_id, first_seq, None),
                    "a chunk twice, too late or of another answer"
                );
                answer.text.push_str(&chunk);
                answer.seq = seq;
            }
            ServerEvent::ResponseComplete {
                generation_id,
                full_response,
                outcome,
                ..
            } => {
                let answer = self.answers.last_mut().expect("the end of what never began");
                assert_eq!(
                    (answer.generation, answer.outcome),
                    (generation_id, None),
                    "an end twice"
                );
                assert_eq!(answer.text, full_response);
                answer.outcome = Some(outcome);
            }
            ServerEvent::ConversationChanged { title, .. } => self.title = title.or(self.title.take()),
            ServerEvent::SessionInfo { .. } | ServerEvent::Queued { .. } | ServerEvent::Pong => {}
            other => panic!("did not expect {other:?}"),
        }
    }
}

/// A tab: its socket, and what it shows.
struct Tab {
    chat: Chat,
    page: Page,
}

impl Tab {
    async fn open(person: &Person, session: &SessionOpened) -> Self {
        let chat = person.connect(session).await;
        let mut tab = Self {
            chat,
            page: Page::default(),
        };
        // Its first frame: from here on it is told of everything.
        let first = tab.chat.next().await;
        assert!(matches!(first, ServerEvent::SessionInfo { .. }));
        tab
    }

    async fn say(&mut self, text: &str) {
        let id = ClientMessageId::from_uuid(uuid::Uuid::now_v7());
        self.chat.say_with_id(text, id).await;
    }

    /// Reads until the page is as wanted.
    async fn until(&mut self, wanted: impl Fn(&Page) -> bool) {
        while !wanted(&self.page) {
            let event = self.chat.next().await;
            self.page.take(event);
        }
    }

    async fn until_answered(&mut self, count: usize) {
        self.until(|page| {
            page.answers.len() == count && page.answers.iter().all(|shown| shown.outcome.is_some())
        })
        .await;
    }

    /// Whatever is still to be said comes before a pong.
    async fn until_quiet(&mut self) {
        self.chat.tell(&ClientEvent::Ping).await;
        loop {
            match self.chat.next().await {
                ServerEvent::Pong => return,
                event => self.page.take(event),
            }
        }
    }
}

/// A session, three tabs on it, and the model's script.
async fn three_tabs() -> (TestServer, Script, Person, SessionOpened, Vec<Tab>) {
    let (server, script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let session = alice.open_session(server.assistant(&alice).await).await;
    let mut tabs = Vec::new();
    for _ in 0..3 {
        tabs.push(Tab::open(&alice, &session).await);
    }
    (server, script, alice, session, tabs)
}

#[tokio::test]
async fn three_tabs_and_a_late_fourth_show_the_same() {
    let (_server, mut script, alice, session, mut tabs) = three_tabs().await;
    for (asking, prompt) in ["from the first", "from the second", "from the third"]
        .iter()
        .enumerate()
    {
        tabs[asking].say(prompt).await;
        let mut call = script.next_call().await;
        for word in 1..=50 {
            call.say(format!(" {asking}:{word}"));
        }
        if asking < 2 {
            call.finish();
            for tab in &mut tabs {
                tab.until_answered(asking + 1).await;
            }
            continue;
        }
        // The fourth comes in the middle of the last answer, which another tab stops.
        for tab in &mut tabs {
            tab.until(|page| page.answers.len() == 3 && page.answers[2].seq == 50)
                .await;
        }
        let mut fourth = Tab::open(&alice, &session).await;
        fourth
            .until(|page| page.answers.first().is_some_and(|shown| shown.seq == 50))
            .await;
        call.say(" and more");
        tabs.push(fourth);
        tabs[0].chat.tell(&ClientEvent::Stop).await;
        call.cancelled().await;
        for tab in &mut tabs {
            tab.until(|page| page.answers.last().is_some_and(|shown| shown.outcome.is_some()))
                .await;
            tab.until_quiet().await;
        }
    }
    let title = serde_json::json!({"title": "Kettles"}).to_string();
    let path = format!("/conversation/{}", session.conversation_id);
    assert!(
        alice
            .request(Method::PATCH, &path, &title, &[])
            .await
            .status
            .is_success()
    );
    for tab in &mut tabs {
        tab.until(|page| page.title.as_deref() == Some("Kettles")).await;
        tab.until_quiet().await;
    }

    let pages: Vec<&Page> = tabs.iter().map(|tab| &tab.page).collect();
    assert_eq!(pages[0], pages[1]);
    assert_eq!(pages[0], pages[2]);
    assert_eq!(
        pages[0].answers.last(),
        pages[3].answers.last(),
        "the late one shows the last answer whole"
    );
    assert_eq!(
        pages[0]
            .prompts
            .iter()
            .map(|(_, text)| text.as_str())
            .collect::<Vec<_>>(),
        ["from the first", "from the second", "from the third"]
    );
    // And what is stored is what they show.
    let detail: ConversationDetail = alice.get(&path).await.json();
    let stored: Vec<(MessageId, &str)> = detail
        .messages
        .iter()
        .map(|message| (message.id, message.message.as_str()))
        .collect();
    let shown: Vec<(MessageId, &str)> = (pages[0].prompts.iter().zip(&pages[0].answers))
        .flat_map(|((id, prompt), answer)| [(*id, prompt.as_str()), (answer.message, answer.text.as_str())])
        .collect();
    assert_eq!(stored, shown);
    assert_eq!(detail.messages[5].status, MessageStatus::Stopped);
}

#[tokio::test]
async fn closing_a_tab_changes_nothing_for_the_others() {
    let (_server, mut script, _alice, _session, mut tabs) = three_tabs().await;
    tabs[0].say("hello").await;
    let mut call = script.next_call().await;
    call.say("One");
    for tab in &mut tabs {
        tab.until(|page| page.answers.first().is_some_and(|shown| shown.seq == 1))
            .await;
    }
    // The tab that asked goes, and then another one.
    let mut left = tabs.pop().unwrap();
    for tab in tabs {
        tab.chat.vanish();
    }
    call.say(" two");
    left.until(|page| page.answers[0].seq == 2).await;
    call.say(" three");
    call.finish();
    left.until_answered(1).await;
    left.until_quiet().await;
    assert_eq!(left.page.answers[0].text, "One two three");
    assert_eq!(left.page.answers[0].outcome, Some(Outcome::Complete));
}

#[tokio::test]
async fn a_prompt_from_every_tab_at_once_is_taken_from_one_and_shown_to_all() {
    let (_server, mut script, alice, session, mut tabs) = three_tabs().await;
    for (number, tab) in tabs.iter_mut().enumerate() {
        tab.say(&format!("prompt {number}")).await;
    }
    let mut call = script.next_call().await;
    call.say("One at a time.");
    // The others are refused, and told so: nobody else hears of that. Each knows what became of its own before the
    // answer ends, or it would be the next one.
    let mut refused = 0;
    for (number, tab) in tabs.iter_mut().enumerate() {
        let own = format!("prompt {number}");
        let mut is_refused = false;
        while tab.page.answers.is_empty() || (tab.page.prompts[0].1 != own && !is_refused) {
            match tab.chat.next().await {
                ServerEvent::Error { code, .. } => {
                    assert_eq!(code, ProblemCode::GenerationRunning);
                    assert!(!std::mem::replace(&mut is_refused, true));
                    refused += 1;
                }
                event => tab.page.take(event),
            }
        }
    }
    call.finish();
    for tab in &mut tabs {
        tab.until_answered(1).await;
        tab.until_quiet().await;
    }
    assert_eq!(refused, 2);
    let ids: BTreeSet<MessageId> = tabs
        .iter()
        .flat_map(|tab| tab.page.prompts.iter().map(|(id, _)| *id))
        .collect();
    assert_eq!(ids.len(), 1, "all show the one that was taken");
    let detail: ConversationDetail = alice
        .get(&format!("/conversation/{}", session.conversation_id))
        .await
        .json();
    assert_eq!(detail.messages.len(), 2);
}
