//! What can be done with a message, in a quiet row below it. Where it is seen, and when, is the style sheet's affair;
//! the row is always there, so nothing moves when it appears.
//!
//! The rows are plain markup: one listener on the whole conversation ([`pressed`]) hears all of them. A page of a
//! hundred messages wakes up without three hundred handlers. No button is ever `disabled`, since one that becomes so
//! loses the focus: it says why nothing happens.

use super::{
    editor,
    icon::drawing,
    inert::{Inert, Part},
    source_panel,
    sources::number_of,
};
use crate::{
    live::{Live, Row},
    net::browser,
    state::transcript::{Entry, Mark},
    text,
};
use leptos::{ev, prelude::*, wasm_bindgen::JsCast};
use std::time::Duration;
use web_sys::{Element, HtmlElement};
use wire::{document::Citation, feedback::Verdict, message::MessageRole};

/// How long it is seen that something was copied.
const COPIED: Duration = Duration::from_secs(2);

/// The row below a message.
#[component]
pub(crate) fn Actions(
    /// Which message.
    row: Row,
) -> impl IntoView {
    let label = row.label();
    let Row { entry, .. } = row;
    let role = entry.with_untracked(|entry: &Entry| entry.role);
    if role == MessageRole::Assistant {
        show_thumb(label, entry.clone());
    }
    let version = Memo::new(move |_| entry.with(Entry::version));
    let has_versions = Memo::new(move |_| version.get().is_some());
    let versions = move || has_versions.get().then(|| versions(version));
    view! { <div class="actions">{tools(role)}{versions}</div> }
}

/// What is plain markup is of one type, whatever it says.
fn tools(role: MessageRole) -> Inert {
    const CLOCK: &[&str] = &["M12 5a7 7 0 1 0 .1 0M12 8v4l3 2"];
    let when = tool("icon-button actions__when", "when", text::when(), CLOCK);
    let tools = match role {
        MessageRole::User => vec![
            worded("actions__retry", "again", text::try_again()),
            worded("actions__resend", "resend", text::send_again()),
            worded("actions__remove", "remove", text::remove()),
            when,
            tool("icon-button", "edit", text::edit(), &["M4 20l1-4L16 5l3 3L8 19z"]),
        ],
        MessageRole::Assistant => vec![
            worded("actions__continue", "continue", text::continue_answer()),
            worded("actions__anew", "continue", text::try_again()),
            when,
            tool(
                "icon-button",
                "up",
                text::good_answer(),
                &["M4 11h3v9H4zM7 11l4-7c2 0 2 2 1 5h7l-2 11H7"],
            ),
            tool(
                "icon-button",
                "down",
                text::bad_answer(),
                &["M4 4h3v9H4zM7 13l4 7c2 0 2-2 1-5h7l-2-11H7"],
            ),
            // The second drawing is shown for a while once it is done.
            tool(
                "icon-button",
                "copy",
                text::copy(),
                &["M9 9h10v10H9zM15 5H5v10", "M5 13l4 4L19 7"],
            ),
            tool(
                "icon-button",
                "again",
                text::regenerate(),
                &["M19 13a7 7 0 1 1-2-6l2 2M19 4v5h-5"],
            ),
        ],
    };
    Inert::new("div", tools).with("class", "actions__row")
}

/// Which version is shown, and the way to the others. The buttons stay while what stands between them changes: one of them
/// has the focus.
fn versions(version: Memo<Option<(usize, usize)>>) -> impl IntoView {
    let shown = move || version.get().unwrap_or((1, 1));
    let class = move || match shown() {
        (1, _) => "actions__versions actions__versions--first",
        (version, of) if version == of => "actions__versions actions__versions--last",
        _ => "actions__versions",
    };
    let name = move || {
        let (version, of) = shown();
        text::version_of(version, of)
    };
    let words = move || {
        let (version, of) = shown();
        text::version_short(version, of)
    };
    let turn = |act, label, path| button_drawn("icon-button mirrored", act, label, &[path]);
    view! {
        <div class=class role="group" aria-label=name>
            {turn("earlier", text::earlier_version(), "M14 6l-6 6 6 6")}
            <span>{words}</span>
            {turn("later", text::later_version(), "M10 6l6 6-6 6")}
        </div>
    }
}

/// A button with a drawing, among others.
fn tool(class: &str, act: &str, label: &str, paths: &[&str]) -> Part {
    Part::Inert(button_drawn(class, act, label, paths))
}

/// A button with a drawing.
fn button_drawn(class: &str, act: &str, label: &str, paths: &[&str]) -> Inert {
    button(class, act, vec![Part::Inert(drawing(paths))])
        .with("aria-label", label)
        .with("title", label)
}

/// A button with words.
fn worded(class: &str, act: &str, words: &str) -> Part {
    let class = format!("button button--quiet {class}");
    Part::Inert(button(&class, act, vec![Part::Text(words.to_owned())]))
}

fn button(class: &str, act: &str, parts: Vec<Part>) -> Inert {
    Inert::new("button", parts)
        .with("type", "button")
        .with("class", class)
        .with("data-act", act)
}

