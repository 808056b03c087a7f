//! What stands in a row: conversations, documents, passages, chatbots.

use super::{part, uuid};
use crate::{
    component::{
        avatar::{Avatar, colour_class},
        document_text::{Span, pieces},
        file_line::file_line,
    },
    data::{Fault, Found, Kind, Line, Paper, Piece, Snippet},
    island::specimens,
    text,
};
use leptos::prelude::*;
use wire::{
    ChatbotId, ConversationId, DocumentId, MessageId, Timestamp,
    chatbot::Colour,
    document::{DocumentFault, DocumentStatus, Progress},
};

const NOON_SECONDS: u64 = 1_764_072_000; // 2025-11-25T12:00:00Z

pub(super) fn parts() -> Vec<AnyView> {
    vec![
        part("conversations", conversations()),
        part("chatbots", chatbots()),
        part("documents", documents()),
        part("passages", passages()),
        part("document", document()),
    ]
}

fn line(number: u128, title: &str) -> Line {
    let days = u64::try_from(number).unwrap_or_default().saturating_sub(3);
    Line {
        id: ConversationId::from_uuid(uuid(number)),
        chatbot_name: "Ada".to_owned(),
        title: Some(title.to_owned()),
        updated_at: Timestamp::from_millis((NOON_SECONDS - days * 86_400) * 1000),
        pinned: number == 1,
        running: number == 2,
        found: None,
    }
}

fn conversations() -> AnyView {
    let mut found = line(7, "Found by a word");
    let piece = |text: &str, matched| Snippet {
        text: text.to_owned(),
        matched,
    };
    found.found = Some(Found {
        message_id: MessageId::from_uuid(uuid(9)),
        snippet: vec![
            piece("how long does the ", false),
            piece("kettle", true),
            piece(" boil", false),
        ],
    });
    let lines = vec![
        line(1, "Pinned above all others"),
        line(2, "An answer is being written"),
        line(3, "The one on the page"),
        line(
            4,
            "With an answer that was not seen, and with a title that is far too long for its line",
        ),
        line(5, "Being renamed"),
        line(6, "Just deleted"),
        found,
    ];
    view! {
        <div class="history design__narrow">
            <ul class="history__list">{specimens(lines, Timestamp::from_millis(NOON_SECONDS * 1000))}</ul>
        </div>
    }
    .into_any()
}

fn chatbots() -> AnyView {
    let card = |(name, description, colour): (&'static str, &'static str, Colour)| {
        view! {
            <li>
                <a class=format!("card {}", colour_class(colour)) href="#chatbots">
                    <Avatar name=name.to_owned() colour/>
                    <span class="card__text">
                        <strong class="card__name" dir="auto">{name}</strong>
                        <span class="card__description" dir="auto">{description}</span>
                    </span>
                </a>
            </li>
        }
    };
    let cards = [
        (
            "Ada",
            "Answers questions about kettles, from their manuals.",
            Colour::Teal,
        ),
        ("مرشد", "يجيب عن الأسئلة من المستندات.", Colour::Plum),
    ];
    view! { <ul class="picker__cards">{cards.map(card).into_iter().collect_view()}</ul> }.into_any()
}

fn paper(number: u128, name: &str, status: DocumentStatus) -> Paper {
    Paper {
        id: DocumentId::from_uuid(uuid(number)),
        name: name.to_owned(),
        bytes: 3_250_001,
        status,
        progress: None,
        failure: None,
        pages: Some(12),
        chunks: None,
    }
}

fn documents() -> AnyView {
    let bot = ChatbotId::from_uuid(uuid(1));
    let progress = |done| {
        Some(Progress {
            done,
            total: Some(12),
        })
    };
    let mut reading = paper(2, "Being read.pdf", DocumentStatus::Extracting);
    reading.progress = progress(3);
    let mut taking = paper(3, "Being taken in.docx", DocumentStatus::Embedding);
    taking.progress = progress(9);
    let mut ready = paper(4, "Ready.md", DocumentStatus::Ready);
    ready.chunks = Some(40);
    let mut failed = paper(5, "Locked.pdf", DocumentStatus::Failed);
    failed.failure = Some(Fault {
        fault: DocumentFault::Encrypted,
        detail: "It needs a password.".to_owned(),
    });
    let waiting = paper(1, "Waiting.txt", DocumentStatus::Queued);
    let lines: Vec<_> = [waiting, reading, taking, ready, failed]
        .iter()
        .map(|paper| file_line(bot, Some(paper)))
        .collect();
    view! {
        <div class="files bot-colour--teal">
            <label class="drop">
                <span class="drop__words">
                    <strong>{text::drop_files()}</strong>
                    <span class="drop__or">" "{text::drop_or()}" "</span>
                    <span class="button">{text::choose_files()}</span>
                </span>
                <span class="drop__hint">{text::file_kinds()}</span>
                <input class="unseen" type="file" aria-label=text::choose_files()/>
            </label>
            <ul class="files__list" aria-label=text::documents()>{lines}</ul>
        </div>
    }
    .into_any()
}

fn passages() -> AnyView {
    view! {
        <ol class="hits bot-colour--teal">
            <li class="hit">
                <a class="hit__place" href="#passages">{text::place_page("Zephyr manual.pdf", 7_u32)}</a>
                <p class="hit__above">"Care › Descaling"</p>
                <p class="hit__text" dir="auto">"Fill the kettle with vinegar and water, and let it stand for an hour."</p>
                <dl class="figures">
                    <div><dt>{text::ask_words()}</dt><dd>"7.20"</dd></div>
                    <div>
                        <dt>{text::ask_together()}</dt>
                        <dd>
                            "0.03"
                            <meter
                                class="hit__meter"
                                min="0"
                                max="1"
                                value="0.6"
                                aria-label=text::ask_beside_best()
                            ></meter>
                        </dd>
                    </div>
                </dl>
            </li>
        </ol>
    }
    .into_any()
}

fn document() -> AnyView {
    let piece = |kind, start, text: &str| Piece {
        kind,
        level: Some(1),
        start,
        page: Some(1),
        text: text.to_owned(),
    };
    let text = [
        piece(Kind::Heading, 0, "Warranty"),
        piece(
            Kind::Paragraph,
            10,
            "It lasts for 27 months from the day of purchase.",
        ),
        piece(Kind::ListItem, 60, "Keep the receipt"),
        piece(Kind::Table, 80, "Part | Months\nLid | 12"),
    ];
    let cited = Span { start: 10, end: 32 };
    view! { <article class="document prose bot-colour--teal" dir="auto">{pieces(&text, cited)}</article> }
        .into_any()
}
