//! The audit log, as administrators read it: by pages, or all of it as a table.

use super::Administrator;
use crate::{
    app::App,
    audit::{self, Who},
    problem::{ApiError, ApiResult},
};

use futures::Stream;
use std::sync::Arc;
use store::audit::AuditFilter;
use wire::{
    AuditId, ProblemCode,
    admin::{AuditEntry, AuditKind, AuditPage},
};

/// Lines on a page, unless another number is asked for; and at most.
const PAGE: u32 = 50;
const PAGE_MOST: u32 = 200;
/// Lines that are read at a time for the table.
const SLICE: u32 = 500;

/// Which lines: of a person by their address, of a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of this address; empty: of all.
    pub person: String,
    /// Of this kind.
    pub kind: Option<AuditKind>,
}

/// The kind of a word; none of an empty one.
///
/// # Errors
/// `invalid_field`.
pub fn kind(word: &str) -> ApiResult<Option<AuditKind>> {
    if word.is_empty() {
        return Ok(None);
    }
    let found = AuditKind::ALL.into_iter().find(|kind| kind.word() == word);
    let found = found.ok_or_else(|| crate::field::invalid("kind", "is not known"));
    found.map(Some)
}

/// A page of the log, latest first.
///
/// # Errors
/// The store's.
pub async fn page(
    app: &App,
    _admin: &Administrator,
    wanted: &Wanted,
    before: Option<AuditId>,
    limit: Option<u32>,
) -> ApiResult<AuditPage> {
    let limit = limit.unwrap_or(PAGE).clamp(1, PAGE_MOST);
    let Some(filter) = filter(app, wanted).await? else {
        return Ok(AuditPage {
            entries: Vec::new(),
            next: None,
        });
    };
    let entries = app.store.audit(filter, before, limit).await?;
    let is_full = u32::try_from(entries.len()).is_ok_and(|found| found == limit);
    let next = entries.last().filter(|_| is_full).map(|last| last.id);
    Ok(AuditPage { entries, next })
}

/// `None`: nobody has this address.
async fn filter(app: &App, wanted: &Wanted) -> ApiResult<Option<AuditFilter>> {
    let email = wanted.person.trim().to_lowercase();
    let person = if email.is_empty() {
        None
    } else {
        match app.store.user_by_email(&email).await? {
            Some(user) => Some(user.id),
            // Somebody whose account is gone is known by their id.
            None => match email.parse() {
                Ok(id) => Some(id),
                Err(_) => return Ok(None),
            },
        }
    };
    Ok(Some(AuditFilter {
        person,
        kind: wanted.kind,
    }))
}

/// All of these lines as CSV (RFC 4180), latest first, read while they are sent. That somebody took it along is a line, too.
///
/// # Errors
/// The store's.
pub async fn table(
    app: Arc<App>,
    admin: &Administrator,
    wanted: &Wanted,
) -> ApiResult<impl Stream<Item = Result<String, ApiError>> + Send + 'static + use<>> {
    audit::note(
        &app,
        AuditKind::Exported,
        Who::User(admin.user()),
        "the audit log",
    )
    .await;
    let filter = filter(&app, wanted)
        .await?
        .ok_or_else(|| ApiError::new(ProblemCode::NotFound, "Nobody has this address"))?;
    let head = "time,kind,person,person_id,about_id,detail,address\r\n";
    let start = (Some(head), None, false);
    Ok(futures::stream::try_unfold(
        start,
        move |(head, before, is_last)| {
            let app = Arc::clone(&app);
            async move {
                if let Some(head) = head {
                    return Ok(Some((head.to_owned(), (None, before, false))));
                }
                if is_last {
                    return Ok(None);
                }
                let lines = app.store.audit(filter, before, SLICE).await?;
                let Some(last) = lines.last().map(|line| line.id) else {
                    return Ok(None);
                };
                let is_last = u32::try_from(lines.len()).is_ok_and(|found| found < SLICE);
                let text: String = lines.iter().map(row).collect();
                Ok(Some((text, (None, Some(last), is_last))))
            }
        },
    ))
}

fn row(entry: &AuditEntry) -> String {
    let id = |id: Option<wire::UserId>| id.map(|id| id.to_string()).unwrap_or_default();
    let cells = [
        entry.at.to_string(),
        entry.kind.word().to_owned(),
        cell(&entry.email),
        id(entry.actor),
        id(entry.about),
        cell(&entry.detail),
        entry.address.clone().unwrap_or_default(),
    ];
    format!("{}\r\n", cells.join(","))
}

/// Text that somebody else wrote. A spreadsheet takes what begins with `=` for a formula and runs it: with an apostrophe
/// before it, it is text.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_holds_any_text_and_no_formula() {
        for (text, written) in [
            ("Zephyr.pdf", "Zephyr.pdf"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
            ("@x,y", "\"'@x,y\""),
            ("", ""),
        ] {
            assert_eq!(cell(text), written);
        }
    }

    #[test]
    fn kinds_are_found_by_their_words() {
        assert_eq!(kind("").unwrap(), None);
        assert_eq!(kind("signed_in").unwrap(), Some(AuditKind::SignedIn));
        assert!(kind("eaten").is_err());
    }
}
