//! What a code in a font means: characters, a width, a weight.

use hayro_font::{
    CMapResolverFn, Font, FontCache, FontGlyph, FontQuery, FontResolverFn, hayro_cmap::BfString,
};
use hayro_syntax::object::{Dict, Name};
use std::{cell::RefCell, collections::HashMap, rc::Rc, sync::Arc};

/// Flags of a font's descriptor.
const FIXED_PITCH: u32 = 1;
const FORCE_BOLD: u32 = 1 << 18;

/// The fonts of a document, each read once.
pub(super) struct Fonts<'a> {
    cache: FontCache<'a>,
    /// By what the dictionary says: pages name their fonts again and again.
    faces: RefCell<HashMap<Vec<u8>, Option<Face<'a>>>>,
    programs: FontResolverFn,
    code_maps: CMapResolverFn,
}

impl Default for Fonts<'_> {
    fn default() -> Self {
        Self {
            cache: FontCache::new(),
            faces: RefCell::default(),
            // A font that is not in the file is one of the standard ones, or measured like one.
            programs: Arc::new(|query| {
                Some(match query {
                    FontQuery::Standard(font) => font.get_font_data(),
                    FontQuery::Fallback(query) => query.pick_standard_font().get_font_data(),
                })
            }),
            code_maps: Arc::new(hayro_font::hayro_cmap::load_embedded),
        }
    }
}

/// How a font looks, as far as it tells headings and code from the rest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) bold: bool,
    pub(super) mono: bool,
}

/// A font in use.
#[derive(Clone)]
pub(super) struct Face<'a> {
    font: Font<'a>,
    pub(super) look: Look,
    seen: Rc<RefCell<HashMap<u32, Rc<str>>>>,
}

impl<'a> Fonts<'a> {
    /// The font that a dictionary describes.
    pub(super) fn face(&self, dict: &Dict<'a>) -> Option<Face<'a>> {
        let key = dict.data();
        if let Some(known) = self.faces.borrow().get(key) {
            return known.clone();
        }
        let font = self.cache.font(dict, &self.programs, &self.code_maps);
        let face = font.map(|font| Face {
            font,
            look: look(dict),
            seen: Rc::default(),
        });
        self.faces.borrow_mut().insert(key.to_vec(), face.clone());
        face
    }
}

impl Face<'_> {
    /// The next code of a string: itself, its length in bytes.
    pub(super) fn next_code(&self, bytes: &[u8], at: usize) -> (u32, usize) {
        let (code, length) = self.font.read_code(bytes, at);
        (code, length.max(1))
    }

    /// How far the pen moves, in thousandths of the font's size; to the right, and up.
    pub(super) fn advance(&self, code: u32) -> (f64, f64) {
        let advance = self.font.code_advance(code);
        (advance.x, advance.y)
    }

    pub(super) fn is_horizontal(&self) -> bool {
        self.font.is_horizontal()
    }

    /// What a code means; empty when nobody knows.
    pub(super) fn text(&self, code: u32) -> Rc<str> {
        let known = self.seen.borrow().get(&code).cloned();
        known.unwrap_or_else(|| {
            let text: Rc<str> = self.look_up(code).into();
            self.seen.borrow_mut().insert(code, Rc::clone(&text));
            text
        })
    }

    fn look_up(&self, code: u32) -> String {
        let unicode = match self.font.glyph(self.font.map_code(code), code) {
            FontGlyph::Outline(glyph) => glyph.as_unicode(),
            FontGlyph::Type3(glyph) => glyph.as_unicode(),
        };
        match unicode {
            Some(BfString::Char(c)) => plain(&c.to_string()),
            Some(BfString::String(text)) => plain(&text),
            None => String::new(),
        }
    }
}

/// Ligatures as letters; all kinds of spaces as one; no private characters, which mean nothing outside their font.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars() {
        match c {
            'ﬀ' => plain.push_str("ff"),
            'ﬁ' => plain.push_str("fi"),
            'ﬂ' => plain.push_str("fl"),
            'ﬃ' => plain.push_str("ffi"),
            'ﬄ' => plain.push_str("ffl"),
            'ﬅ' | 'ﬆ' => plain.push_str("st"),
            '\u{e000}'..='\u{f8ff}' | '\u{fffd}' | '\u{feff}' | '\u{200b}' => {}
            c if c.is_whitespace() => plain.push(' '),
            // A hyphen that is only there when a line ends.
            '\u{ad}' => plain.push(c),
            c if c.is_control() => {}
            c => plain.push(c),
        }
    }
    plain
}

fn look(dict: &Dict<'_>) -> Look {
    let within = dict
        .get::<hayro_syntax::object::Array<'_>>("DescendantFonts")
        .and_then(|fonts| fonts.iter::<Dict<'_>>().next());
    let descriptor = within
        .as_ref()
        .unwrap_or(dict)
        .get::<Dict<'_>>("FontDescriptor")
        .unwrap_or_default();
    let name = dict
        .get::<Name<'_>>("BaseFont")
        .map(|name| name.as_str().to_ascii_lowercase())
        .unwrap_or_default();
    let flags = descriptor.get::<u32>("Flags").unwrap_or(0);
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    Look {
        bold: flags & FORCE_BOLD != 0
            || descriptor
                .get::<f32>("FontWeight")
                .is_some_and(|weight| weight >= 600.0)
            || has(&["bold", "black", "heavy", "demi", "cmbx"]),
        mono: flags & FIXED_PITCH != 0 || has(&["mono", "courier", "consol", "cmtt", "typewriter"]),
    }
}
