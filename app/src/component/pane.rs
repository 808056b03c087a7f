//! The part of a conversation that is in the document, and the view on it. What is where is decided by
//! [`crate::state::window`]; here it is measured and put there.
//!
//! The view stays on what the reader looks at, or at the end: the browser's own way of holding it (`overflow-anchor`) is
//! switched off, since not every browser has one. Room is made by the object model, which the CSP allows, not by attributes.

use crate::{
    live::{Live, Row},
    state::{
        transcript::EntryKey,
        window::{Placed, Sight, Window},
    },
};
use leptos::{
    html::Div,
    prelude::*,
    task::{spawn_local, tick},
    wasm_bindgen::{JsCast, closure::Closure},
};
use send_wrapper::SendWrapper;
use web_sys::{Element, HtmlElement};

/// This near to the end, in pixels, is at the end.
const NEAR: f64 = 48.0;
/// This part of the view may pass by before other messages are put there.
const STEP: f64 = 0.3;

/// A view on a conversation.
#[derive(Clone, Copy)]
pub(super) struct Pane {
    live: Live,
    /// What scrolls.
    pub(super) scroller: NodeRef<Div>,
    /// What it scrolls.
    pub(super) content: NodeRef<Div>,
    /// Whether the view stays at the end.
    pub(super) following: RwSignal<bool>,
    /// The messages in the document.
    pub(super) drawn: RwSignal<Vec<Row>>,
    known: StoredValue<Known>,
}

/// What was measured and chosen.
#[derive(Default)]
struct Known {
    window: Window,
    /// The room before each message in the document.
    room: Vec<f64>,
    /// The space between two messages.
    gap: f64,
    width: f64,
    height: Option<i32>,
    /// Where the view was when they were chosen.
    chosen_at: f64,
    /// Counts choices: what an earlier one began is not gone on with.
    turn: u32,
    /// What the reader looked at when all was at rest: later it may have moved already, by what is to be made good.
    sight: Option<Sight>,
}

impl Pane {
    /// On all of it, as the server draws it.
    pub(super) fn new(live: Live) -> Self {
        Self {
            live,
            scroller: NodeRef::new(),
            content: NodeRef::new(),
            // Where the address asks for a message, the view is on that.
            following: RwSignal::new(live.found_label().is_none()),
            drawn: RwSignal::new(live.shown.rows.get_untracked()),
            known: StoredValue::new(Known {
                // The page scrolled there before it was awake; what stands there must not go.
                sight: live.found_key().map(|key| Sight::On(key, 0.0)),
                ..Known::default()
            }),
        }
    }

    /// Begins to live: in the browser, once the page is there.
    pub(super) fn start(self) {
        Effect::new(move || {
            let (Some(outer), Some(inner)) = (self.scroller.get(), self.content.get()) else {
                return;
            };
            // Between layout and paint, so that nothing jumps.
            let resized = Closure::<dyn FnMut()>::new(move || self.resized());
            if let Ok(observer) = web_sys::ResizeObserver::new(resized.as_ref().unchecked_ref()) {
                observer.observe(&outer);
                observer.observe(&inner);
                let watching = SendWrapper::new((observer, resized));
                on_cleanup(move || watching.take().0.disconnect());
            }
        });
        // After the one above: what is there is measured before some of it goes.
        Effect::new(move || {
            if self.content.get().is_some() {
                self.live.shown.rows.with(|rows| {
                    self.measure();
                    self.choose(rows);
                });
            }
        });
    }

    /// To the end, and from now on with it.
    pub(super) fn to_the_end(self) {
        self.following.set(true);
        self.stay();
    }

    /// The reader has scrolled, or this has.
    pub(super) fn scrolled(self) {
        let Some(scroller) = self.scroller.get_untracked() else {
            return;
        };
        let [top, height, whole] = [
            scroller.scroll_top(),
            scroller.client_height(),
            scroller.scroll_height(),
        ]
        .map(f64::from);
        let at_end = whole - top - height < NEAR;
        if self.following.get_untracked() != at_end {
            self.following.set(at_end);
        }
        self.look();
        let chosen_at = self.known.with_value(|known| known.chosen_at);
        if (top - chosen_at).abs() > height * STEP {
            self.live.shown.rows.with_untracked(|rows| self.choose(rows));
        }
        if top < height && !at_end && self.live.shown.has_more.get_untracked() {
            self.live.earlier();
        }
    }

