//! Runs a page's drawing program, as far as it concerns text, and keeps what it says in pieces that stand together.

use super::{
    font::{Face, Fonts, plain},
    piece::Piece,
};
use crate::error::ExtractError;
use hayro_font::kurbo::{Affine, Point, Vec2};
use hayro_syntax::{
    content::{TypedIter, ops::TypedInstruction},
    object::{Array, Dict, Name, Number, Object, Stream, String as Bytes},
    page::{Page, Resources},
};

/// Forms within one another.
const FORMS: usize = 12;
/// Saved states within one another.
const STATES: usize = 512;
/// Instructions a page may run, those of its forms counted each time.
const INSTRUCTIONS: u64 = 5_000_000;
/// For how many of them a form counts that is drawn: it has to be unpacked.
const FORM_COST: u64 = 1_000;

/// The text of a page. `left` is how many bytes the document may still say.
pub(super) fn pieces<'a>(
    page: &'a Page<'a>,
    fonts: &Fonts<'a>,
    left: &mut u64,
) -> Result<Vec<Piece>, ExtractError> {
    let (width, height) = page.render_dimensions();
    let mut run = Run {
        fonts,
        pieces: Vec::new(),
        instructions: INSTRUCTIONS,
        left,
        width: f64::from(width),
        height: f64::from(height),
    };
    let upright = page.initial_transform(true).as_coeffs();
    let state = State {
        place: Affine::new(upright),
        ..State::default()
    };
    run.interpret(page.typed_operations(), page.resources(), state, None, 0)?;
    Ok(run.pieces)
}

struct Run<'f, 'a> {
    fonts: &'f Fonts<'a>,
    pieces: Vec<Piece>,
    instructions: u64,
    left: &'f mut u64,
    width: f64,
    height: f64,
}

/// What `q` saves.
#[derive(Clone)]
struct State<'a> {
    /// From the user's space to the page, upright, from its top.
    place: Affine,
    face: Option<Face<'a>>,
    size: f64,
    between_letters: f64,
    between_words: f64,
    /// 1 is as wide as the font says.
    stretch: f64,
    leading: f64,
    rise: f64,
}

impl Default for State<'_> {
    fn default() -> Self {
        Self {
            place: Affine::IDENTITY,
            face: None,
            size: 1.0,
            between_letters: 0.0,
            between_words: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
        }
    }
}

/// Text that is marked.
#[derive(Default)]
struct Mark {
    /// It says this, whatever its glyphs are; `Some(None)` when that was said.
    says: Option<Option<String>>,
    /// Page numbers, running heads, backgrounds.
    artifact: bool,
    /// Its number in the page, for the document's structure.
    number: Option<i32>,
}

