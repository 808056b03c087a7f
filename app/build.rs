//! From `texts/*.txt` to Rust: a function a text, with an argument for each place in it, and a table a language.
//!
//! A text that a language lacks, one that no other has, a place that is not in English, a count without forms: each is an
//! error of the build. Which plural forms a language needs is checked by a test (`src/text/plural.rs`). The format stands at
//! the top of `texts/en.txt`.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

type Problem = Box<dyn Error>;

/// The language that the others are held against.
const FIRST: &str = "en";
/// What isolates a text of unknown direction (Unicode 2068 and 2069): in a language that is written from the right.
const ISOLATE: (&str, &str) = ("\u{2068}", "\u{2069}");

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=texts");
    if let Err(error) = generate() {
        println!("cargo::error={error}");
    }
}

fn generate() -> Result<(), Problem> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo gave no CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo gave no OUT_DIR")?);
    let mut languages = Vec::new();
    for entry in fs::read_dir(here.join("texts"))? {
        languages.push(Language::read(&entry?.path())?);
    }
    // English first: who speaks nothing else is understood in it.
    languages.sort_by_key(|language| (language.tag != FIRST, language.tag.clone()));
    let first = languages.first().filter(|first| first.tag == FIRST);
    let first = first.ok_or("texts/en.txt is missing")?;
    for language in &languages {
        language.check(first)?;
    }
    fs::write(out.join("texts.rs"), code(first, &languages)?)?;
    Ok(())
}

/// A language's file.
struct Language {
    tag: String,
    texts: Vec<Text>,
}

/// A text, or the forms of one that counts.
struct Text {
    name: String,
    /// Whether the browser gets it, too.
    live: bool,
    forms: Forms,
}

enum Forms {
    One(String),
    /// By their category (CLDR): `one`, `few`, `other`.
    Counted(BTreeMap<String, String>),
}

impl Forms {
    fn all(&self) -> Vec<&str> {
        match self {
            Self::One(text) => vec![text],
            Self::Counted(forms) => forms.values().map(String::as_str).collect(),
        }
    }

    fn is_counted(&self) -> bool {
        matches!(self, Self::Counted(_))
    }

    /// The places of all forms.
    fn places(&self) -> Result<BTreeSet<Place>, Problem> {
        let mut places = BTreeSet::new();
        for text in self.all() {
            places.extend(places_of(text)?);
        }
        Ok(places)
    }
}

/// `{name}`, or `{#count}` for a number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    name: String,
    is_number: bool,
}

fn places_of(text: &str) -> Result<Vec<Place>, Problem> {
    let mut places = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (place, after) = after.split_once('}').ok_or("a `{` without its `}`")?;
        if before.contains('}') {
            return Err("a `}` without its `{`".into());
        }
        let name = place.trim_start_matches('#').to_owned();
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
            return Err(format!("`{{{place}}}` is no name").into());
        }
        let is_number = place.starts_with('#');
        let place = Place { name, is_number };
        if !places.contains(&place) {
            places.push(place);
        }
        rest = after;
    }
    Ok(places)
}

impl Language {
    fn read(path: &Path) -> Result<Self, Problem> {
        let tag = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let mut texts: Vec<Text> = Vec::new();
        let mut live = false;
        for (number, line) in fs::read_to_string(path)?.lines().enumerate() {
            let wrong = |what: &str| format!("texts/{tag}.txt, line {}: {what}", number + 1);
            match line.trim() {
                "" => {}
                "[live]" => live = true,
                "[page]" => live = false,
                line if line.starts_with(';') => {}
                line => {
                    let (key, text) = line.split_once('=').ok_or_else(|| wrong("no `=`"))?;
                    let (key, text) = (key.trim(), text.trim());
                    if text.contains(['<', '\t']) {
                        return Err(wrong("no `<` and no tab: it travels in the page").into());
                    }
                    let (name, form) = match key.split_once('.') {
                        Some((name, form)) => (name, Some(form)),
                        None => (key, None),
                    };
                    let known = texts.iter().position(|text| text.name == name);
                    match (known, form) {
                        (None, form) => {
                            let text = text.to_owned();
                            let forms = match form {
                                None => Forms::One(text),
                                Some(form) => Forms::Counted([(form.to_owned(), text)].into()),
                            };
                            let name = name.to_owned();
                            texts.push(Text { name, live, forms });
                        }
                        (Some(at), Some(form)) => match texts.get_mut(at).map(|text| &mut text.forms) {
                            Some(Forms::Counted(forms)) if !forms.contains_key(form) => {
                                forms.insert(form.to_owned(), text.to_owned());
                            }
                            _ => return Err(wrong("it was said before").into()),
                        },
                        (Some(_), None) => return Err(wrong("it was said before").into()),
                    }
                }
            }
        }
        // What the browser gets stands in front.
        texts.sort_by_key(|text| !text.live);
        Ok(Self { tag, texts })
    }

    fn text(&self, name: &str) -> Option<&Text> {
        self.texts.iter().find(|text| text.name == name)
    }

    fn says(&self, name: &str) -> Result<&str, Problem> {
        match self.text(name).map(|text| &text.forms) {
            Some(Forms::One(text)) => Ok(text),
            _ => Err(format!("texts/{}.txt says no `{name}`", self.tag).into()),
        }
    }

