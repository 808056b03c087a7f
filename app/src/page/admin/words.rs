//! How the administration says numbers, times and kinds.

use crate::text;
use leptos::prelude::*;
use wire::{Timestamp, admin::AuditKind};

/// `2024-01-15 10:30`, in UTC.
pub(super) fn minute(at: Timestamp) -> String {
    at.to_string()
        .chars()
        .take(16)
        .collect::<String>()
        .replace('T', " ")
}

/// A moment, for people and for programs; `—` where there was none.
pub(super) fn moment(at: Option<Timestamp>) -> AnyView {
    let Some(at) = at else {
        return view! { <span class="admin__none">{text::admin_never()}</span> }.into_any();
    };
    view! { <time datetime=at.to_string()>{minute(at)}</time> }.into_any()
}

/// `1.2 GiB`.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let mut tenths = u128::from(bytes) * 10;
    let mut unit = "bytes";
    for bigger in UNITS {
        if tenths < 10_240 {
            break;
        }
        tenths /= 1024;
        unit = bigger;
    }
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} {unit}"),
        (whole, tenth) => format!("{whole}.{tenth} {unit}"),
    }
}

/// What happened, in words.
pub(super) fn kind(kind: AuditKind) -> &'static str {
    match kind {
        AuditKind::Registered => text::audit_registered(),
        AuditKind::SignedIn => text::audit_signed_in(),
        AuditKind::SignInFailed => text::audit_sign_in_failed(),
        AuditKind::SignedOut => text::audit_signed_out(),
        AuditKind::SignInsEnded => text::audit_sign_ins_ended(),
        AuditKind::PasswordChanged => text::audit_password_changed(),
        AuditKind::PasswordLinkMade => text::audit_password_link_made(),
        AuditKind::Invited => text::audit_invited(),
        AuditKind::RoleChanged => text::audit_role_changed(),
        AuditKind::Locked => text::audit_locked(),
        AuditKind::Unlocked => text::audit_unlocked(),
        AuditKind::LimitsChanged => text::audit_limits_changed(),
        AuditKind::AccountChanged => text::audit_account_changed(),
        AuditKind::AccountDeleted => text::audit_account_deleted(),
        AuditKind::Exported => text::audit_exported(),
        AuditKind::ChatbotCreated => text::audit_chatbot_created(),
        AuditKind::ChatbotChanged => text::audit_chatbot_changed(),
        AuditKind::ChatbotDeleted => text::audit_chatbot_deleted(),
        AuditKind::DocumentAdded => text::audit_document_added(),
        AuditKind::DocumentDeleted => text::audit_document_deleted(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_in_the_unit_people_would_take() {
        for (bytes, written) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (1 << 30, "1 GiB"),
            (u64::MAX, "16777215.9 TiB"),
        ] {
            assert_eq!(size(bytes), written);
        }
    }

    #[test]
    fn a_time_is_written_to_the_minute() {
        assert_eq!(
            minute(Timestamp::from_millis(1_705_314_605_042)),
            "2024-01-15 10:30"
        );
    }
}
