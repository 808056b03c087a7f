//! Every statement finds its rows by an index: nobody's chat gets slower because others chat.

use super::{
    audit, chatbot, chunk_log, connection, conversation, document, export, generation, message, migration,
    note, search, session, sign_in, standing, usage, user,
};
use rusqlite::Connection;

fn migrated() -> (tempfile::TempDir, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = connection::open(&folder.path().join("plan.db")).unwrap();
    migration::migrate(&mut connection).unwrap();
    (folder, connection)
}

/// SQLite's steps for a statement, such as `SEARCH user USING PRIMARY KEY (id=?)`.
fn steps(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut rows = statement.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get("detail").unwrap());
    }
    steps
}

/// Whether a step reads rows that it was not asked for. A partial index that holds exactly the rows asked for may be
/// read from its start: those statements have a LIMIT.
fn reads_too_much(step: &str, sql: &str) -> bool {
    let bounded = sql.contains("LIMIT");
    let queue = [
        "generation_unsettled",
        "user_admin",
        "message_without_terms",
        "document_waiting",
        "document_unsealed",
        "document_deleting",
    ]
    .iter()
    .any(|index| step.contains(index));
    // `up` is the branch being walked, not a table; `model` is a word of a list in a row.
    step.starts_with("SCAN")
        && !step.starts_with("SCAN up")
        && !step.starts_with("SCAN model VIRTUAL TABLE")
        && step != "SCAN CONSTANT ROW"
        && !(bounded && queue)
}

#[test]
fn no_statement_reads_a_table_from_end_to_end() {
    let (_folder, connection) = migrated();
    let subjects = [
        ("sqlite", super::STATEMENTS),
        ("user", user::STATEMENTS),
        ("sign_in", sign_in::STATEMENTS),
        ("chatbot", chatbot::STATEMENTS),
        ("conversation", conversation::STATEMENTS),
        ("message", message::STATEMENTS),
        ("search", search::STATEMENTS),
        ("export", export::STATEMENTS),
        ("session", session::STATEMENTS),
        ("generation", generation::STATEMENTS),
        ("chunk_log", chunk_log::STATEMENTS),
        ("document", document::STATEMENTS),
        ("document contents", document::contents::STATEMENTS),
        ("document library", document::library::STATEMENTS),
        ("document vectors", document::vectors::STATEMENTS),
        ("note", note::STATEMENTS),
        ("standing", standing::STATEMENTS),
        ("usage", usage::STATEMENTS),
        ("audit", audit::STATEMENTS),
    ];
    let mut offending = Vec::new();
    for (subject, name, sql) in subjects
        .iter()
        .flat_map(|(s, all)| all.iter().map(move |(n, sql)| (s, n, sql.text())))
    {
        let steps = steps(&connection, sql);
        if steps.iter().any(|step| reads_too_much(step, sql)) {
            offending.push(format!("{subject}::{name}: {steps:?}"));
        }
    }
    assert!(offending.is_empty(), "{offending:#?}");
}

#[test]
fn pages_come_out_of_their_index_in_order() {
    let (_folder, connection) = migrated();
    let pages = [
        user::STATEMENTS,
        conversation::STATEMENTS,
        session::STATEMENTS,
        generation::STATEMENTS,
    ];
    let pages = pages.iter().flat_map(|all| all.iter());
    let mut seen = 0;
    for (name, sql) in pages.filter(|(_, sql)| sql.text().contains("ORDER BY")) {
        let steps = steps(&connection, sql.text());
        assert!(
            !steps.iter().any(|step| step.contains("TEMP B-TREE")),
            "{name}: {steps:?}"
        );
        seen += 1;
    }
    assert!(seen >= 6, "only {seen} statements were looked at");
}

#[test]
fn the_look_out_for_scans_sees_one() {
    let (_folder, connection) = migrated();
    let sql = "SELECT * FROM message WHERE text = ?1";
    assert!(
        steps(&connection, sql)
            .iter()
            .any(|step| reads_too_much(step, sql))
    );
}

#[test]
fn what_is_deleted_with_its_parent_is_found_by_an_index() {
    let (_folder, connection) = migrated();
    let keys = "SELECT child.name, key.\"from\" FROM sqlite_schema AS child, pragma_foreign_key_list(child.name) AS key
                WHERE child.type = 'table'";
    let mut statement = connection.prepare(keys).unwrap();
    let keys = statement
        .query_map((), |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
        .unwrap();
    let keys: Vec<_> = keys.map(Result::unwrap).collect();
    assert_eq!(keys.len(), 8);
    for (table, column) in keys {
        let steps = steps(&connection, &format!("SELECT 1 FROM {table} WHERE {column} = ?1"));
        assert!(
            steps.iter().all(|step| step.starts_with("SEARCH")),
            "{table}.{column}: {steps:?}"
        );
    }
}

#[test]
fn the_schema_is_the_one_that_was_reviewed() {
    let (_folder, connection) = migrated();
    let sql = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY tbl_name, type DESC, name";
    let mut statement = connection.prepare(sql).unwrap();
    let schema = statement.query_map((), |row| row.get::<_, String>(0)).unwrap();
    let schema: Vec<_> = schema.map(Result::unwrap).collect();
    insta::assert_snapshot!("schema", schema.join(";\n"));
}