    /// Holds a language against the first.
    fn check(&self, first: &Self) -> Result<(), Problem> {
        let wrong = |name: &str, what: &str| format!("texts/{}.txt: `{name}` {what}", self.tag);
        if let Some(more) = self.texts.iter().find(|text| first.text(&text.name).is_none()) {
            return Err(wrong(&more.name, "is not in English").into());
        }
        for original in &first.texts {
            let name = &original.name;
            let text = self.text(name).ok_or_else(|| wrong(name, "is missing"))?;
            // What the server says about its errors is English already.
            let may_be_empty = self.tag == FIRST && is_of_the_server(name);
            if text.forms.all().iter().any(|text| text.is_empty()) && !may_be_empty {
                return Err(wrong(name, "is empty").into());
            }
            if text.forms.is_counted() != original.forms.is_counted() {
                return Err(wrong(name, "has forms in one of the two languages only").into());
            }
            let places = |forms: &Forms| forms.places().map_err(|error| wrong(name, &error.to_string()));
            let (its, originals) = (places(&text.forms)?, places(&original.forms)?);
            if its.iter().any(|place| !originals.contains(place)) {
                return Err(wrong(name, "has a place that English has not").into());
            }
            // A form may do without the number: "one page".
            if let Forms::Counted(forms) = &text.forms {
                let others = forms
                    .get("other")
                    .ok_or_else(|| wrong(name, "has no form `other`"))?;
                if !originals
                    .iter()
                    .any(|place| place.is_number && place.name == "count")
                {
                    return Err(wrong(name, "counts without `{#count}`").into());
                }
                if places_of(others)?.len() != originals.len() {
                    return Err(wrong(name, "lacks a place in `other`").into());
                }
            } else if its != originals {
                return Err(wrong(name, "lacks a place that English has").into());
            }
        }
        Ok(())
    }

    /// A text as it stands in the tables: places by their numbers, forms behind one another.
    fn entry(&self, name: &str, places: &[Place]) -> Result<String, Problem> {
        let isolate = self.says("direction")? == "rtl";
        let numbered = |text: &str| {
            let mut text = text.to_owned();
            for (number, Place { name, is_number }) in places.iter().enumerate() {
                let (place, number) = match is_number {
                    true => (format!("{{#{name}}}"), format!("{{{number}}}")),
                    false if isolate => (
                        format!("{{{name}}}"),
                        format!("{}{{{number}}}{}", ISOLATE.0, ISOLATE.1),
                    ),
                    false => (format!("{{{name}}}"), format!("{{{number}}}")),
                };
                text = text.replace(&place, &number);
            }
            text
        };
        match self.text(name).map(|text| &text.forms) {
            Some(Forms::One(text)) => Ok(numbered(text)),
            Some(Forms::Counted(forms)) => {
                let forms = forms
                    .iter()
                    .map(|(form, text)| format!("{form}\t{}", numbered(text)));
                Ok(forms.collect::<Vec<_>>().join("\t"))
            }
            None => Err(format!("texts/{}.txt: `{name}` is missing", self.tag).into()),
        }
    }
}

fn is_of_the_server(name: &str) -> bool {
    name.starts_with("problem_") || name.starts_with("fault_")
}

/// The arguments of a text's function, in the order of English; what is counted comes first.
fn arguments(forms: &Forms) -> Result<Vec<Place>, Problem> {
    let mut places = Vec::new();
    for text in forms.all() {
        for place in places_of(text)? {
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    places.sort_by_key(|place| !(forms.is_counted() && place.name == "count"));
    Ok(places)
}

fn code(first: &Language, languages: &[Language]) -> Result<String, Problem> {
    let mut code = String::new();
    let mut tables: Vec<Vec<String>> = languages.iter().map(|_| Vec::new()).collect();
    for (number, text) in first.texts.iter().enumerate() {
        let places = arguments(&text.forms)?;
        for (table, language) in tables.iter_mut().zip(languages) {
            table.push(language.entry(&text.name, &places)?);
        }
        let counted = text.forms.is_counted();
        let shown = text.forms.all().last().copied().unwrap_or_default();
        writeln!(
            code,
            "/// `{}`",
            if shown.is_empty() {
                "As the server says it."
            } else {
                shown
            }
        )?;
        if !text.live {
            writeln!(code, "#[cfg(feature = \"pages\")]")?;
        }
        write!(code, "pub(crate) fn {}(", text.name)?;
        let mut values = String::new();
        for Place { name, is_number } in &places {
            let kind = if *is_number { "impl Count" } else { "&str" };
            write!(code, "{name}: {kind}, ")?;
            values.push_str(&if *is_number {
                format!("&number({name}), ")
            } else {
                format!("{name}, ")
            });
        }
        if counted {
            let rest = values.split_once(", ").map_or("", |(_, rest)| rest);
            writeln!(
                code,
                ") -> String {{ let count = count.count(); fill(form(at({number}), count), &[&number(count), {rest}]) }}"
            )?;
        } else if places.is_empty() {
            writeln!(code, ") -> &'static str {{ at({number}) }}")?;
        } else {
            writeln!(code, ") -> String {{ fill(at({number}), &[{values}]) }}")?;
        }
    }
    let live = first.texts.iter().take_while(|text| text.live).count();
    let count = tables.len();
    let tags: Vec<&str> = languages.iter().map(|language| language.tag.as_str()).collect();
    writeln!(
        code,
        "#[cfg(feature = \"pages\")]\npub(super) const TAGS: [&str; {count}] = {tags:?};"
    )?;
    writeln!(
        code,
        "#[cfg(feature = \"pages\")]\npub(super) static TABLES: [[&str; {}]; {count}] = {tables:?};",
        first.texts.len()
    )?;
    let payloads: Vec<String> = tables
        .iter()
        .map(|table| table.get(..live).unwrap_or_default().join("\n"))
        .collect();
    writeln!(
        code,
        "#[cfg(feature = \"pages\")]\npub(super) static PAYLOADS: [&str; {count}] = {payloads:?};"
    )?;
    Ok(code)
}