/// Says on the thumbs which one was given. The buttons are plain markup: of what they say only this changes.
fn show_thumb(label: String, entry: ArcRwSignal<Entry>) {
    Effect::new(move |before: Option<Option<Verdict>>| {
        let given = entry.with(|entry: &Entry| entry.feedback.as_ref().map(|given| given.verdict));
        if before != Some(given) {
            for (act, verdict) in [("up", Verdict::Up), ("down", Verdict::Down)] {
                if let Some(thumb) = browser::find(&format!("#{label} [data-act={act}]")) {
                    let pressed = if given == Some(verdict) { "true" } else { "false" };
                    let _ = thumb.set_attribute("aria-pressed", pressed);
                }
            }
        }
        given
    });
}

/// Something in the conversation was pressed: perhaps a button of a row.
pub(crate) fn pressed(live: Live, event: &ev::MouseEvent) {
    let pressed = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    if pressed.is_some_and(|pressed| cite(live, event, &pressed).is_some()) {
        return;
    }
    let Some((act, button)) = browser::act_of(event) else {
        return;
    };
    let Some(article) = button.closest("article").ok().flatten() else {
        if act == "starter" && !live.rests() {
            live.submit(button.text_content().unwrap_or_default(), None);
            browser::focus(".composer__field");
        }
        return;
    };
    match act.as_str() {
        "copy-code" => return copy_code(live, button),
        "wrap" => return wrap(&button),
        _ => {}
    }
    let Some(row) = live.row(&article.id()) else {
        return;
    };
    let key = row.key;
    match act.as_str() {
        "copy" => live.copy(key, move || say_copied(button)),
        "when" => say_when(live, &row, &button),
        "up" => live.thumb(&row, Verdict::Up),
        "down" => live.thumb(&row, Verdict::Down),
        "cancel" => editor::cancel(&row),
        "edit" => edit(live, &row),
        "resend" => {
            if let Some(id) = row.entry.with_untracked(|entry| entry.client_message_id) {
                live.send_again(id);
            }
        }
        "remove" => {
            if let Some(id) = row.entry.with_untracked(|entry| entry.client_message_id) {
                live.remove(id);
                browser::focus(".composer__field");
            }
        }
        _ if live.rests() => live.say_aloud(text::wait_for_end()),
        "save" => editor::save(live, &row),
        "again" => live.regenerate(key),
        "continue" => {
            // The button goes away: the message that grows has the focus then.
            browser::focus(&format!("#{}", row.label()));
            live.go_on(key);
        }
        "earlier" => live.turn(key, false),
        "later" => live.turn(key, true),
        _ => {}
    }
}

/// A source is opened beside the chat; by the browser, in a place of its own, for who asks for that.
fn cite(live: Live, event: &ev::MouseEvent, pressed: &Element) -> Option<()> {
    let number = number_of(pressed)?;
    let button = pressed
        .closest("button, a")
        .ok()??
        .dyn_into::<HtmlElement>()
        .ok()?;
    let row = live.row(&button.closest("article").ok()??.id())?;
    let is_it = |source: &&Citation| source.number == number;
    let source = row
        .entry
        .with_untracked(|entry| entry.sources.iter().find(is_it).cloned())?;
    if !event.ctrl_key() && !event.meta_key() {
        event.prevent_default();
        // Not every browser focuses what is pressed, and it is given the focus back when the source is closed.
        let _ = button.focus();
        source_panel::open(live.bot(), source);
    }
    Some(())
}

/// A prompt is written on: where it stands, if it has a place; in the composer, if it has none yet.
fn edit(live: Live, row: &Row) {
    let homeless = row.entry.with_untracked(|entry| {
        let here_only = !matches!(entry.mark, Mark::Known(_));
        entry
            .client_message_id
            .filter(|_| here_only && entry.replaces.is_none())
    });
    match homeless {
        Some(id) => live.take_back(id),
        None => row.editing.set(true),
    }
}

/// When a message was stored, and by which model an answer was written: beside the button that asks, until it is pressed again.
fn say_when(live: Live, row: &Row, button: &Element) {
    if button.has_attribute("data-when") {
        let _ = button.remove_attribute("data-when");
        return;
    }
    let (at, model) = row
        .entry
        .with_untracked(|entry: &Entry| (entry.at, entry.model.clone()));
    if let Some(at) = at {
        let mut when = browser::local_time(&at.to_string());
        if let Some(model) = model {
            when.push_str(" · ");
            when.push_str(&model);
        }
        let _ = button.set_attribute("data-when", &when);
        live.say_aloud(&when);
    }
}

/// The text of a block of code, as it was written.
fn copy_code(live: Live, button: Element) {
    let block = button.closest(".code").ok().flatten();
    let code = block.and_then(|block| block.query_selector("code").ok().flatten());
    if let Some(text) = code.and_then(|code| code.text_content()) {
        live.copy_text(text, move || say_copied(button));
    }
}

/// Long lines of a block of code are broken, or not any more.
fn wrap(button: &Element) {
    if let Ok(Some(block)) = button.closest(".code") {
        let wrapped = block.toggle_attribute("data-wrapped").unwrap_or_default();
        let _ = button.set_attribute("aria-pressed", if wrapped { "true" } else { "false" });
    }
}

/// For eyes: the drawing is another for a while.
fn say_copied(button: Element) {
    let _ = button.set_attribute("data-copied", "");
    let forget = move || {
        let _ = button.remove_attribute("data-copied");
    };
    set_timeout(forget, COPIED);
}