    /// The view or what is in it has another size: an answer grows.
    fn resized(self) {
        if self.following.try_get_untracked().is_none() {
            return;
        }
        self.stay();
        self.measure();
        let height = self
            .scroller
            .get_untracked()
            .map(|scroller| scroller.client_height());
        let was = self
            .known
            .try_update_value(|known| std::mem::replace(&mut known.height, height));
        if was != Some(height) {
            // A larger view shows more; not now, since what is observed must not change while it is.
            request_animation_frame(move || {
                let rows = self.live.shown.rows;
                rows.try_with_untracked(|rows| self.choose(rows));
            });
        }
    }

    /// Stays at the end, if that is where the view is.
    fn stay(self) {
        if self.following.get_untracked()
            && let Some(scroller) = self.scroller.get_untracked()
        {
            scroller.set_scroll_top(scroller.scroll_height());
        }
    }

    /// Puts those messages into the document that are to be there now.
    fn choose(self, rows: &[Row]) {
        let Some(scroller) = self.scroller.get_untracked() else {
            return;
        };
        let seen = self.known.with_value(|known| known.sight);
        let sight = match seen {
            Some(sight) if !self.following.get_untracked() => sight,
            _ => Sight::End,
        };
        let held = self.held(rows, &scroller);
        let keys: Vec<EntryKey> = rows.iter().map(|row| row.key).collect();
        let height = f64::from(scroller.client_height());
        let is_held = |at: usize| held.contains(&at);
        let placed = self.known.try_update_value(|known| {
            known.chosen_at = f64::from(scroller.scroll_top());
            let placed = known.window.choose(&keys, sight, height, &is_held);
            known.room = placed.iter().map(|placed| placed.before).collect();
            placed
        });
        let row = |placed: Placed| rows.get(placed.at).cloned();
        let drawn: Vec<Row> = placed.unwrap_or_default().into_iter().filter_map(row).collect();
        let steps = self.drawn.with_untracked(|before| steps(before, &drawn));
        let Some(turn) = self.known.try_update_value(|known| {
            known.turn = known.turn.wrapping_add(1);
            known.turn
        }) else {
            return;
        };
        // Each behind what draws the one before it; all of them before anything is painted.
        spawn_local(async move {
            for step in steps {
                // Something else was chosen meanwhile, or the page is gone.
                if self.known.try_with_value(|known| known.turn) != Some(turn) {
                    return;
                }
                self.drawn.try_set(step);
                tick().await;
            }
            self.settle(sight);
        });
    }

    /// Keeps in mind what the reader looks at.
    fn look(self) {
        if let (Some(scroller), Some(content)) = (self.scroller.get_untracked(), self.content.get_untracked())
        {
            let sight = self.sight(&scroller, &content);
            self.known.update_value(|known| known.sight = Some(sight));
        }
    }

    /// What the reader looks at: the first message that is not above the view.
    fn sight(self, scroller: &Element, content: &Element) -> Sight {
        let top = scroller.get_bounding_client_rect().top();
        let mut first = None;
        for (article, key) in articles(content) {
            let place = article.get_bounding_client_rect();
            if place.bottom() > top && place.top() < top + f64::from(scroller.client_height()) {
                return Sight::On(key, place.top() - top);
            }
            first = first.or(Some(place.top()));
        }
        // Between two of them: the reader has come far in one go.
        let room = self.known.with_value(|known| known.room.first().copied());
        Sight::At(top - first.unwrap_or(top) + room.unwrap_or_default())
    }

