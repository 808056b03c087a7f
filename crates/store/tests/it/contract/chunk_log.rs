//! The chunk log: the truth about what the model said.

use super::{
    Database, all_at_once,
    given::{a_batch, append, at, generation_id, running},
};
use store::{
    StoreError,
    generation::{ChunkBatch, Ended, LogText},
};
use wire::message::Outcome;

pub(crate) async fn the_log_joins_to_the_text_and_keeps_its_boundaries(db: &dyn Database) {
    let store = db.open().await;
    let id = running(&*store).await.id;
    let batches = [
        a_batch(id, 1, &["An", " eng", "ine"]),
        a_batch(id, 4, &[""]),
        a_batch(id, 5, &[" turns", " 🦀", "", " heat into", " work."]),
    ];
    for batch in &batches {
        append(&*store, batch.clone()).await.unwrap();
    }
    let text = "An engine turns 🦀 heat into work.".to_owned();
    assert_eq!(store.log_text(id).await.unwrap(), LogText { text, seq: 9 });
    assert_eq!(store.chunks_after(id, 0, 10).await.unwrap(), batches);
}

pub(crate) async fn a_repeated_batch_is_stored_once(db: &dyn Database) {
    let store = db.open().await;
    let id = running(&*store).await.id;
    let (first, second) = (a_batch(id, 1, &["One"]), a_batch(id, 2, &["Two"]));
    for batch in [&first, &first, &second, &first, &second] {
        append(&*store, batch.clone()).await.unwrap();
    }
    assert_eq!(store.chunks_after(id, 0, 10).await.unwrap(), [first, second]);
}

pub(crate) async fn another_batch_at_the_same_place_is_fenced_off(db: &dyn Database) {
    let store = db.open().await;
    let id = running(&*store).await.id;
    append(&*store, a_batch(id, 1, &["One", "Two", "Three"]))
        .await
        .unwrap();
    for other in [
        a_batch(id, 1, &["Another", "Two", "Three"]),
        a_batch(id, 1, &["One"]),
        a_batch(id, 1, &["OneT", "wo", "Three"]),
        a_batch(id, 2, &["Two"]),
        a_batch(id, 0, &["Zero"]),
    ] {
        let result = append(&*store, other.clone()).await;
        assert!(
            matches!(result, Err(StoreError::Fenced(_))),
            "{other:?}: {result:?}"
        );
    }
    assert_eq!(store.log_text(id).await.unwrap().text, "OneTwoThree");
}

pub(crate) async fn a_batch_after_a_gap_is_refused(db: &dyn Database) {
    let store = db.open().await;
    let id = running(&*store).await.id;
    for first_seq in [2, 3, u64::MAX] {
        let gap = append(&*store, a_batch(id, first_seq, &["Later"])).await;
        assert!(
            matches!(gap, Err(StoreError::Conflict("gap"))),
            "{first_seq}: {gap:?}"
        );
    }
    append(&*store, a_batch(id, 1, &["One", "Two"])).await.unwrap();
    let gap = append(&*store, a_batch(id, 4, &["Four"])).await;
    assert!(matches!(gap, Err(StoreError::Conflict("gap"))), "{gap:?}");
    append(&*store, a_batch(id, 3, &["Three"])).await.unwrap();
}

pub(crate) async fn a_writer_with_another_fence_is_fenced_off(db: &dyn Database) {
    let store = db.open().await;
    let id = running(&*store).await.id;
    for fence in [0, 2] {
        let foreign = append(
            &*store,
            ChunkBatch {
                fence,
                ..a_batch(id, 1, &["Mine"])
            },
        )
        .await;
        assert!(
            matches!(foreign, Err(StoreError::Fenced(_))),
            "{fence}: {foreign:?}"
        );
    }
    let nobody = append(&*store, a_batch(generation_id(), 1, &["Nobody's"])).await;
    assert!(
        matches!(nobody, Err(StoreError::NotFound("generation"))),
        "{nobody:?}"
    );
    assert_eq!(store.log_text(id).await.unwrap(), LogText::default());
}

pub(crate) async fn boundaries_that_do_not_fit_are_refused(db: &dyn Database) {
    let store = db.open().await;
    let id = running(&*store).await.id;
    for lengths in [
        vec![],
        vec![4],
        vec![6],
        vec![1, 4],
        vec![5, 1],
        vec![u32::MAX, 6],
    ] {
        let batch = ChunkBatch {
            lengths,
            ..a_batch(id, 1, &["é 🦀"])
        };
        assert_eq!(batch.text.len(), 7);
        let refused = append(&*store, batch.clone()).await;
        assert!(
            matches!(refused, Err(StoreError::Conflict("lengths"))),
            "{batch:?}: {refused:?}"
        );
    }
    append(&*store, a_batch(id, 1, &["é", " ", "🦀"])).await.unwrap();
}

