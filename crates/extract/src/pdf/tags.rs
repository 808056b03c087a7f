//! The structure that a tagged PDF tells: which marked content is a heading, an item, a cell, and in what order it is
//! read. Browsers and word processors write it; where it is there, nothing has to be guessed from places.

use hayro_syntax::{
    Pdf,
    object::{Dict, Name, Object, ObjectIdentifier},
};
use std::collections::{HashMap, HashSet};

/// Elements that are looked at; a book of a thousand pages has some hundred thousand.
const ELEMENTS: usize = 1_000_000;

/// What an element is, as far as it makes a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Heading(u8),
    Paragraph,
    Item,
    /// A cell of a table's row, both counted through the document.
    Cell {
        table: usize,
        row: usize,
        /// From 0, in its row.
        column: usize,
    },
    /// A bullet, or what is no part of the text.
    Nothing,
}

/// Where marked content belongs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Its turn when all is read in order.
    pub(super) order: usize,
    /// The block it is a part of.
    pub(super) block: usize,
}

/// The structure of a document.
#[derive(Default)]
pub(super) struct Tags {
    places: HashMap<(ObjectIdentifier, i32), Place>,
    /// The row that was read last, and how many cells it has.
    row: (usize, usize),
    /// What each block is.
    pub(super) blocks: Vec<Role>,
}

/// What an element passes on to those within it.
#[derive(Clone)]
struct Context {
    page: Option<ObjectIdentifier>,
    block: Option<usize>,
    in_item: bool,
    in_cell: bool,
    table: usize,
    row: usize,
}

impl Tags {
    /// Reads the structure; empty where there is none.
    pub(super) fn read(pdf: &Pdf) -> Self {
        let mut tags = Self::default();
        let root = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id());
        if let Some(tree) = root.and_then(|root| root.get::<Dict<'_>>("StructTreeRoot")) {
            tags.walk(&tree);
        }
        tags
    }

    pub(super) fn place(&self, page: Option<ObjectIdentifier>, mark: Option<i32>) -> Option<Place> {
        self.places.get(&(page?, mark?)).copied()
    }

    fn walk(&mut self, tree: &Dict<'_>) {
        let roles = tree.get::<Dict<'_>>("RoleMap").unwrap_or_default();
        let (mut tables, mut rows) = (0, 0);
        let mut seen = HashSet::new();
        let first = Context {
            page: None,
            block: None,
            in_item: false,
            in_cell: false,
            table: 0,
            row: 0,
        };
        // What is still to be read, the next one last.
        let mut open: Vec<(Object<'_>, Context)> = Vec::new();
        kids(tree, &first, &mut open);
        for _ in 0..ELEMENTS {
            let Some((kid, mut context)) = open.pop() else {
                return;
            };
            match kid {
                Object::Number(mark) => {
                    let mark = i32::try_from(mark.as_i64()).unwrap_or(-1);
                    self.mark(mark, context.page, &context);
                }
                Object::Dict(kid) => {
                    if let Some(id) = kid.obj_id()
                        && kid.contains_key("S")
                        && !seen.insert(id)
                    {
                        continue;
                    }
                    context.page = kid.get_ref("Pg").map(Into::into).or(context.page);
                    if let Some(mark) = kid.get::<i32>("MCID") {
                        self.mark(mark, context.page, &context);
                        continue;
                    }
                    let role = kid
                        .get::<Name<'_>>("S")
                        .map(|name| standard(name.as_ref(), &roles))
                        .unwrap_or_default();
                    match role.as_str() {
                        "Table" => {
                            tables += 1;
                            context.table = tables;
                        }
                        "TR" => {
                            rows += 1;
                            context.row = rows;
                        }
                        _ => {}
                    }
                    self.enter(&role, &mut context);
                    kids(&kid, &context, &mut open);
                }
                _ => {}
            }
        }
    }

    /// An element begins a block of its own, or belongs to the one around it.
    fn enter(&mut self, role: &str, context: &mut Context) {
        let block = match role {
            "Artifact" => Role::Nothing,
            "Lbl" if context.in_item => Role::Nothing,
            _ if context.in_cell && !matches!(role, "TH" | "TD") => return,
            "TH" | "TD" => {
                context.in_cell = true;
                let column = if self.row.0 == context.row { self.row.1 } else { 0 };
                self.row = (context.row, column + 1);
                Role::Cell {
                    table: context.table,
                    row: context.row,
                    column,
                }
            }
            "LI" | "TOCI" => {
                context.in_item = true;
                Role::Item
            }
            "LBody" if context.block.is_some() => return,
            "Title" => Role::Heading(1),
            "P" | "LBody" if context.in_item => return,
            "P" | "LBody" | "BlockQuote" | "Caption" | "Note" | "FENote" | "BibEntry" | "Index"
            | "Figure" => Role::Paragraph,
            "Code" | "Formula" if context.block.is_none() => Role::Paragraph,
            "H" => Role::Heading(1),
            other => match other.strip_prefix('H').and_then(|level| level.parse().ok()) {
                Some(level @ 1..=9) => Role::Heading(level),
                _ => return,
            },
        };
        context.block = Some(self.blocks.len());
        self.blocks.push(block);
    }

    fn mark(&mut self, mark: i32, page: Option<ObjectIdentifier>, context: &Context) {
        let Some(page) = page else {
            return;
        };
        let block = context.block.unwrap_or_else(|| {
            // Text that stands in a section itself.
            self.blocks.push(Role::Paragraph);
            self.blocks.len() - 1
        });
        let order = self.places.len();
        self.places.entry((page, mark)).or_insert(Place { order, block });
    }
}

/// Puts an element's kids where the first of them is taken first.
fn kids<'a>(element: &Dict<'a>, context: &Context, open: &mut Vec<(Object<'a>, Context)>) {
    let Some(kid) = element.get::<Object<'a>>("K") else {
        return;
    };
    let Object::Array(array) = kid else {
        open.push((kid, context.clone()));
        return;
    };
    let begin = open.len();
    open.extend(array.iter::<Object<'a>>().map(|kid| (kid, context.clone())));
    if let Some(new) = open.get_mut(begin..) {
        new.reverse();
    }
}

/// A role in the words of the standard.
fn standard(role: &[u8], roles: &Dict<'_>) -> String {
    let mut role = role.to_vec();
    for _ in 0..8 {
        match roles.get::<Name<'_>>(&role) {
            Some(means) if means.as_ref() != role => role = means.as_ref().to_vec(),
            _ => break,
        }
    }
    String::from_utf8_lossy(&role).into_owned()
}