    /// What must not go, wherever it is: what has the focus, and what is being written. While something is selected
    /// nothing goes, so that a long stretch can be copied.
    fn held(self, rows: &[Row], scroller: &Element) -> Vec<usize> {
        let selected = window()
            .get_selection()
            .ok()
            .flatten()
            .filter(|selection| !selection.is_collapsed())
            .and_then(|selection| selection.anchor_node())
            .is_some_and(|node| scroller.contains(Some(&node)));
        let focused = document()
            .active_element()
            .and_then(|active| active.closest("article").ok().flatten())
            .and_then(|article| key_of(&article));
        let drawn: Vec<EntryKey> = self
            .drawn
            .with_untracked(|drawn| drawn.iter().map(|row| row.key).collect());
        let is_held = |row: &Row| {
            Some(row.key) == focused
                || row.editing.try_get_untracked() == Some(true)
                || (selected && drawn.contains(&row.key))
        };
        let rows = rows.iter().enumerate();
        rows.filter(|(_, row)| is_held(row)).map(|(at, _)| at).collect()
    }

    /// Makes room for what is not there, and holds the view where it was.
    fn settle(self, sight: Sight) {
        let (Some(scroller), Some(content)) = (
            self.scroller.try_get_untracked().flatten(),
            self.content.try_get_untracked().flatten(),
        ) else {
            return;
        };
        let room = self.known.with_value(|known| known.room.clone());
        for ((article, _), room) in articles(&content).zip(room) {
            let style = web_sys::HtmlElement::style(&article);
            let before = if room > 0.0 {
                format!("{}px", whole(room))
            } else {
                String::new()
            };
            let _ = style.set_property("margin-top", &before);
        }
        self.measure();
        if let Sight::On(key, below) = sight {
            let top = scroller.get_bounding_client_rect().top();
            let article = articles(&content).find(|(_, known)| *known == key);
            if let Some((article, _)) = article {
                let moved = article.get_bounding_client_rect().top() - top - below;
                if moved.abs() >= 1.0 {
                    scroller.set_scroll_top(scroller.scroll_top() + whole(moved));
                }
            }
        }
        self.stay();
        let top = f64::from(scroller.scroll_top());
        self.known.update_value(|known| known.chosen_at = top);
        self.look();
    }

    /// Measures the messages that are there.
    fn measure(self) {
        let Some(content) = self.content.get_untracked() else {
            return;
        };
        let width = f64::from(content.client_width());
        self.known.update_value(|known| {
            if known.width != width {
                known.width = width;
                known.window.forget();
                known.gap = gap(&content);
            }
            for (article, key) in articles(&content) {
                let height = article.get_bounding_client_rect().height();
                known.window.measured(key, height + known.gap);
            }
        });
    }
}

/// From these messages to those, so that none that stays is moved in the document, where it would lose the focus and what
/// is selected in it: the list behind it moves what more than one new neighbour is put before, so they come one by one.
fn steps(before: &[Row], after: &[Row]) -> Vec<Vec<Row>> {
    let was_there = |row: &&Row| before.iter().any(|known| known.key == row.key);
    let mut here: Vec<Row> = after.iter().filter(was_there).cloned().collect();
    let mut steps = Vec::new();
    if here.len() != before.len() {
        steps.push(here.clone());
    }
    for (at, row) in after.iter().enumerate() {
        if !was_there(&row) {
            here.insert(at.min(here.len()), row.clone());
            steps.push(here.clone());
        }
    }
    steps
}

/// Whole pixels: the object model scrolls by no others.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "no page is two thousand million pixels high; `as` saturates"
)]
fn whole(pixels: f64) -> i32 {
    pixels.round() as i32
}

/// The space between two messages, as the style sheet says it.
fn gap(content: &Element) -> f64 {
    let style = window().get_computed_style(content).ok().flatten();
    let gap = style.and_then(|style| style.get_property_value("row-gap").ok());
    gap.map(|gap| js_sys::parse_float(&gap))
        .filter(|gap| gap.is_finite())
        .unwrap_or_default()
}

/// The messages in the document, in order.
fn articles(content: &Element) -> impl Iterator<Item = (HtmlElement, EntryKey)> {
    let first = content.first_element_child();
    let all = std::iter::successors(first, Element::next_element_sibling);
    all.filter_map(|element| {
        let key = key_of(&element)?;
        Some((element.dyn_into().ok()?, key))
    })
}

/// Out of a message's name in the document: see [`Row::label`].
fn key_of(article: &Element) -> Option<EntryKey> {
    let number = article.id().strip_prefix("message-")?.parse().ok()?;
    Some(EntryKey::numbered(number))
}
