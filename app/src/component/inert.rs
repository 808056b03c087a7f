//! Markup that is drawn in one go and then left alone: a tree of elements and text. What changes is drawn anew. Answers and
//! the list of conversations consist of it: no signal, no listener and no memory an element, a page that wakes up passes
//! over it, and the wasm has the code of one kind of element instead of a hundred.
//!
//! What an element is called and what its attributes are called is said by our own code (`&'static str`); what they hold
//! is text, and is escaped as text. There is no way from here to raw HTML.

use leptos::{
    prelude::*,
    tachys::{
        html::attribute::{Attribute, any_attribute::AnyAttribute},
        hydration::Cursor,
        renderer::CastFrom,
        view::{Mountable, Position, PositionState, add_attr::AddAnyAttr},
    },
};
use std::hash::{DefaultHasher, Hash, Hasher};
use web_sys::{Element, Node};

const MATHML: &str = "http://www.w3.org/1998/Math/MathML";
const SVG: &str = "http://www.w3.org/2000/svg";

/// An element.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Inert {
    tag: &'static str,
    /// Of a formula or a drawing; `None` for HTML.
    namespace: Option<&'static str>,
    attributes: Vec<(&'static str, String)>,
    parts: Vec<Part>,
}

/// What is in an element.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    /// Text.
    Text(String),
    /// Another element.
    Inert(Inert),
}

impl Inert {
    /// An element of HTML.
    pub(crate) fn new(tag: &'static str, parts: Vec<Part>) -> Self {
        Self {
            tag,
            namespace: None,
            attributes: Vec::new(),
            parts,
        }
    }

    /// An element of a formula.
    pub(crate) fn math(tag: &'static str, parts: Vec<Part>) -> Self {
        Self {
            namespace: Some(MATHML),
            ..Self::new(tag, parts)
        }
    }

    /// An element of a drawing.
    pub(crate) fn svg(tag: &'static str, parts: Vec<Part>) -> Self {
        Self {
            namespace: Some(SVG),
            ..Self::new(tag, parts)
        }
    }

    /// The same with an attribute.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    fn sum(&self) -> u64 {
        let mut sum = DefaultHasher::new();
        self.hash(&mut sum);
        sum.finish()
    }

    /// Made in the document, and not yet put anywhere.
    pub(crate) fn element(&self) -> Option<Element> {
        let document = document();
        let element = match self.namespace {
            Some(namespace) => document.create_element_ns(Some(namespace), self.tag).ok()?,
            None => document.create_element(self.tag).ok()?,
        };
        for (name, value) in &self.attributes {
            let _ = element.set_attribute(name, value);
        }
        for part in &self.parts {
            let node: Option<Node> = match part {
                Part::Text(text) => Some(document.create_text_node(text).into()),
                Part::Inert(inner) => inner.element().map(Into::into),
            };
            if let Some(node) = node {
                let _ = element.append_child(&node);
            }
        }
        Some(element)
    }

    #[cfg(feature = "ssr")]
    fn html(&self, html: &mut String) {
        html.push('<');
        html.push_str(self.tag);
        for (name, value) in &self.attributes {
            html.extend([" ", *name, "=\"", escaped(value).as_str(), "\""]);
        }
        html.push('>');
        if matches!(self.tag, "br" | "hr" | "input") {
            return;
        }
        for part in &self.parts {
            match part {
                Part::Text(text) => html.push_str(&escaped(text)),
                Part::Inert(inner) => inner.html(html),
            }
        }
        html.extend(["</", self.tag, ">"]);
    }
}

#[cfg(feature = "ssr")]
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The element in the document, and the sum of what it was made of. `None` only where the browser refused to make it.
pub(crate) struct Drawn(Option<Element>, u64);

impl Mountable for Drawn {
    fn unmount(&mut self) {
        if let Some(element) = &mut self.0 {
            element.unmount();
        }
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        if let Some(element) = &mut self.0 {
            element.mount(parent, marker);
        }
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.0
            .as_ref()
            .is_some_and(|element| element.insert_before_this(child))
    }

    fn elements(&self) -> Vec<Element> {
        self.0.iter().cloned().collect()
    }
}

impl Render for Inert {
    type State = Drawn;

    fn build(self) -> Drawn {
        Drawn(self.element(), self.sum())
    }

    fn rebuild(self, state: &mut Drawn) {
        if self.sum() == state.1 {
            return;
        }
        let mut new = self.build();
        state.insert_before_this(&mut new);
        state.unmount();
        *state = new;
    }
}

impl AddAnyAttr for Inert {
    type Output<New: Attribute> = Self;

    // Nobody does: it is never the root of a component that is given attributes.
    fn add_any_attr<New: Attribute>(self, _attribute: New) -> Self {
        self
    }
}

impl RenderHtml for Inert {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    #[cfg_attr(
        not(feature = "ssr"),
        expect(unused_variables, reason = "only the server writes HTML")
    )]
    fn to_html_with_buf(
        self,
        buffer: &mut String,
        position: &mut Position,
        _escape: bool,
        _mark_branches: bool,
        _attributes: Vec<AnyAttribute>,
    ) {
        #[cfg(feature = "ssr")]
        self.html(buffer);
        *position = Position::NextChild;
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Drawn {
        let place = position.get();
        if place == Position::FirstChild {
            cursor.child();
        } else if place != Position::Current {
            cursor.sibling();
        }
        let element = Element::cast_from(cursor.current());
        position.set(Position::NextChild);
        Drawn(element, self.sum())
    }

    fn into_owned(self) -> Self {
        self
    }
}

#[cfg(test)]
#[cfg(feature = "ssr")]
mod tests {
    use super::*;

    #[test]
    fn whatever_it_holds_stays_text() {
        let text = || Part::Text("</p><script>alert(1)</script>&amp;".into());
        let inert = Inert::new("p", vec![text(), Part::Inert(Inert::new("br", Vec::new()))])
            .with("title", "\" onclick=\"alert(1)");
        assert_eq!(
            inert.to_html(),
            "<p title=\"&quot; onclick=&quot;alert(1)\">&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;<br></p>"
        );
    }
}