pub(crate) async fn one_call_answers_for_each_of_its_batches(db: &dyn Database) {
    let store = db.open().await;
    let (one, two) = (running(&*store).await.id, running(&*store).await.id);
    let results = store
        .append_chunks(vec![
            a_batch(one, 1, &["a"]),
            a_batch(two, 2, &["gap"]),
            a_batch(two, 1, &["x"]),
            ChunkBatch {
                fence: 7,
                ..a_batch(one, 2, &["foreign"])
            },
            a_batch(one, 2, &["b"]),
            a_batch(generation_id(), 1, &["nobody's"]),
            a_batch(one, 2, &["b"]),
            a_batch(two, 2, &["y"]),
        ])
        .await
        .unwrap();
    let [Ok(()), gap, Ok(()), foreign, Ok(()), unknown, Ok(()), Ok(())] = &results[..] else {
        panic!("{results:?}")
    };
    assert!(matches!(gap, Err(StoreError::Conflict("gap"))));
    assert!(matches!(foreign, Err(StoreError::Fenced(_))));
    assert!(matches!(unknown, Err(StoreError::NotFound(_))));
    assert_eq!(store.log_text(one).await.unwrap().text, "ab");
    assert_eq!(store.log_text(two).await.unwrap().text, "xy");
    assert!(store.append_chunks(vec![]).await.unwrap().is_empty());
}

pub(crate) async fn a_reader_goes_on_from_any_delta(db: &dyn Database) {
    let store = db.open().await;
    let id = running(&*store).await.id;
    let batches = [
        a_batch(id, 1, &["1", "2", "3"]),
        a_batch(id, 4, &["4"]),
        a_batch(id, 5, &["5", "6"]),
    ];
    for batch in &batches {
        append(&*store, batch.clone()).await.unwrap();
    }
    for (after_seq, from) in [
        (0, 0),
        (1, 0),
        (2, 0),
        (3, 1),
        (4, 2),
        (5, 2),
        (6, 3),
        (7, 3),
        (u64::MAX, 3),
    ] {
        let found = store.chunks_after(id, after_seq, 10).await.unwrap();
        assert_eq!(found, batches[from..], "after {after_seq}");
    }
    assert_eq!(store.chunks_after(id, 2, 2).await.unwrap(), batches[..2]);
    assert!(
        store
            .chunks_after(generation_id(), 0, 10)
            .await
            .unwrap()
            .is_empty()
    );
}

pub(crate) async fn an_interrupted_log_is_an_exact_prefix_and_its_writer_collides(db: &dyn Database) {
    let store = db.open().await;
    let generation = running(&*store).await;
    let id = generation.id;
    let last = a_batch(id, 3, &["engine"]);
    append(&*store, a_batch(id, 1, &["An", " "])).await.unwrap();
    append(&*store, last.clone()).await.unwrap();
    assert!(
        store
            .interrupt_generation(id, generation.lease_until, at(60))
            .await
            .unwrap()
    );

    // The writer was not dead, only slow: whatever it still sends collides.
    for stale in [
        a_batch(id, 4, &[" turns"]),
        last.clone(),
        a_batch(id, 5, &[" gap"]),
    ] {
        let result = append(&*store, stale.clone()).await;
        assert!(
            matches!(result, Err(StoreError::Fenced(_))),
            "{stale:?}: {result:?}"
        );
    }
    // Nor does the one who took over write on: it is over.
    let fence = store.generation(id).await.unwrap().unwrap().fence;
    let result = append(
        &*store,
        ChunkBatch {
            fence,
            ..a_batch(id, 4, &[" turns"])
        },
    )
    .await;
    assert!(matches!(result, Err(StoreError::Fenced(_))), "{result:?}");

    assert_eq!(
        store.log_text(id).await.unwrap(),
        LogText {
            text: "An engine".into(),
            seq: 3
        }
    );
    assert_eq!(
        store.chunks_after(id, 2, 10).await.unwrap(),
        [last],
        "the seal is not a batch"
    );

    // A log without a single delta can be sealed too.
    let silent = running(&*store).await;
    assert!(
        store
            .interrupt_generation(silent.id, silent.lease_until, at(60))
            .await
            .unwrap()
    );
    let result = append(&*store, a_batch(silent.id, 1, &["Too late"])).await;
    assert!(matches!(result, Err(StoreError::Fenced(_))), "{result:?}");
    assert_eq!(store.log_text(silent.id).await.unwrap(), LogText::default());
}

pub(crate) async fn nothing_follows_the_end_but_a_repetition(db: &dyn Database) {
    let store = db.open().await;
    let id = running(&*store).await.id;
    let batch = a_batch(id, 1, &["The ", "end"]);
    append(&*store, batch.clone()).await.unwrap();
    let end = Ended {
        outcome: Outcome::Stopped,
        at: at(9),
        usage: None,
    };
    assert!(store.finish_generation(id, 1, end).await.unwrap());
    append(&*store, batch).await.unwrap();
    let late = append(&*store, a_batch(id, 3, &[" and more"])).await;
    assert!(matches!(late, Err(StoreError::Fenced(_))), "{late:?}");
    assert_eq!(store.log_text(id).await.unwrap().text, "The end");
}

pub(crate) async fn fifty_generations_at_once_keep_all_their_chunks(db: &dyn Database) {
    let store = db.open().await;
    let mut ids = Vec::new();
    for _ in 0..50 {
        ids.push(running(&*store).await.id);
    }
    let written = all_at_once(50, |n| {
        let (store, id) = (store.clone(), ids[n]);
        async move {
            let (mut text, mut seq) = (String::new(), 0);
            for step in 0..10 {
                let batch = a_batch(id, seq + 1, &[&format!("{n}"), ".", &format!("{step} ")]);
                append(&*store, batch.clone()).await.unwrap();
                seq = batch.next_seq() - 1;
                text.push_str(&batch.text);
            }
            LogText { text, seq }
        }
    })
    .await;
    for (id, expected) in ids.iter().zip(written) {
        assert_eq!(store.log_text(*id).await.unwrap(), expected);
    }
}
