//! The audit log: who did what, when, and from where. Whatever changes an account, a chatbot or a document notes it here.
//!
//! Must not know: what is done with the lines ([`crate::admin::audit`]). Never a secret, never what was said in a chat; what
//! was typed for an address is noted only when somebody has it, since people type passwords there, too. A line that cannot
//! be stored does not undo what it says: that is logged.

use crate::{app::App, http::address};
use store::user::UserRecord;
use wire::{
    AuditId,
    admin::{AuditEntry, AuditKind},
};

/// Characters of a line's detail, at most.
const DETAIL_CHARS: usize = 300;

/// Who did it, and to whom.
#[derive(Debug, Clone, Copy)]
pub enum Who<'a> {
    /// This user, to what is theirs.
    User(&'a UserRecord),
    /// This administrator, to another's account.
    Admin(&'a UserRecord, &'a UserRecord),
    /// Somebody who did not prove who they are, to this user's account; or the command line.
    Somebody(&'a UserRecord),
    /// The same, to nobody's.
    Nobody,
}

/// Notes what was done. `detail` says more than the kind does: a chatbot's name, a new role.
pub async fn note(app: &App, kind: AuditKind, who: Who<'_>, detail: &str) {
    let id = AuditId::from_uuid(app.ids.new_uuid());
    let line = AuditEntry {
        address: address::current().map(|address| address.to_string()),
        ..line(id, app.clock.now(), kind, who, detail)
    };
    if let Err(error) = app.store.append_audit(line).await {
        tracing::error!(%error, kind = kind.word(), "Could not note in the audit log what was done");
    }
}

/// A line, without where it came from.
pub(crate) fn line(
    id: AuditId,
    at: wire::Timestamp,
    kind: AuditKind,
    who: Who<'_>,
    detail: &str,
) -> AuditEntry {
    let (actor, about, email, detail) = match who {
        Who::User(user) => (Some(user.id), None, user.email.clone(), detail.to_owned()),
        Who::Admin(admin, user) => {
            let detail = if detail.is_empty() {
                user.email.clone()
            } else {
                format!("{}: {detail}", user.email)
            };
            (Some(admin.id), Some(user.id), admin.email.clone(), detail)
        }
        Who::Somebody(user) => (None, Some(user.id), user.email.clone(), detail.to_owned()),
        Who::Nobody => (None, None, String::new(), detail.to_owned()),
    };
    AuditEntry {
        id,
        at,
        kind,
        actor,
        email,
        about,
        detail: detail.chars().take(DETAIL_CHARS).collect(),
        address: None,
    }
}
