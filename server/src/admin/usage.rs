//! Usage over time: what the counters say, for every day, the models and the people who asked most.

use super::Administrator;
use crate::{app::App, field, problem::ApiResult};
use std::cmp::Reverse;
use store::usage::Day;
use wire::admin::{UsageCounts, UsageOfDay, UsageOfModel, UsageOfUser, UsageReport};

/// Days that are shown, unless others are asked for.
pub const DAYS: u32 = 30;
/// Days that can be asked for.
const MOST: u32 = 366;
/// People that are named.
const PEOPLE: usize = 10;

/// The last so many days, today among them.
///
/// # Errors
/// `invalid_field`: the days; and the store's.
pub async fn report(app: &App, _admin: &Administrator, days: u32) -> ApiResult<UsageReport> {
    if !(1..=MOST).contains(&days) {
        return Err(field::invalid("days", format_args!("must be from 1 to {MOST}")));
    }
    let today = Day::of(app.clock.now());
    let first = today.minus(days.saturating_sub(1));
    let sums = app.store.usage_since(first).await?;
    let of_day = |number| {
        let day = Day::from_number(number);
        UsageOfDay {
            day: date(day),
            counts: sums.days.get(&day).copied().unwrap_or_default(),
        }
    };
    let days: Vec<_> = (first.number()..=today.number()).map(of_day).collect();
    let total = days
        .iter()
        .fold(UsageCounts::default(), |sum, day| sum.plus(day.counts));
    let mut models: Vec<_> = sums
        .models
        .iter()
        .map(|(model, counts)| UsageOfModel {
            model: model.clone(),
            counts: *counts,
        })
        .collect();
    models.sort_by(|one, other| {
        (Reverse(one.counts.tokens_out), &one.model).cmp(&(Reverse(other.counts.tokens_out), &other.model))
    });
    let mut people: Vec<_> = sums.users.into_iter().collect();
    people.sort_by_key(|(id, counts)| (Reverse(counts.prompts), *id));
    let mut users = Vec::new();
    for (id, counts) in people.into_iter().take(PEOPLE) {
        let email = app.store.user(id).await?.map(|user| user.email);
        users.push(UsageOfUser { id, email, counts });
    }
    Ok(UsageReport {
        days,
        total,
        models,
        users,
    })
}

/// `2024-01-15`.
fn date(day: Day) -> String {
    day.start().to_string().chars().take(10).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_its_date() {
        assert_eq!(date(Day::from_number(0)), "1970-01-01");
        assert_eq!(date(Day::from_number(19_737)), "2024-01-15");
    }
}
