//! How the parts of an Office file name each other.

use crate::{
    archive::{Archive, beside},
    decode,
    error::ExtractError,
    xml::{Node, Xml},
};
use std::collections::HashMap;

/// What a part refers to, by the id that it uses.
pub(super) type Relations = HashMap<String, Relation>;

/// One reference.
pub(super) struct Relation {
    /// The last word of its type: `slide`, `styles`.
    pub(super) role: String,
    /// The name of the other part.
    pub(super) part: String,
}

/// The part that the package is about, else the usual one.
pub(super) fn main_part(archive: &Archive<'_>, usual: &str, nesting: usize) -> Result<String, ExtractError> {
    let relations = read_relations(archive, "_rels/.rels", "", nesting)?;
    let named = relations
        .into_values()
        .find(|relation| relation.role == "officeDocument");
    Ok(named
        .map(|relation| relation.part)
        .filter(|part| archive.has(part))
        .unwrap_or_else(|| usual.to_owned()))
}

/// What a part refers to.
pub(super) fn relations(
    archive: &Archive<'_>,
    part: &str,
    nesting: usize,
) -> Result<Relations, ExtractError> {
    let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
    read_relations(
        archive,
        &beside(part, &format!("_rels/{name}.rels")),
        folder,
        nesting,
    )
}

fn read_relations(
    archive: &Archive<'_>,
    file: &str,
    folder: &str,
    nesting: usize,
) -> Result<Relations, ExtractError> {
    let mut relations = Relations::new();
    let Some(bytes) = archive.read(file)? else {
        return Ok(relations);
    };
    let text = decode::member(&bytes)?;
    let mut xml = Xml::new(&text, nesting);
    loop {
        match xml.next()? {
            Node::Open(tag) if tag.name() == "Relationship" => {
                let (Some(id), Some(role), Some(target)) =
                    (tag.attr("Id"), tag.attr("Type"), tag.attr("Target"))
                else {
                    continue;
                };
                let role = role.rsplit('/').next().unwrap_or_default().to_owned();
                let part = beside(&format!("{folder}/"), &target);
                relations.insert(id, Relation { role, part });
            }
            Node::End => return Ok(relations),
            _ => {}
        }
    }
}

/// The part of this role, if there is one.
pub(super) fn by_role<'a>(relations: &'a Relations, role: &str) -> Option<&'a str> {
    relations
        .values()
        .find(|relation| relation.role == role)
        .map(|relation| relation.part.as_str())
}
