//! The names of tests that failed and what a story expected, out of what their programs print: said again at the end of a
//! run, which is all that is seen of a log of ten thousand lines.

/// How many lines are said again.
const MOST: usize = 40;

/// Keeps the name of a failed test or what it met, if this line tells of one.
pub(super) fn hear(line: &str, failed: &mut Vec<String>) {
    if failed.len() >= MOST {
        return;
    }
    if let Some(name) = name(line) {
        failed.push(name.to_owned());
    } else if let Some(cause) = cause(line).filter(|_| !failed.is_empty()) {
        failed.push(cause);
    }
}

/// What a failed story met, in Playwright's words, or which of the stories it is that these are about: it says them after
/// all have ended.
fn cause(line: &str) -> Option<String> {
    let line = line.trim();
    let is_story = |line: &str| {
        line.split_once(") ")
            .is_some_and(|(number, rest)| number.parse::<u16>().is_ok() && rest.starts_with("stories/"))
    };
    let words = ["Error: ", "Expected", "Received", "TimeoutError"];
    (is_story(line) || words.iter().any(|word| line.starts_with(word)))
        .then(|| line.trim_end_matches(['─', ' ']).chars().take(160).collect())
}

/// The name of a failed test, if this line tells of one: of libtest (`test chat::stops ... FAILED`), of Playwright's list
/// (`  ✘  14 stories/stop.spec.ts:5:1 › an answer … (24.9s)`), or of the soak (`schedule 8: FAILED, …`).
fn name(line: &str) -> Option<&str> {
    let line = line.trim();
    if let Some(test) = line.strip_prefix("test ") {
        return test.strip_suffix(" ... FAILED");
    }
    if let Some(story) = line.strip_prefix('✘') {
        let story = story.trim_start();
        return Some(
            story
                .trim_start_matches(|c: char| c.is_ascii_digit())
                .trim_start(),
        );
    }
    line.contains(": FAILED,").then_some(line)
}

#[cfg(test)]
mod tests {
    use super::{hear, name};

    #[test]
    fn what_a_failed_story_met_is_said_behind_its_name() {
        let mut failed = Vec::new();
        for line in [
            "    Error: of a program that is no failed test",
            "  ✘   2 stories/keyboard.spec.ts:6:1 › by keyboard (27.6s)",
            "  1) stories/keyboard.spec.ts:6:1 › by keyboard ─────",
            "    Error: expect(page).toHaveURL(expected) failed",
            "    Expected pattern: /out=1$/",
            "    Received string:  \"http://localhost/sign-in\"",
            "    > 49 |   await expect(page).toHaveURL(/out=1$/);",
        ] {
            hear(line, &mut failed);
        }
        assert_eq!(
            failed,
            [
                "stories/keyboard.spec.ts:6:1 › by keyboard (27.6s)",
                "1) stories/keyboard.spec.ts:6:1 › by keyboard",
                "Error: expect(page).toHaveURL(expected) failed",
                "Expected pattern: /out=1$/",
                "Received string:  \"http://localhost/sign-in\"",
            ]
        );
    }

    #[test]
    fn each_programs_way_of_saying_it_is_understood() {
        for (line, failed) in [
            ("test chat::stops ... FAILED", Some("chat::stops")),
            ("test chat::stops ... ok", None),
            (
                "  ✘   59 stories/found.spec.ts:54:1 › the list (23.5s)",
                Some("stories/found.spec.ts:54:1 › the list (23.5s)"),
            ),
            ("  ✓    5 stories/found.spec.ts:8:1 › a message (4.1s)", None),
            (
                "schedule 8: FAILED, 20.1 s; logs in /tmp/x",
                Some("schedule 8: FAILED, 20.1 s; logs in /tmp/x"),
            ),
            ("schedule 7: ok, 18.3 s", None),
            ("test result: FAILED. 12 passed; 2 failed", None),
        ] {
            assert_eq!(name(line), failed, "{line}");
        }
    }
}
