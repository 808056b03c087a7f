//! What a probe is told.

use crate::pin::Pinned;
use wire::{
    auth::ModelState,
    health::{DatabaseState, Readiness, ServerState},
};

fn ready() -> Readiness {
    Readiness {
        server: ServerState::Ready,
        database: DatabaseState::Ready,
        model: ModelState::Ready,
    }
}

#[test]
fn every_part_says_its_word() {
    let mut pinned = Pinned::default();
    pinned.add("Readiness", &ready());
    assert_pinned!("readiness", pinned);
    assert_pinned!("server_state", every!(ServerState: Ready, ShuttingDown));
    assert_pinned!("database_state", every!(DatabaseState: Ready, Unavailable, Slow));
}

#[test]
fn one_part_that_is_not_ready_is_enough() {
    assert!(ready().is_ready());
    let not_ready = [
        Readiness {
            server: ServerState::ShuttingDown,
            ..ready()
        },
        Readiness {
            database: DatabaseState::Slow,
            ..ready()
        },
        Readiness {
            model: ModelState::Loading,
            ..ready()
        },
    ];
    assert!(not_ready.into_iter().all(|readiness| !readiness.is_ready()));
}
