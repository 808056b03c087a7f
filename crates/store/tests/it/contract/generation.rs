//! Generations: beginning, leases, ends.

use super::{
    Database, all_at_once,
    given::{a_batch, append, at, counting, generation_id, running, running_in, stored_conversation},
};
use store::{
    Store, StoreError,
    generation::{Ended, GenerationRecord, LogText},
};
use wire::{
    GenerationId,
    message::{MessageStatus, Outcome, Usage},
};

fn ended(outcome: Outcome, seconds: u64) -> Ended {
    Ended {
        outcome,
        at: at(seconds),
        usage: None,
    }
}

/// Ends and settles it, as far as the store is concerned.
async fn settle(store: &dyn Store, id: GenerationId, seconds: u64) {
    assert!(
        store
            .finish_generation(id, 1, ended(Outcome::Complete, seconds))
            .await
            .unwrap()
    );
    store.mark_settled(id, &counting()).await.unwrap();
}

pub(crate) async fn a_started_generation_is_found_and_runs(db: &dyn Database) {
    let store = db.open().await;
    let conversation = stored_conversation(&*store).await;
    assert_eq!(store.running_generation(conversation.id).await.unwrap(), None);
    let generation = running_in(&*store, &conversation, 3).await;
    assert_eq!(
        store.generation(generation.id).await.unwrap(),
        Some(generation.clone())
    );
    assert_eq!(
        store.running_generation(conversation.id).await.unwrap(),
        Some(generation.clone())
    );
    assert_eq!(store.log_text(generation.id).await.unwrap(), LogText::default());
    let again = store.start_generation(generation).await;
    assert!(
        matches!(again, Err(StoreError::Conflict("generation"))),
        "{again:?}"
    );
    assert_eq!(store.generation(generation_id()).await.unwrap(), None);
}

pub(crate) async fn a_generation_ends_once(db: &dyn Database) {
    let store = db.open().await;
    let generation = running(&*store).await;
    assert!(
        !store
            .finish_generation(generation.id, 2, ended(Outcome::Complete, 8))
            .await
            .unwrap(),
        "wrong fence"
    );
    assert!(
        !store
            .finish_generation(generation_id(), 1, ended(Outcome::Complete, 8))
            .await
            .unwrap()
    );
    let ends = [
        Outcome::Complete,
        Outcome::Stopped,
        Outcome::Failed,
        Outcome::Interrupted,
    ]
    .map(|o| ended(o, 9));
    let results = all_at_once(8, |n| {
        let (store, id, end) = (store.clone(), generation.id, ends[n % 4]);
        async move { store.finish_generation(id, 1, end).await.unwrap().then_some(end) }
    })
    .await;
    let winners: Vec<_> = results.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1);
    let expected = GenerationRecord {
        ended: Some(winners[0]),
        ..generation.clone()
    };
    assert_eq!(store.generation(generation.id).await.unwrap(), Some(expected));
    assert_eq!(
        store
            .running_generation(generation.conversation_id)
            .await
            .unwrap(),
        None
    );
}

pub(crate) async fn what_it_took_is_kept_as_the_model_said_it(db: &dyn Database) {
    let store = db.open().await;
    for usage in [
        None,
        Some(Usage::default()),
        Some(Usage {
            prompt_tokens: Some(12),
            completion_tokens: None,
        }),
        Some(Usage {
            prompt_tokens: Some(0),
            completion_tokens: Some(u32::MAX),
        }),
    ] {
        let generation = running(&*store).await;
        let end = Ended {
            usage,
            ..ended(Outcome::Complete, 9)
        };
        assert!(store.finish_generation(generation.id, 1, end).await.unwrap());
        assert_eq!(
            store.generation(generation.id).await.unwrap().unwrap().ended,
            Some(end)
        );
    }
}

pub(crate) async fn a_finished_answer_is_never_interrupted(db: &dyn Database) {
    let store = db.open().await;
    let generation = running(&*store).await;
    append(&*store, a_batch(generation.id, 1, &["Done"]))
        .await
        .unwrap();
    assert!(
        store
            .finish_generation(generation.id, 1, ended(Outcome::Complete, 9))
            .await
            .unwrap()
    );
    assert!(
        !store
            .interrupt_generation(generation.id, generation.lease_until, at(60))
            .await
            .unwrap()
    );
    let stored = store.generation(generation.id).await.unwrap().unwrap();
    assert_eq!(
        (stored.ended, stored.fence),
        (Some(ended(Outcome::Complete, 9)), 1)
    );
    assert_eq!(store.log_text(generation.id).await.unwrap().text, "Done");
}

