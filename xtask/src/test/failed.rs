//! The names of tests that failed, out of what their programs print: said again at the end of a run, which is all that is
//! seen of a log of ten thousand lines.

/// Keeps the name of a failed test, if this line tells of one.
pub(super) fn hear(line: &str, failed: &mut Vec<String>) {
    failed.extend(name(line).map(str::to_owned));
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
    use super::name;

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
