//! Counts: of tests, and of steps that are one test themselves.

use std::fmt;

use serde_json::Value;

/// How many passed, failed, and were skipped.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Passed.
    pub(crate) passed: u64,
    /// Failed.
    pub(crate) failed: u64,
    /// Not run.
    pub(crate) skipped: u64,
}

impl Tally {
    /// A step that passed as a whole.
    pub(crate) const PASSED: Self = Self {
        passed: 1,
        failed: 0,
        skipped: 0,
    };
    /// A step that failed as a whole.
    pub(crate) const FAILED: Self = Self {
        passed: 0,
        failed: 1,
        skipped: 0,
    };
    /// A step that was not run.
    pub(crate) const SKIPPED: Self = Self {
        passed: 0,
        failed: 0,
        skipped: 1,
    };

    /// Both together.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            passed: self.passed.saturating_add(other.passed),
            failed: self.failed.saturating_add(other.failed),
            skipped: self.skipped.saturating_add(other.skipped),
        }
    }

    /// What a test program's end says when its counts show no failure: a crash or a compile error is one too.
    pub(crate) fn ended(self, success: bool) -> Self {
        if success || self.failed > 0 {
            self
        } else {
            self.plus(Self::FAILED)
        }
    }

    /// The summary line of one Rust test binary: `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    pub(crate) fn of_libtest_line(line: &str) -> Option<Self> {
        let counts = line.trim().strip_prefix("test result: ")?.split_once(". ")?.1;
        let count = |word: &str| {
            counts
                .split("; ")
                .find_map(|part| part.strip_suffix(word)?.trim().parse().ok())
        };
        Some(Self {
            passed: count("passed")?,
            failed: count("failed")?,
            skipped: count("ignored")?,
        })
    }

    /// The last line of one of the soak's schedules: `schedule 7: ok, 18.3 s`; or of one of the things that people come
    /// back from: `comeback sqlite reload: ok, 3 points`; or of what an answer costs: `cost sqlite: ok, …`.
    pub(crate) fn of_soak_line(line: &str) -> Option<Self> {
        let mut kinds = ["schedule ", "comeback ", "cost "].into_iter();
        let rest = kinds.find_map(|kind| line.strip_prefix(kind))?;
        let (_which, said) = rest.split_once(": ")?;
        match said.split_once(',')?.0 {
            "ok" => Some(Self::PASSED),
            "FAILED" => Some(Self::FAILED),
            _ => None,
        }
    }

    /// The `stats` of Playwright's JSON report. A flaky test passed in the end.
    pub(crate) fn of_playwright(report: &str) -> Option<Self> {
        let report: Value = serde_json::from_str(report).ok()?;
        let stats = report.get("stats")?;
        let count = |name: &str| stats.get(name).and_then(Value::as_u64);
        Some(Self {
            passed: count("expected")?.saturating_add(count("flaky").unwrap_or(0)),
            failed: count("unexpected")?,
            skipped: count("skipped")?,
        })
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn a_schedule_and_a_comeback_count_when_they_are_over() {
        let counted = Tally::of_soak_line;
        assert_eq!(
            counted("comeback sqlite kill -9: ok, 3 points"),
            Some(Tally::PASSED)
        );
        assert_eq!(counted("cost sqlite: ok, 160000 bytes"), Some(Tally::PASSED));
        assert_eq!(
            counted("comeback mongodb reload: FAILED, 3 points"),
            Some(Tally::FAILED)
        );
        assert_eq!(counted("schedule 7:"), None);
        assert_eq!(counted("schedule 7: ok, 18.3 s"), Some(Tally::PASSED));
        assert_eq!(
            counted("schedule 8: FAILED, 20.1 s; logs in /tmp/x"),
            Some(Tally::FAILED)
        );
        assert_eq!(
            counted("10 schedules with 3 nodes and 30 users: 10 passed, 0 failed, 180 s"),
            None
        );
    }

    #[test]
    fn the_summary_of_a_test_binary_is_counted() {
        let line = "test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.02s";
        assert_eq!(
            Tally::of_libtest_line(line),
            Some(Tally {
                passed: 12,
                failed: 2,
                skipped: 1
            })
        );
    }

    #[test]
    fn words_of_a_test_are_not_taken_for_a_summary() {
        for line in [
            "test chat::stops ... ok",
            "running 3 tests",
            "test result: odd",
            "I saw: test result: ok. 1 passed; 0 failed; 0 ignored",
            "",
        ] {
            assert_eq!(Tally::of_libtest_line(line), None, "{line}");
        }
    }

    #[test]
    fn the_browser_suites_report_is_counted() {
        let report = r#"{"config":{},"suites":[],"stats":{"startTime":"2026","duration":12.5,"expected":9,"skipped":1,"unexpected":2,"flaky":1}}"#;
        assert_eq!(
            Tally::of_playwright(report),
            Some(Tally {
                passed: 10,
                failed: 2,
                skipped: 1
            })
        );
        assert_eq!(Tally::of_playwright("{}"), None);
        assert_eq!(Tally::of_playwright("not json"), None);
    }

    #[test]
    fn a_test_program_that_dies_without_a_failed_test_has_failed() {
        let good = Tally {
            passed: 5,
            failed: 0,
            skipped: 0,
        };
        assert_eq!(good.ended(true), good);
        assert_eq!(good.ended(false), Tally { failed: 1, ..good });
        let bad = Tally { failed: 2, ..good };
        assert_eq!(bad.ended(false), bad, "a failed test is not counted twice");
    }

    #[test]
    fn the_closing_line_is_the_one_that_is_read_by_machines() {
        assert_eq!(
            Tally {
                passed: 120,
                failed: 1,
                skipped: 2
            }
            .to_string(),
            "120 passed, 1 failed, 2 skipped"
        );
    }
}
