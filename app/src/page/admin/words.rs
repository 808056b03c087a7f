//! How the administration says numbers, times and kinds.

use leptos::prelude::*;
use wire::{Timestamp, admin::AuditKind};

/// `12,345`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut written = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    written
}

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
        return view! { <span class="admin__none">"never"</span> }.into_any();
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
pub(super) const fn kind(kind: AuditKind) -> &'static str {
    match kind {
        AuditKind::Registered => "Made an account",
        AuditKind::SignedIn => "Signed in",
        AuditKind::SignInFailed => "Failed to sign in",
        AuditKind::SignedOut => "Signed out",
        AuditKind::SignInsEnded => "Ended sign-ins",
        AuditKind::PasswordChanged => "Changed a password",
        AuditKind::PasswordLinkMade => "Made a link for a new password",
        AuditKind::Invited => "Invited somebody",
        AuditKind::RoleChanged => "Changed a role",
        AuditKind::Locked => "Locked an account",
        AuditKind::Unlocked => "Unlocked an account",
        AuditKind::LimitsChanged => "Changed limits",
        AuditKind::AccountChanged => "Changed their account",
        AuditKind::AccountDeleted => "Deleted an account",
        AuditKind::Exported => "Exported",
        AuditKind::ChatbotCreated => "Made a chatbot",
        AuditKind::ChatbotChanged => "Changed a chatbot",
        AuditKind::ChatbotDeleted => "Deleted a chatbot",
        AuditKind::DocumentAdded => "Added a document",
        AuditKind::DocumentDeleted => "Deleted a document",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_groups() {
        for (number, written) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), written);
        }
    }

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
