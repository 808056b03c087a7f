//! Counters of what the models were asked for.

use super::{
    Database, all_at_once,
    given::{at, counting, running, running_in, stored_conversation, user_id},
};
use store::{
    Store,
    generation::{Ended, GenerationRecord},
    usage::{Counting, Day, UsageSums},
};
use wire::{
    Timestamp,
    admin::UsageCounts,
    message::{Outcome, Usage},
};

const DAY_SECONDS: u64 = 24 * 60 * 60;
const EVER: Day = Day::from_number(0);

fn ended(outcome: Outcome, at: Timestamp, tokens: Option<(u32, u32)>) -> Ended {
    Ended {
        outcome,
        at,
        usage: tokens.map(|(read, written)| Usage {
            prompt_tokens: Some(read),
            completion_tokens: Some(written),
        }),
    }
}

async fn finish(store: &dyn Store, generation: &GenerationRecord, end: Ended, model: &str) {
    assert!(store.finish_generation(generation.id, 1, end).await.unwrap());
    let counting = Counting { model: model.into() };
    store.mark_settled(generation.id, &counting).await.unwrap();
}

fn counts(prompts: u64, answers: u64, failures: u64, tokens: (u64, u64)) -> UsageCounts {
    UsageCounts {
        prompts,
        answers,
        failures,
        tokens_in: tokens.0,
        tokens_out: tokens.1,
    }
}

pub(crate) async fn a_generation_is_counted_once_when_it_is_settled(db: &dyn Database) {
    let store = db.open().await;
    let generation = running(&*store).await;
    let user = generation.user_id;
    let end = ended(Outcome::Complete, at(40), Some((70, 9)));
    assert!(store.finish_generation(generation.id, 1, end).await.unwrap());
    assert_eq!(
        store.usage_of(user, EVER).await.unwrap(),
        UsageCounts::default(),
        "not settled yet"
    );
    let once = counts(1, 1, 0, (70, 9));
    // By its writer, by its writer again, and by a reaper who saw it before it was settled.
    let settled = all_at_once(5, |_| {
        let (store, id) = (store.clone(), generation.id);
        async move { store.mark_settled(id, &counting()).await }
    })
    .await;
    assert!(settled.iter().all(Result::is_ok));
    store.mark_settled(generation.id, &counting()).await.unwrap();
    assert_eq!(store.usage_of(user, EVER).await.unwrap(), once);
    assert!(store.generation(generation.id).await.unwrap().unwrap().settled);
}

pub(crate) async fn what_runs_is_not_counted(db: &dyn Database) {
    let store = db.open().await;
    let generation = running(&*store).await;
    store.mark_settled(generation.id, &counting()).await.unwrap();
    assert_eq!(store.usage_since(EVER).await.unwrap(), UsageSums::default());
}

pub(crate) async fn many_that_settle_at_once_are_all_counted(db: &dyn Database) {
    let store = db.open().await;
    let mut generations = Vec::new();
    let user = user_id();
    for _ in 0..12 {
        let conversation = store::conversation::ConversationRecord {
            user_id: user,
            ..stored_conversation(&*store).await
        };
        let generation = running_in(&*store, &conversation, 3).await;
        let end = ended(Outcome::Complete, at(40), Some((10, 1)));
        assert!(store.finish_generation(generation.id, 1, end).await.unwrap());
        generations.push(generation.id);
    }
    all_at_once(12, |n| {
        let (store, id) = (store.clone(), generations[n]);
        async move { store.mark_settled(id, &counting()).await.unwrap() }
    })
    .await;
    assert_eq!(
        store.usage_of(user, EVER).await.unwrap(),
        counts(12, 12, 0, (120, 12))
    );
}

pub(crate) async fn usage_is_added_up_by_day_model_and_user(db: &dyn Database) {
    let store = db.open().await;
    let first = running(&*store).await;
    let ada = first.user_id;
    finish(
        &*store,
        &first,
        ended(Outcome::Complete, at(40), Some((70, 9))),
        "small",
    )
    .await;
    let conversation = store.conversation(first.conversation_id).await.unwrap().unwrap();
    let second = running_in(&*store, &conversation, 50).await;
    let tomorrow = at(DAY_SECONDS);
    finish(&*store, &second, ended(Outcome::Failed, tomorrow, None), "large").await;
    let other = running(&*store).await;
    finish(
        &*store,
        &other,
        ended(Outcome::Stopped, tomorrow, Some((5, 2))),
        "small",
    )
    .await;

    let (day, next) = (Day::of(at(40)), Day::of(tomorrow));
    assert_eq!(next.minus(1), day);
    let (complete, failed, stopped) = (
        counts(1, 1, 0, (70, 9)),
        counts(1, 0, 1, (0, 0)),
        counts(1, 0, 0, (5, 2)),
    );
    let sums = store.usage_since(day).await.unwrap();
    let expected = UsageSums {
        days: [(day, complete), (next, failed.plus(stopped))].into(),
        models: [("small".into(), complete.plus(stopped)), ("large".into(), failed)].into(),
        users: [(ada, complete.plus(failed)), (other.user_id, stopped)].into(),
    };
    assert_eq!(sums, expected);
    assert_eq!(store.usage_of(ada, day).await.unwrap(), complete.plus(failed));
    assert_eq!(store.usage_of(ada, next).await.unwrap(), failed);
    assert_eq!(
        store.usage_of(user_id(), day).await.unwrap(),
        UsageCounts::default()
    );
    assert_eq!(store.usage_since(next).await.unwrap().days.len(), 1);
}

pub(crate) async fn old_counters_are_forgotten(db: &dyn Database) {
    let store = db.open().await;
    for days in [0, 1] {
        let generation = running(&*store).await;
        let end = ended(Outcome::Complete, at(days * DAY_SECONDS), None);
        finish(&*store, &generation, end, "small").await;
    }
    let kept = Day::of(at(DAY_SECONDS));
    assert_eq!(store.collect_usage(kept).await.unwrap(), 1);
    assert_eq!(store.collect_usage(kept).await.unwrap(), 0);
    let days: Vec<_> = store.usage_since(EVER).await.unwrap().days.into_keys().collect();
    assert_eq!(days, [kept]);
}
