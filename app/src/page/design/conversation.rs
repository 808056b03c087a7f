//! What is said: messages of each role in each state, the composer, what stands around them.

use super::{part, row, uuid};
use crate::{
    component::{
        composer::Composer, connection_mark::ConnectionMark, message::MessageView, model_note::ModelNote,
    },
    data::{Bot, ChatData, Stored},
    live::{Live, Row},
    state::{
        connection::{Ended, Phase},
        transcript::Mark,
    },
    text,
};
use leptos::prelude::*;
use wire::{
    ChatbotId, ConversationId, DocumentId, MessageId, Timestamp,
    auth::{ModelInfo, ModelState},
    chatbot::Colour,
    document::Citation,
    drawn::{Drawn, Kind, fingerprint},
    message::{Message, MessageRole, MessageStatus},
};

const CODE: &str = "def boil(at): # degrees\n    return 100\n";
const FORMULA: &str = "E = mc^2";
const NAME: &str = "Ada";

pub(super) fn parts() -> Vec<AnyView> {
    vec![
        part("prompts", prompts()),
        part("answers", answers()),
        part("prose", prose()),
        part("composer", composer()),
        part("notes", notes()),
        part("connection", connections()),
    ]
}

fn bot() -> Bot {
    Bot {
        id: ChatbotId::from_uuid(uuid(1)),
        name: NAME.to_owned(),
        description: String::new(),
        colour: Colour::Teal,
        starters: String::new(),
        editable: false,
        gone: false,
    }
}

fn live(messages: Vec<Message>) -> Live {
    let stored = Stored {
        id: ConversationId::from_uuid(uuid(2)),
        title: None,
        messages,
        has_more: false,
        session_id: None,
        found: None,
        other_branch: false,
        running: false,
    };
    Live::new(ChatData {
        bot: bot(),
        stored: Some(stored),
    })
}

fn message(number: u128, role: MessageRole, said: &str, status: MessageStatus) -> Message {
    Message {
        id: MessageId::from_uuid(uuid(number)),
        role,
        message: said.to_owned(),
        created_at: Timestamp::from_millis(0),
        parent_id: None,
        status,
        siblings: Vec::new(),
        citations: Vec::new(),
        drawn: Vec::new(),
        model: None,
        feedback: None,
    }
}

/// Each message as the last one of a conversation, when all can be done with it that can be.
fn drawn(live: Live, change: impl Fn(usize, &Row)) -> AnyView {
    let rows = live.shown.rows.get_untracked();
    let alone = rows.into_iter().enumerate().map(|(at, row)| {
        change(at, &row);
        view! {
            <div class="log__content design__message bot-colour--teal" aria-busy="false">
                <MessageView row name=NAME.to_owned() live/>
            </div>
        }
    });
    alone.collect_view().into_any()
}

fn prompts() -> AnyView {
    let marks = [
        None,
        Some(Mark::Sending),
        Some(Mark::Queued),
        Some(Mark::Unsent(text::network().to_owned())),
        None,
    ];
    let said = "When does a kettle boil\non a mountain?";
    let prompt = |number: u128| message(10 + number, MessageRole::User, said, MessageStatus::Complete);
    let mut messages: Vec<Message> = (0..5).map(prompt).collect();
    if let Some(versions) = messages.first_mut() {
        versions.siblings = vec![versions.id, MessageId::from_uuid(uuid(99))];
    }
    drawn(live(messages), move |at, row| {
        if let Some(mark) = marks.get(at).cloned().flatten() {
            row.entry.update(|entry| entry.mark = mark);
        }
        row.editing.set(at == 4);
    })
}

fn answers() -> AnyView {
    let answer =
        |number: u128, said: &str, status| message(20 + number, MessageRole::Assistant, said, status);
    let said = "At **100 °C**, at sea level [1].";
    let mut cited = answer(0, said, MessageStatus::Complete);
    cited.citations = (1..6).map(source).collect();
    let mut reading = answer(5, "", MessageStatus::Generating);
    reading.citations = vec![source(1)];
    let messages = vec![
        cited,
        answer(1, "At 100 °C, at s", MessageStatus::Generating),
        answer(2, "At 100 °C, at s", MessageStatus::Stopped),
        answer(3, "At 100 °C, at s", MessageStatus::Interrupted),
        answer(4, "", MessageStatus::Failed),
        answer(6, "At 100 °C, at s", MessageStatus::Cut),
        reading,
    ];
    drawn(live(messages), |_, _| {})
}

fn source(number: u32) -> Citation {
    Citation {
        number,
        document_id: DocumentId::from_uuid(uuid(3)),
        document_name: "Zephyr manual.pdf".to_owned(),
        page: Some(number),
        start: 0,
        end: 10,
        snippet: "Water boils when its vapour pressure equals the pressure around it.".to_owned(),
        score: 900,
    }
}

fn prose() -> AnyView {
    let said = format!(
        "Text with *emphasis*, `code`, ~~an error~~ and [a link](https://example.org/kettle).\n\n\
         ## A heading\n\n1. One\n2. Two\n\n- [x] Done\n- [ ] Open\n\n> Said by somebody else.\n\n\
         ```python\n{CODE}```\n\n| Place | Boils at |\n|---|---|\n| Amsterdam | 100 °C |\n| La Paz | 88 °C |\n\n\
         $${FORMULA}$$\n\n---\n\nAn end[^1].\n\n[^1]: With a note."
    );
    let mut rich = message(30, MessageRole::Assistant, &said, MessageStatus::Complete);
    rich.drawn = vec![
        Drawn {
            of: fingerprint(Kind::Code("python"), CODE),
            how: "k3_1f4_6c9_5k6_1n3_1".to_owned(),
        },
        Drawn {
            of: fingerprint(Kind::Display, FORMULA),
            how: "<math display=\"block\"><mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup></math>"
                .to_owned(),
        },
    ];
    let arabic = "يغلي الماء عند `100 °C` على مستوى سطح البحر.\n\n- أولًا\n- ثانيًا";
    let arabic = message(31, MessageRole::Assistant, arabic, MessageStatus::Complete);
    drawn(live(vec![rich, arabic]), |_, _| {})
}

fn composer() -> AnyView {
    let live = live(Vec::new());
    live.shown.busy.set(true);
    live.shown.prompts_left.set(Some(1));
    view! { <div class="chat__foot bot-colour--teal"><Composer live name=NAME.to_owned()/></div> }.into_any()
}

fn notes() -> AnyView {
    let model = |state, starter| ModelInfo {
        name: "SmolLM2-135M-Instruct".to_owned(),
        starter,
        state,
    };
    view! {
        <div class="design__stack">
            <div class="note note--row">
                <p>{text::chat_open_elsewhere()}</p>
                <button type="button" class="button button--quiet">{text::use_here()}</button>
            </div>
            <div class="note"><p>{text::queue_before(3_u32)}</p></div>
            <div class="note note--row note--bad"><p>{text::note_failed()}</p></div>
            <ModelNote model=model(ModelState::Ready, true)/>
            <ModelNote model=model(ModelState::Loading, false)/>
            <ModelNote model=model(ModelState::Failed, false)/>
        </div>
    }
    .into_any()
}

fn connections() -> AnyView {
    let phases = [
        Phase::Idle,
        Phase::Opening,
        Phase::Open,
        Phase::Waiting { attempt: 1 },
        Phase::Replaced,
        Phase::Closed(Ended::SignedOut),
        Phase::Closed(Ended::Gone),
    ];
    let marks = phases.map(|phase| {
        let phase = Signal::derive(move || phase);
        view! { <ConnectionMark phase/> }.into_any()
    });
    row(marks.into())
}