impl<'a> Run<'_, 'a> {
    fn interpret(
        &mut self,
        mut program: TypedIter<'_>,
        resources: &Resources<'a>,
        first: State<'a>,
        around: Option<i32>,
        depth: usize,
    ) -> Result<(), ExtractError> {
        let mut state = first;
        let mut saved: Vec<State<'a>> = Vec::new();
        // What is drawn within the drawing belongs to what is marked around it.
        let mut marks: Vec<Mark> = vec![Mark {
            number: around,
            ..Mark::default()
        }];
        let (mut pen, mut line) = (Affine::IDENTITY, Affine::IDENTITY);
        while let Some(instruction) = program.next() {
            self.instructions = self.instructions.saturating_sub(1);
            if self.instructions == 0 {
                return Err(ExtractError::too_large("a page of it draws without an end"));
            }
            match instruction {
                TypedInstruction::SaveState(_) if saved.len() < STATES => saved.push(state.clone()),
                TypedInstruction::RestoreState(_) => state = saved.pop().unwrap_or(state),
                TypedInstruction::Transform(t) => state.place *= matrix([t.0, t.1, t.2, t.3, t.4, t.5]),
                TypedInstruction::BeginText(_) => (pen, line) = (Affine::IDENTITY, Affine::IDENTITY),
                TypedInstruction::TextFont(font) => {
                    state.size = font.1.as_f64();
                    state.face = resources.get_font(font.0).and_then(|dict| self.fonts.face(&dict));
                }
                TypedInstruction::CharacterSpacing(by) => state.between_letters = by.0.as_f64(),
                TypedInstruction::WordSpacing(by) => state.between_words = by.0.as_f64(),
                TypedInstruction::HorizontalScaling(by) => state.stretch = by.0.as_f64() / 100.0,
                TypedInstruction::TextLeading(by) => state.leading = by.0.as_f64(),
                TypedInstruction::TextRise(by) => state.rise = by.0.as_f64(),
                TypedInstruction::NextLine(by) => {
                    line *= Affine::translate((by.0.as_f64(), by.1.as_f64()));
                    pen = line;
                }
                TypedInstruction::NextLineAndSetLeading(by) => {
                    state.leading = -by.1.as_f64();
                    line *= Affine::translate((by.0.as_f64(), by.1.as_f64()));
                    pen = line;
                }
                TypedInstruction::SetTextMatrix(t) => {
                    line = matrix([t.0, t.1, t.2, t.3, t.4, t.5]);
                    pen = line;
                }
                TypedInstruction::NextLineUsingLeading(_) => {
                    line *= Affine::translate((0.0, -state.leading));
                    pen = line;
                }
                TypedInstruction::ShowText(text) => self.show(text.0, &state, &mut pen, &mut marks)?,
                TypedInstruction::NextLineAndShowText(text) => {
                    line *= Affine::translate((0.0, -state.leading));
                    pen = line;
                    self.show(text.0, &state, &mut pen, &mut marks)?;
                }
                TypedInstruction::ShowTextWithParameters(text) => {
                    state.between_words = text.0.as_f64();
                    state.between_letters = text.1.as_f64();
                    line *= Affine::translate((0.0, -state.leading));
                    pen = line;
                    self.show(text.2, &state, &mut pen, &mut marks)?;
                }
                TypedInstruction::ShowTexts(texts) => self.show_all(texts.0, &state, &mut pen, &mut marks)?,
                TypedInstruction::BeginMarkedContent(tag) => marks.push(mark_of(tag.0, None, depth)),
                TypedInstruction::BeginMarkedContentWithProperties(tag) => {
                    let properties = match tag.1 {
                        Object::Dict(dict) => Some(dict.clone()),
                        Object::Name(name) => resources.properties.get::<Dict<'_>>(name.as_ref()),
                        _ => None,
                    };
                    marks.push(mark_of(tag.0, properties.as_ref(), depth));
                }
                TypedInstruction::EndMarkedContent(_) if marks.len() > 1 => drop(marks.pop()),
                TypedInstruction::XObject(name) if depth < FORMS => {
                    if let Some(form) = resources.get_x_object(name.0) {
                        let outer = marks.iter().rev().find_map(|mark| mark.number);
                        self.form(&form, resources, &state, outer, depth)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A drawing within the drawing.
    fn form(
        &mut self,
        form: &Stream<'a>,
        outer: &Resources<'a>,
        state: &State<'a>,
        mark: Option<i32>,
        depth: usize,
    ) -> Result<(), ExtractError> {
        let dict = form.dict();
        if dict
            .get::<Name<'_>>("Subtype")
            .is_none_or(|kind| kind.as_ref() != b"Form")
        {
            return Ok(());
        }
        let Ok(program) = form.decoded_data() else {
            return Ok(());
        };
        let resources = dict.get::<Dict<'_>>("Resources").map(Resources::new);
        let mut state = state.clone();
        if let Some(place) = dict.get::<[f64; 6]>("Matrix") {
            state.place *= Affine::new(place);
        }
        self.instructions = self.instructions.saturating_sub(FORM_COST);
        self.interpret(
            TypedIter::new(&program),
            resources.as_ref().unwrap_or(outer),
            state,
            mark,
            depth + 1,
        )
    }

    fn show_all(
        &mut self,
        texts: &Array<'_>,
        state: &State<'a>,
        pen: &mut Affine,
        marks: &mut [Mark],
    ) -> Result<(), ExtractError> {
        for item in texts.iter::<Object<'_>>() {
            match item {
                Object::String(text) => self.show(&text, state, pen, marks)?,
                Object::Number(by) => {
                    let by = -by.as_f64() / 1000.0 * state.size;
                    let horizontal = state.face.as_ref().is_none_or(Face::is_horizontal);
                    let step = if horizontal {
                        (by * state.stretch, 0.0)
                    } else {
                        (0.0, by)
                    };
                    *pen *= Affine::translate(step);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn show(
        &mut self,
        text: &Bytes<'_>,
        state: &State<'a>,
        pen: &mut Affine,
        marks: &mut [Mark],
    ) -> Result<(), ExtractError> {
        let Some(face) = &state.face else {
            return Ok(());
        };
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let (code, length) = face.next_code(bytes, at);
            at += length;
            let (right, up) = face.advance(code);
            let space = if code == 32 && length == 1 {
                state.between_words
            } else {
                0.0
            };
            let more = state.between_letters + space;
            let (glyph, step) = if face.is_horizontal() {
                let glyph = right / 1000.0 * state.size * state.stretch;
                (
                    Vec2::new(glyph, 0.0),
                    Vec2::new(glyph + more * state.stretch, 0.0),
                )
            } else {
                let glyph = up / 1000.0 * state.size;
                (Vec2::new(0.0, glyph), Vec2::new(0.0, glyph + more))
            };
            // Letters that are set apart are no words each: the extra space belongs to the glyph.
            let reach = if state.between_letters > 0.0 { step } else { glyph };
            self.glyph(&face.text(code), state, *pen, reach, marks)?;
            *pen *= Affine::translate(step);
        }
        Ok(())
    }

    fn glyph(
        &mut self,
        text: &str,
        state: &State<'a>,
        pen: Affine,
        reach: Vec2,
        marks: &mut [Mark],
    ) -> Result<(), ExtractError> {
        let mut said = None;
        let mut number = None;
        for mark in marks.iter_mut().rev() {
            if mark.artifact {
                return Ok(());
            }
            number = number.or(mark.number);
            if let Some(text) = &mut mark.says {
                said = Some(text.take().unwrap_or_default());
            }
        }
        let text = said.as_deref().unwrap_or(text);
        let whole = state.place * pen;
        let from = whole * Point::new(0.0, state.rise);
        let to = whole * Point::new(reach.x, reach.y + state.rise);
        let size = state.size.abs() * (whole * Point::new(0.0, 1.0) - whole * Point::ZERO).hypot();
        let outside =
            from.x < -size || from.x > self.width + size || from.y < -size || from.y > self.height + size;
        // Nobody sees it; nor does anything sane have such places.
        if outside || !from.is_finite() || !to.is_finite() || size <= 0.0 || !size.is_finite() {
            return Ok(());
        }
        let way = to - from;
        let direction = if way.hypot() > 0.0 {
            way / way.hypot()
        } else {
            Vec2::new(1.0, 0.0)
        };
        let across = Vec2::new(-direction.y, direction.x);
        let start = from.to_vec2().dot(direction);
        let new = Piece {
            text: text.to_owned(),
            start,
            end: start + way.hypot(),
            base: from.to_vec2().dot(across),
            size,
            angle: degrees(direction),
            look: state.face.as_ref().map(|face| face.look).unwrap_or_default(),
            mark: number,
            last: start,
        };
        *self.left = self
            .left
            .checked_sub(u64::try_from(text.len()).unwrap_or(u64::MAX))
            .ok_or_else(|| ExtractError::too_large("it has too much text"))?;
        match self.pieces.last_mut() {
            Some(piece) if piece.touches(&new) => piece.take(&new),
            _ if text.trim().is_empty() => {}
            _ => self.pieces.push(new),
        }
        Ok(())
    }
}

fn matrix(numbers: [Number; 6]) -> Affine {
    Affine::new(numbers.map(|number| number.as_f64()))
}

/// A direction in whole degrees.
fn degrees(direction: Vec2) -> i32 {
    let degrees = direction.y.atan2(direction.x).to_degrees().round();
    format!("{degrees:.0}").parse().unwrap_or(0)
}

/// What a mark says of what is marked. Within a drawing the numbers are the drawing's own.
fn mark_of(tag: &Name<'_>, properties: Option<&Dict<'_>>, depth: usize) -> Mark {
    let says = properties.and_then(|dict| dict.get::<Bytes<'_>>("ActualText"));
    Mark {
        says: says.map(|text| Some(plain(&text_string(text.as_bytes())))),
        artifact: tag.as_ref() == b"Artifact",
        number: properties
            .filter(|_| depth == 0)
            .and_then(|dict| dict.get::<i32>("MCID")),
    }
}

/// A string of a PDF outside its pages: UTF-16 or UTF-8 by mark, else Latin.
fn text_string(bytes: &[u8]) -> String {
    if let Some(wide) = bytes.strip_prefix(b"\xfe\xff") {
        let units: Vec<u16> = wide
            .chunks_exact(2)
            .map(|pair| pair.iter().fold(0, |unit, byte| unit << 8 | u16::from(*byte)))
            .collect();
        return String::from_utf16_lossy(&units);
    }
    if let Some(text) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return String::from_utf8_lossy(text).into_owned();
    }
    bytes.iter().map(|byte| char::from(*byte)).collect()
}