pub(crate) async fn a_writer_that_renewed_its_lease_is_not_interrupted(db: &dyn Database) {
    let store = db.open().await;
    let generation = running(&*store).await;
    assert!(
        store
            .renew_leases("node-a", &[generation.id], at(45))
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        !store
            .interrupt_generation(generation.id, generation.lease_until, at(40))
            .await
            .unwrap()
    );
    append(&*store, a_batch(generation.id, 1, &["Still ", "here"]))
        .await
        .unwrap();
    assert!(
        !store
            .interrupt_generation(generation_id(), at(30), at(40))
            .await
            .unwrap()
    );
    assert!(
        store
            .interrupt_generation(generation.id, at(45), at(80))
            .await
            .unwrap()
    );
}

pub(crate) async fn of_many_reapers_one_interrupts(db: &dyn Database) {
    let store = db.open().await;
    let generation = running(&*store).await;
    append(&*store, a_batch(generation.id, 1, &["Half a "]))
        .await
        .unwrap();
    let results = all_at_once(10, |_| {
        let (store, id, lease) = (store.clone(), generation.id, generation.lease_until);
        async move { store.interrupt_generation(id, lease, at(60)).await.unwrap() }
    })
    .await;
    assert_eq!(results.into_iter().filter(|interrupted| *interrupted).count(), 1);
    let stored = store.generation(generation.id).await.unwrap().unwrap();
    assert_eq!(stored.ended, Some(ended(Outcome::Interrupted, 60)));
    assert!(stored.fence > generation.fence);
    assert!(
        !store
            .finish_generation(generation.id, 1, ended(Outcome::Complete, 61))
            .await
            .unwrap()
    );
    assert_eq!(
        store
            .running_generation(generation.conversation_id)
            .await
            .unwrap(),
        None
    );
}

pub(crate) async fn leases_are_renewed_and_lost_generations_named(db: &dyn Database) {
    let store = db.open().await;
    let (mine, taken, done, unknown) = (
        running(&*store).await,
        running(&*store).await,
        running(&*store).await,
        generation_id(),
    );
    store
        .interrupt_generation(taken.id, taken.lease_until, at(40))
        .await
        .unwrap();
    store
        .finish_generation(done.id, 1, ended(Outcome::Complete, 40))
        .await
        .unwrap();
    let ids = [mine.id, taken.id, done.id, unknown];
    // One that it has finished itself is still its own.
    assert_eq!(
        store.renew_leases("node-a", &ids, at(75)).await.unwrap(),
        [taken.id, unknown]
    );
    assert_eq!(
        store.generation(mine.id).await.unwrap().unwrap().lease_until,
        at(75)
    );
    assert_eq!(
        store.generation(taken.id).await.unwrap().unwrap().lease_until,
        taken.lease_until
    );
    assert_eq!(
        store.renew_leases("node-b", &[mine.id], at(99)).await.unwrap(),
        [mine.id]
    );
    assert_eq!(
        store.generation(mine.id).await.unwrap().unwrap().lease_until,
        at(75)
    );
    assert!(
        store
            .renew_leases("node-a", &[], at(99))
            .await
            .unwrap()
            .is_empty()
    );
}

pub(crate) async fn the_reaper_sees_what_is_not_settled_oldest_first(db: &dyn Database) {
    let store = db.open().await;
    let mut generations = Vec::new();
    for second in [30, 10, 20, 5] {
        let conversation = stored_conversation(&*store).await;
        generations.push(running_in(&*store, &conversation, second).await);
    }
    let [runs, ends, dies, settles] = &generations[..] else {
        panic!("four were started")
    };
    store
        .finish_generation(ends.id, 1, ended(Outcome::Stopped, 40))
        .await
        .unwrap();
    store
        .interrupt_generation(dies.id, dies.lease_until, at(40))
        .await
        .unwrap();
    settle(&*store, settles.id, 40).await;
    let ids = |found: Vec<GenerationRecord>| found.iter().map(|generation| generation.id).collect::<Vec<_>>();
    assert_eq!(
        ids(store.unsettled_generations(at(0), 10).await.unwrap()),
        [ends.id, dies.id, runs.id]
    );
    assert_eq!(
        ids(store.unsettled_generations(at(0), 1).await.unwrap()),
        [ends.id]
    );
    assert_eq!(
        ids(store.unsettled_generations(dies.started_at, 1).await.unwrap()),
        [dies.id],
        "a page begins where the one before it ended"
    );
    // One that runs cannot be settled.
    store.mark_settled(runs.id, &counting()).await.unwrap();
    assert_eq!(store.generation(runs.id).await.unwrap(), Some(runs.clone()));
    store.mark_settled(generation_id(), &counting()).await.unwrap();
}

