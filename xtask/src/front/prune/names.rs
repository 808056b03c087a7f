//! The names by which a wasm and its script know each other, made short: `__wbg_addEventListener_847fd86b8c33ec43` is `a` in
//! both. Each had 8 bytes of chance in it, which nothing compresses, in two files: 5 KB.
//!
//! The names that a page calls, those of the islands, stay.

use std::collections::HashMap;

use walrus::Module;

/// How an export begins that only the script calls: a closure's entry.
const CLOSURE: &str = "wasm_bindgen__convert__closures";

/// Long names, and the short ones that the wasm has now.
#[derive(Debug, Default)]
pub(in crate::front) struct Names(HashMap<String, String>);

impl Names {
    /// Gives functions that come from the script, and entries of closures, short names.
    pub(super) fn shorten(module: &mut Module) -> Self {
        let mut short = HashMap::new();
        for import in module.imports.iter_mut() {
            import.name = name(&mut short, &import.name);
        }
        let exports = module.exports.iter_mut();
        for export in exports.filter(|export| export.name.starts_with(CLOSURE)) {
            export.name = name(&mut short, &export.name);
        }
        Self(short)
    }

    /// The script with each of its words replaced that has a short name.
    pub(super) fn renamed(&self, script: &str) -> String {
        let is_of_a_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
        let mut written = String::with_capacity(script.len());
        let mut rest = script;
        while let Some(start) = rest.find(is_of_a_word) {
            let (between, from) = rest.split_at(start);
            let end = from.find(|c| !is_of_a_word(c)).unwrap_or(from.len());
            let (word, behind) = from.split_at(end);
            written.push_str(between);
            written.push_str(self.0.get(word).map_or(word, String::as_str));
            rest = behind;
        }
        written.push_str(rest);
        written
    }
}

/// The short name of a long one: `_a`, `_b` … `_z`, `_ba` …; no export has such a name otherwise.
fn name(short: &mut HashMap<String, String>, long: &str) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
    let mut left = short.len();
    let made = short.entry(long.to_owned()).or_insert_with(|| {
        let mut letters = Vec::new();
        loop {
            letters.extend(LETTERS.get(left % LETTERS.len()).copied().map(char::from));
            left /= LETTERS.len();
            if left == 0 {
                break;
            }
        }
        letters.push('_');
        letters.iter().rev().collect()
    });
    made.clone()
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use walrus::{FunctionBuilder, Module};

    use super::{Names, name};

    #[test]
    fn the_wasm_and_its_script_agree_on_short_names() {
        let mut module = Module::default();
        let kind = module.types.add(&[], &[]);
        module.add_import_func("./parlance_bg.js", "__wbg_add_0123", kind);
        let builder = FunctionBuilder::new(&mut module.types, &[], &[]);
        let function = builder.finish(vec![], &mut module.funcs);
        module
            .exports
            .add("wasm_bindgen__convert__closures___h7", function);
        module.exports.add("Chat_937", function);
        let script = "export function Chat_937(el) { wasm.Chat_937(el); }\n\
            x = { __wbg_add_0123: function() {}, __wbg_add_01234: 1 };\n\
            wasm.wasm_bindgen__convert__closures___h7(1)";
        assert_eq!(
            Names::shorten(&mut module).renamed(script),
            "export function Chat_937(el) { wasm.Chat_937(el); }\n\
            x = { _a: function() {}, __wbg_add_01234: 1 };\n\
            wasm._b(1)"
        );
        let imports: Vec<&str> = module.imports.iter().map(|import| import.name.as_str()).collect();
        let exports: Vec<&str> = module.exports.iter().map(|export| export.name.as_str()).collect();
        assert_eq!((imports, exports), (vec!["_a"], vec!["_b", "Chat_937"]));
    }

    #[test]
    fn no_two_long_names_have_the_same_short_one() {
        let mut short = HashMap::new();
        let names: HashSet<String> = (0..2_000)
            .map(|long| name(&mut short, &long.to_string()))
            .collect();
        assert_eq!(names.len(), 2_000);
        assert_eq!(name(&mut short, "7"), "_h");
    }
}
