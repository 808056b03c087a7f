//! How many files the system lets the program have open at once. Every socket is one, and the usual soft limit of 1,024 is
//! from a time when programs could not count further; what the operator allows is the hard limit.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the soft limit to the hard one. A system that refuses is told of in the log: the program runs, for fewer people.
pub(super) fn allow_as_many_as_may_be() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return;
    }
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => tracing::debug!(?maximum, "Open files: as many as the system allows"),
        Err(error) => tracing::warn!(%error, ?current, "The limit of open files could not be raised"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_turned_away_for_a_soft_limit() {
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        // In a test's process only this test is about it: a lower limit for an instant hurts nobody.
        let low = Rlimit {
            current: Some(maximum.unwrap_or(u64::MAX).min(512)),
            maximum,
        };
        setrlimit(Resource::Nofile, low).unwrap();
        allow_as_many_as_may_be();
        assert_eq!(getrlimit(Resource::Nofile).current, maximum);
    }
}