pub(crate) async fn only_old_settled_logs_are_collected(db: &dyn Database) {
    let store = db.open().await;
    let mut generations = Vec::new();
    for _ in 0..4 {
        let generation = running(&*store).await;
        append(&*store, a_batch(generation.id, 1, &["One", "Two"]))
            .await
            .unwrap();
        append(&*store, a_batch(generation.id, 3, &["Three"]))
            .await
            .unwrap();
        generations.push(generation.id);
    }
    let [old, recent, unsettled, running] = generations[..] else {
        panic!("four were started")
    };
    settle(&*store, old, 10).await;
    settle(&*store, recent, 90).await;
    store
        .finish_generation(unsettled, 1, ended(Outcome::Complete, 10))
        .await
        .unwrap();

    assert_eq!(store.collect_logs(at(50)).await.unwrap(), 1);
    assert_eq!(store.collect_logs(at(50)).await.unwrap(), 0);
    assert_eq!(store.log_text(old).await.unwrap(), LogText::default());
    assert!(store.chunks_after(old, 0, 10).await.unwrap().is_empty());
    assert!(
        store.generation(old).await.unwrap().unwrap().settled,
        "its record stays"
    );
    for id in [recent, unsettled, running] {
        assert_eq!(store.log_text(id).await.unwrap().text, "OneTwoThree");
    }
    let late = append(&*store, a_batch(old, 1, &["Again"])).await;
    assert!(matches!(late, Err(StoreError::Fenced(_))), "{late:?}");
}

pub(crate) async fn every_step_can_be_repeated(db: &dyn Database) {
    let store = db.open().await;
    let generation = running(&*store).await;
    let end = Ended {
        usage: Some(Usage::default()),
        ..ended(Outcome::Complete, 9)
    };
    let batch = a_batch(generation.id, 1, &["All ", "of it"]);
    for crash in [false, true] {
        append(&*store, batch.clone()).await.unwrap();
        assert_eq!(
            store.finish_generation(generation.id, 1, end).await.unwrap(),
            !crash
        );
        let log = store.log_text(generation.id).await.unwrap();
        assert_eq!(
            log,
            LogText {
                text: "All of it".into(),
                seq: 2
            }
        );
        assert_eq!(
            store
                .settle_message(generation.message_id, generation.id, &log.text, end.outcome)
                .await
                .unwrap(),
            !crash
        );
        store.mark_settled(generation.id, &counting()).await.unwrap();
    }
    let settled = GenerationRecord {
        ended: Some(end),
        settled: true,
        ..generation.clone()
    };
    assert_eq!(store.generation(generation.id).await.unwrap(), Some(settled));
    let message = store.message(generation.message_id).await.unwrap().unwrap();
    assert_eq!(
        (message.text.as_str(), message.status),
        ("All of it", MessageStatus::Complete)
    );
    assert!(store.unsettled_generations(at(0), 10).await.unwrap().is_empty());
}

pub(crate) async fn a_conversation_has_one_generation_until_it_is_settled(db: &dyn Database) {
    let store = db.open().await;
    let first = running(&*store).await;
    let second = GenerationRecord {
        id: generation_id(),
        node_id: "node-b".into(),
        ..first.clone()
    };
    let refused = async || {
        let refused = store.start_generation(second.clone()).await;
        assert!(
            matches!(refused, Err(StoreError::Conflict("running"))),
            "{refused:?}"
        );
    };
    refused().await;
    let end = ended(Outcome::Complete, 40);
    assert!(store.finish_generation(first.id, 1, end).await.unwrap());
    // Its text is not in the message yet.
    refused().await;
    store.mark_settled(first.id, &counting()).await.unwrap();
    store.start_generation(second.clone()).await.unwrap();
    assert_eq!(store.generation(second.id).await.unwrap(), Some(second));
}

pub(crate) async fn of_many_claims_at_once_one_succeeds(db: &dyn Database) {
    let store = db.open().await;
    let first = running(&*store).await;
    let end = ended(Outcome::Complete, 40);
    store.finish_generation(first.id, 1, end).await.unwrap();
    store.mark_settled(first.id, &counting()).await.unwrap();
    let claims = all_at_once(10, |_| {
        let (store, first) = (store.clone(), first.clone());
        async move {
            let claim = GenerationRecord {
                id: generation_id(),
                ..first
            };
            store.start_generation(claim).await.is_ok()
        }
    })
    .await;
    assert_eq!(claims.iter().filter(|claimed| **claimed).count(), 1);
}

