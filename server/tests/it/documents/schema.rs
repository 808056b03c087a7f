//! A document's schemas, and JSON that is held against them by a validator that is not ours.

use boon::{Compiler, Draft};
use serde_json::{Value, json};

/// The schemas of a document.
pub(super) struct Schemas {
    components: Value,
}

impl Schemas {
    /// Of this document.
    pub(super) fn of(document: &Value) -> Self {
        Self {
            components: document["components"]["schemas"].clone(),
        }
    }

    /// This JSON is as the schema says; else the test fails and says why not.
    #[track_caller]
    pub(super) fn hold(&self, schema: &Value, json: &Value, what: &str) {
        if let Err(why) = self.check(schema, json) {
            panic!("{what} is not as documented: {why}\n{json:#}");
        }
    }

    /// Whether this JSON is as the schema says.
    pub(super) fn takes(&self, schema: &Value, json: &Value) -> bool {
        self.check(schema, json).is_ok()
    }

    fn check(&self, schema: &Value, json: &Value) -> Result<(), String> {
        const HERE: &str = "http://parlance.test/schema.json";
        let resource = json!({"allOf": [schema], "components": {"schemas": self.components}});
        let mut compiler = Compiler::new();
        compiler.set_default_draft(Draft::V2020_12);
        compiler.enable_format_assertions();
        compiler.add_resource(HERE, resource).unwrap();
        let mut schemas = boon::Schemas::new();
        let index = compiler
            .compile(HERE, &mut schemas)
            .unwrap_or_else(|error| panic!("{error:#}: {schema:#}"));
        schemas
            .validate(json, index)
            .map_err(|error| format!("{error:#}"))
    }
}

/// What the wire has pinned in this snapshot: names, and JSON as it travels.
pub(super) fn pinned(snapshot: &str) -> Vec<(String, Value)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/wire/tests/it/snapshots");
    let text = std::fs::read_to_string(format!("{folder}/it__{snapshot}.snap")).unwrap();
    let samples = text.lines().filter_map(|line| {
        let (name, json) = line.split_once(" {")?;
        let json = serde_json::from_str(&format!("{{{json}")).unwrap();
        Some((name.trim().to_owned(), json))
    });
    samples.collect()
}
