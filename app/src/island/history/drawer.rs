//! On a phone the list stands in a drawer: a popover, which opens without scripts, closes by Escape and by a touch beside
//! it. With scripts the page behind it is out of reach while it is open, so the focus stays in it, and its button says
//! whether it is open.

use crate::island::DRAWER;
use leptos::{
    prelude::*,
    wasm_bindgen::{JsCast, closure::Closure},
};
use send_wrapper::SendWrapper;
use web_sys::HtmlElement;

/// From now on.
pub(super) fn watch() {
    let Some(drawer) = find(&format!("#{DRAWER}")) else {
        return;
    };
    let toggled = {
        let drawer = drawer.clone();
        Closure::<dyn FnMut()>::new(move || follow(&drawer))
    };
    let _ = drawer.add_event_listener_with_callback("toggle", toggled.as_ref().unchecked_ref());
    // On a wide screen the list is simply there.
    let narrow_no_more = {
        let drawer = drawer.clone();
        window_event_listener_untyped("resize", move |_| {
            if is_open(&drawer) && button().is_none_or(|button| button.offset_width() == 0) {
                let _ = drawer.hide_popover();
            }
        })
    };
    let watching = SendWrapper::new((drawer, toggled));
    on_cleanup(move || {
        let (drawer, toggled) = watching.take();
        let _ = drawer.remove_event_listener_with_callback("toggle", toggled.as_ref().unchecked_ref());
        narrow_no_more.remove();
    });
}

/// Does what its being open or closed asks for.
fn follow(drawer: &HtmlElement) {
    let open = is_open(drawer);
    if let Some(page) = find("main") {
        page.set_inert(open);
    }
    if let Some(button) = button() {
        let _ = button.set_attribute("aria-expanded", if open { "true" } else { "false" });
    }
    // Nothing else can be reached meanwhile, and that is said, too.
    for (name, value) in [("role", "dialog"), ("aria-modal", "true")] {
        let _ = if open {
            drawer.set_attribute(name, value)
        } else {
            drawer.remove_attribute(name)
        };
    }
    let active = document().active_element();
    let is_inside = drawer.contains(active.as_deref());
    // What had the focus is gone with the drawer, and the browser could not give it back: the button was out of reach.
    let is_lost = is_inside || active.is_none_or(|active| active.tag_name() == "BODY");
    if let Some(button) = button().filter(|_| !open && is_lost) {
        let _ = button.focus();
    }
    let close = find(".drawer__close").filter(|_| open && !is_inside);
    if let Some(close) = close {
        let _ = close.focus();
    }
}

fn is_open(drawer: &HtmlElement) -> bool {
    drawer.matches(":popover-open").unwrap_or_default()
}

fn button() -> Option<HtmlElement> {
    find(".topbar__menu")
}

fn find(selector: &str) -> Option<HtmlElement> {
    let found = document().query_selector(selector).ok().flatten()?;
    found.dyn_into().ok()
}
