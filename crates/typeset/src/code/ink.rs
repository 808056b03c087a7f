//! What a reader sees of what a grammar knows. Grammars name what a place is by scopes, the innermost last, as in
//! `source.rust meta.function.rust entity.name.function.rust` (www.sublimetext.com/docs/scope_naming.html); the innermost
//! that this table knows decides.

use std::collections::HashMap;
use std::sync::LazyLock;

use syntect::parsing::{Scope, ScopeStack};
use wire::drawn::Ink;

/// Beginnings of scopes. Of several that fit, the longest decides.
const TABLE: [(&str, Ink); 42] = [
    ("comment", Ink::Comment),
    ("constant", Ink::Literal),
    ("constant.character.escape", Ink::String),
    ("constant.numeric", Ink::Number),
    ("constant.other.symbol", Ink::String),
    ("entity.name", Ink::Type),
    ("entity.name.function", Ink::Function),
    ("entity.name.section", Ink::Type),
    ("entity.name.tag.toml", Ink::Property),
    ("entity.name.tag.yaml", Ink::Property),
    ("entity.other.attribute-name", Ink::Property),
    ("entity.other.inherited-class", Ink::Type),
    ("keyword", Ink::Keyword),
    ("keyword.other.unit", Ink::Number),
    ("markup.deleted", Ink::Removed),
    ("markup.heading", Ink::Type),
    ("markup.inserted", Ink::Added),
    ("markup.raw", Ink::String),
    ("meta.annotation", Ink::Meta),
    ("meta.attribute.rust", Ink::Meta),
    ("meta.diff.header", Ink::Comment),
    ("meta.diff.range", Ink::Meta),
    ("meta.preprocessor", Ink::Meta),
    ("meta.tag.preprocessor", Ink::Meta),
    ("storage", Ink::Keyword),
    ("storage.modifier.lifetime", Ink::Type),
    ("storage.type.numeric", Ink::Number),
    ("storage.type.string", Ink::String),
    ("string", Ink::String),
    ("string.unquoted", Ink::Plain),
    ("support.class", Ink::Type),
    ("support.constant", Ink::Literal),
    ("support.function", Ink::Function),
    ("support.macro", Ink::Function),
    ("support.type", Ink::Type),
    ("support.type.property-name", Ink::Property),
    ("variable.annotation", Ink::Meta),
    ("variable.function", Ink::Function),
    ("variable.language", Ink::Literal),
    ("variable.other.member", Ink::Plain),
    ("variable.other.readwrite.shell", Ink::Property),
    ("variable.parameter", Ink::Plain),
];

/// Scopes of keys: a text in one of them is a key.
const KEYS: [&str; 2] = ["meta.mapping.key", "meta.structure.dictionary.key"];

static SCOPES: LazyLock<Vec<(Scope, Ink)>> = LazyLock::new(|| {
    let mut scopes: Vec<(Scope, Ink)> = TABLE
        .iter()
        .filter_map(|(name, ink)| Some((Scope::new(name).ok()?, *ink)))
        .collect();
    scopes.sort_by_key(|(scope, _)| std::cmp::Reverse(scope.len()));
    scopes
});

static KEY_SCOPES: LazyLock<Vec<Scope>> =
    LazyLock::new(|| KEYS.iter().filter_map(|name| Scope::new(name).ok()).collect());

/// The table, and what it said of the scopes of this text.
#[derive(Debug, Default)]
pub(super) struct Inks(HashMap<Scope, Option<Ink>>);

impl Inks {
    /// Of a piece of code that stands in these scopes.
    pub(super) fn of(&mut self, scopes: &ScopeStack, piece: &str) -> Ink {
        let scopes = scopes.as_slice();
        let known = scopes.iter().rev().find_map(|scope| self.of_scope(*scope));
        match known.unwrap_or(Ink::Plain) {
            Ink::String if scopes.iter().any(is_key) => Ink::Property,
            // Signs are keywords for grammars, not for eyes.
            Ink::Keyword if !piece.contains(char::is_alphabetic) => Ink::Plain,
            ink => ink,
        }
    }

    fn of_scope(&mut self, scope: Scope) -> Option<Ink> {
        *self.0.entry(scope).or_insert_with(|| {
            let known = SCOPES.iter().find(|(prefix, _)| prefix.is_prefix_of(scope));
            known.map(|(_, ink)| *ink)
        })
    }
}

fn is_key(scope: &Scope) -> bool {
    KEY_SCOPES.iter().any(|key| key.is_prefix_of(*scope))
}
