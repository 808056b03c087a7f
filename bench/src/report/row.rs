//! The rows: what each says, its goal, and what Open WebUI 0.12.4 and chat-ui 0.20.0 were measured at. Theirs were taken
//! on a machine like this one with a stand-in like ours, but not in our runs.

use crate::figure::Figure::{self, *};

/// One line of the table.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) words: &'static str,
    pub(super) figures: &'static [Figure],
    /// In the order of the figures; empty: none.
    pub(super) goal: &'static [f64],
    pub(super) more_is_better: bool,
    /// Whether the goal is about the difference to the direct client.
    pub(super) is_added: bool,
    pub(super) open_webui: &'static str,
    pub(super) chat_ui: &'static str,
}

const fn row(words: &'static str, figures: &'static [Figure], goal: &'static [f64]) -> Row {
    Row {
        words,
        figures,
        goal,
        more_is_better: false,
        is_added: false,
        open_webui: "–",
        chat_ui: "–",
    }
}

impl Row {
    const fn peers(self, open_webui: &'static str, chat_ui: &'static str) -> Self {
        Self {
            open_webui,
            chat_ui,
            ..self
        }
    }

    const fn added(self) -> Self {
        Self {
            is_added: true,
            ..self
        }
    }

    const fn at_least(self) -> Self {
        Self {
            more_is_better: true,
            ..self
        }
    }
}

pub(super) const ROWS: &[Row] = &[
    row("cold start to ready, empty folder, ms", &[ColdStart], &[150.0]).peers("19,400", "1,300 + database"),
    row("start on a used folder, ms", &[Restart], &[]),
    row("idle RSS, MB", &[IdleMemory], &[30.0]).peers("1,166", "134 + database"),
    row("RSS at 50 chats, MB", &[MemoryAt50], &[60.0]).peers("1,228", "235 + database"),
    row(
        "time to first token p50 / p99, 1 chat, ms",
        &[First1P50, First1P99],
        &[1.0, 4.0],
    )
    .added()
    .peers("65 / 89", "33 / 50"),
    row(
        "of it until the model was asked, ms",
        &[Asked1P50, Asked1P99],
        &[],
    )
    .added(),
    row("10 chats", &[First10P50, First10P99], &[2.0, 8.0])
        .added()
        .peers("110 / 293", "64 / 252"),
    row(
        "50 chats, starts spread over 2 s, 30 tokens/s",
        &[First50P50, First50P99],
        &[3.0, 12.0],
    )
    .added()
    .peers("1,448 / 6,764", "482 / 1,385"),
    row("50 at one instant, p99, ms", &[AtOnceP99], &[100.0]).peers("5,860", "1,866"),
    row("50 at one instant, p50, ms", &[AtOnceP50], &[]),
    row("50 at one instant, failed", &[AtOnceFailed], &[0.0]).peers("3 of 100", "0"),
    row(
        "every token p50 / p99, 50 chats, ms",
        &[Token50P50, Token50P99],
        &[],
    )
    .added(),
    row(
        "every token p50 / p99, 300 chats, ms",
        &[Token300P50, Token300P99],
        &[0.3, 2.0],
    ),
    row("RSS at 300 chats, MB", &[MemoryAt300], &[]),
    row("server CPU s per 1,000 tokens, 300 chats", &[CpuAt300], &[]),
    row("every token p50, 2,000 chats, ms", &[Token2000P50], &[]),
    row("every token p99, 2,000 chats, ms", &[Token2000P99], &[100.0]),
    row("RSS at 2,000 chats, MB", &[MemoryAt2000], &[400.0]),
    row("server CPU s per 1,000 tokens, 2,000 chats", &[CpuAt2000], &[]),
    row("tokens/s relayed at full speed, 1 chat", &[Speed1], &[50_000.0])
        .at_least()
        .peers("4,200", "7,900"),
    row("10 chats together", &[Speed10], &[80_000.0])
        .at_least()
        .peers("4,200", "20,000"),
    row(
        "server CPU s per 1,000 tokens, full speed, 1 chat",
        &[CpuFullSpeed],
        &[0.012],
    )
    .peers("0.228", "0.146 + database"),
    row(
        "the same, 50 chats at 30/s, 60-token answers",
        &[CpuAt50],
        &[0.13],
    )
    .peers("2.13", "0.85 + database"),
    row(
        "server CPU s, one answer of 32,000 / 64,000 tokens",
        &[Cpu32, Cpu64],
        &[],
    ),
    row("CPU for twice the length, times", &[CpuGrowth], &[2.2]),
    row(
        "bytes on the wire per token, one a frame",
        &[BytesAToken],
        &[100.0],
    )
    .peers("319", "193"),
    row("Stop: upstream closed after, p50, ms", &[StopP50], &[20.0]).peers("14", "29"),
    row("Stop: the slowest, ms", &[StopWorst], &[]),
];