pub(crate) async fn a_claim_is_let_go_while_nothing_was_said(db: &dyn Database) {
    let store = db.open().await;
    let claim = running(&*store).await;
    store.abandon_generation(claim.id).await.unwrap();
    store.abandon_generation(claim.id).await.unwrap();
    assert_eq!(store.generation(claim.id).await.unwrap(), None);
    let next = GenerationRecord {
        id: generation_id(),
        ..claim
    };
    store.start_generation(next.clone()).await.unwrap();
    append(&*store, a_batch(next.id, 1, &["Said"])).await.unwrap();
    store.abandon_generation(next.id).await.unwrap();
    assert_eq!(store.generation(next.id).await.unwrap(), Some(next));
}

pub(crate) async fn a_stop_reaches_the_node_it_runs_on(db: &dyn Database) {
    let store = db.open().await;
    let (one, other) = (running(&*store).await, running(&*store).await);
    assert_eq!(store.stops_requested("node-a").await.unwrap(), []);
    assert!(store.request_stop(one.id).await.unwrap());
    assert!(store.request_stop(one.id).await.unwrap());
    assert_eq!(store.stops_requested("node-a").await.unwrap(), [one.id]);
    assert_eq!(store.stops_requested("node-b").await.unwrap(), []);
    store
        .finish_generation(one.id, 1, ended(Outcome::Stopped, 40))
        .await
        .unwrap();
    assert_eq!(store.stops_requested("node-a").await.unwrap(), []);
    assert!(!store.request_stop(one.id).await.unwrap());
    assert!(!store.request_stop(generation_id()).await.unwrap());
    assert_eq!(store.generation(other.id).await.unwrap(), Some(other));
}

pub(crate) async fn what_is_not_settled_in_several_conversations_is_found(db: &dyn Database) {
    let store = db.open().await;
    let (runs, ends, settles) = (
        running(&*store).await,
        running(&*store).await,
        running(&*store).await,
    );
    let end = ended(Outcome::Stopped, 40);
    store.finish_generation(ends.id, 1, end).await.unwrap();
    settle(&*store, settles.id, 40).await;
    let silent = stored_conversation(&*store).await.id;
    let asked = [
        silent,
        settles.conversation_id,
        ends.conversation_id,
        runs.conversation_id,
    ];
    let mut found = store.unsettled_in(&asked).await.unwrap();
    found.sort_by_key(|generation| generation.id);
    let ended = GenerationRecord {
        ended: Some(end),
        ..ends
    };
    assert_eq!(found, [runs, ended]);
    assert_eq!(store.unsettled_in(&[]).await.unwrap(), []);
}

pub(crate) async fn the_generations_of_a_message_are_found_oldest_first(db: &dyn Database) {
    let store = db.open().await;
    let first = running(&*store).await;
    assert_eq!(
        store.generations_of(first.message_id).await.unwrap(),
        std::slice::from_ref(&first)
    );
    settle(&*store, first.id, 40).await;
    let second = GenerationRecord {
        id: generation_id(),
        started_at: at(50),
        ..first.clone()
    };
    store.start_generation(second.clone()).await.unwrap();
    let found = store.generations_of(first.message_id).await.unwrap();
    let found: Vec<GenerationId> = found.iter().map(|generation| generation.id).collect();
    assert_eq!(found, [first.id, second.id]);
    assert_eq!(store.generations_of(first.prompt_id).await.unwrap(), []);
}

pub(crate) async fn where_a_generation_went_on_is_kept_and_orders_it(db: &dyn Database) {
    let store = db.open().await;
    let first = running(&*store).await;
    settle(&*store, first.id, 40).await;
    let second = GenerationRecord {
        id: generation_id(),
        offset: 5_000_000_000,
        // Another node's clock is behind.
        started_at: at(1),
        ..first.clone()
    };
    store.start_generation(second.clone()).await.unwrap();
    assert_eq!(store.generation(second.id).await.unwrap(), Some(second.clone()));
    assert_eq!(
        store.running_generation(first.conversation_id).await.unwrap(),
        Some(second.clone())
    );
    let only = std::slice::from_ref(&second);
    assert_eq!(store.unsettled_generations(at(0), 10).await.unwrap(), only);
    let unsettled = store.unsettled_in(&[first.conversation_id]).await.unwrap();
    assert_eq!(unsettled, only);
    let found = store.generations_of(first.message_id).await.unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|generation| (generation.id, generation.offset))
        .collect();
    assert_eq!(found, [(first.id, 0), (second.id, 5_000_000_000)]);
}
