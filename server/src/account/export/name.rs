//! Names of files in the export, made of what people wrote.

use uuid::Uuid;
use wire::Timestamp;

/// Characters of a title that are kept.
const CHARS: usize = 60;

/// What people wrote, as a part of a path that every system takes.
pub(super) fn part(text: &str) -> String {
    let plain = |c: char| {
        if c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | ',' | '(' | ')') {
            c
        } else {
            '-'
        }
    };
    let name: String = text.trim().chars().take(CHARS).map(plain).collect();
    // Neither hidden, nor `..`, nor what Windows cuts off.
    let name = name.trim_matches(['.', ' ', '-']);
    if name.is_empty() {
        "unnamed".into()
    } else {
        name.into()
    }
}

/// The same, told apart from others of the same title.
pub(super) fn unique(text: &str, id: Uuid) -> String {
    let id = id.simple().to_string();
    let tail: String = id.chars().skip(24).collect();
    format!("{} {tail}", part(text))
}

/// `2024-01-15`.
pub(super) fn day(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_a_name_that_every_system_takes() {
        assert_eq!(part("What is 1/2? <b>"), "What is 1-2- -b");
        assert_eq!(part("../../etc/passwd"), "etc-passwd");
        assert_eq!(part("日本語 🫖"), "日本語");
        assert_eq!(part(" .. "), "unnamed");
        assert_eq!(part(&"ä".repeat(100)).chars().count(), 60);
    }

    #[test]
    fn two_of_one_title_have_two_names() {
        let id = Uuid::from_u128(0x0192_f0c1_2a3b_7c4d_8e5f_0000_dead_beef);
        assert_eq!(unique("Kettles", id), "Kettles deadbeef");
    }
}
