//! Usage over time.

use super::{
    Tab, administration,
    chart::{Part, chart},
    words::grouped,
};
use crate::page::param::query;
use leptos::prelude::*;
use wire::admin::{UsageCounts, UsageOfDay, UsageReport};

/// What can be chosen.
const CHOICES: [u32; 3] = [7, 30, 90];

/// `/admin/usage?days=`.
#[component]
pub(crate) fn Usage() -> impl IntoView {
    let days = query::<u32>("days")
        .filter(|days| CHOICES.contains(days))
        .unwrap_or(30);
    administration(Tab::Usage, async move |data| {
        let report = data.usage(days).await?;
        let choices = CHOICES.map(|choice| {
            view! {
                <a
                    class="button button--quiet"
                    href=format!("/admin/usage?days={choice}")
                    aria-current=(choice == days).then_some("page")
                >
                    {format!("{choice} days")}
                </a>
            }
        });
        let view = view! {
            <h2 class="admin__heading">"Usage"</h2>
            <nav class="admin__choices" aria-label="How many days">{Vec::from(choices)}</nav>
            {totals(report.total)}
            {charts(&report)}
            {tables(report)}
        };
        Ok((format!("Usage in {days} days"), view.into_any()))
    })
}

fn totals(total: UsageCounts) -> impl IntoView {
    let figure = |name: &'static str, number| {
        view! { <div><dt>{name}</dt><dd>{grouped(number)}</dd></div> }
    };
    view! {
        <dl class="totals">
            {figure("Prompts", total.prompts)}
            {figure("Answers", total.answers)}
            {figure("Failures", total.failures)}
            {figure("Tokens read", total.tokens_in)}
            {figure("Tokens written", total.tokens_out)}
        </dl>
    }
}

/// What was neither answered nor failed was stopped by its reader.
fn stopped(counts: UsageCounts) -> u64 {
    counts
        .prompts
        .saturating_sub(counts.answers)
        .saturating_sub(counts.failures)
}

fn busiest(days: &[UsageOfDay], number: impl Fn(&UsageCounts) -> u64) -> String {
    match days.iter().max_by_key(|day| number(&day.counts)) {
        Some(day) if number(&day.counts) > 0 => {
            format!("Most on {}: {}", day.day, grouped(number(&day.counts)))
        }
        _ => "Nothing in these days".to_owned(),
    }
}

fn charts(report: &UsageReport) -> impl IntoView + use<> {
    let days = &report.days;
    let span = match (days.first(), days.last()) {
        (Some(first), Some(last)) => format!("{} to {}", first.day, last.day),
        _ => String::new(),
    };
    let prompts: Vec<_> = days
        .iter()
        .map(|day| [day.counts.answers, stopped(day.counts), day.counts.failures])
        .collect();
    let tokens: Vec<_> = days
        .iter()
        .map(|day| [day.counts.tokens_in, day.counts.tokens_out])
        .collect();
    let prompt_parts = [
        Part {
            name: "Answered",
            look: "first",
        },
        Part {
            name: "Stopped",
            look: "second",
        },
        Part {
            name: "Failed",
            look: "bad",
        },
    ];
    let token_parts = [
        Part {
            name: "Read",
            look: "second",
        },
        Part {
            name: "Written",
            look: "first",
        },
    ];
    let most_prompts = busiest(days, |counts| counts.prompts);
    let most_tokens = busiest(days, |counts| counts.tokens_in.saturating_add(counts.tokens_out));
    view! {
        <section class="admin__part" aria-labelledby="prompts-heading">
            <h3 id="prompts-heading" class="admin__subheading">"Prompts a day"</h3>
            {chart(prompt_parts, &prompts, format!("Prompts a day, {span}. {most_prompts}. The table below has every day."))}
            <p class="admin__lead">{format!("{span}. {most_prompts}.")}</p>
        </section>
        <section class="admin__part" aria-labelledby="tokens-heading">
            <h3 id="tokens-heading" class="admin__subheading">"Tokens a day"</h3>
            {chart(token_parts, &tokens, format!("Tokens a day, {span}. {most_tokens}. The table below has every day."))}
            <p class="admin__lead">{format!("{span}. {most_tokens}.")}</p>
        </section>
    }
}

fn tables(report: UsageReport) -> impl IntoView {
    let days = report
        .days
        .into_iter()
        .rev()
        .map(|day| (view! { {day.day} }.into_any(), day.counts));
    let models = report
        .models
        .into_iter()
        .map(|model| (view! { {model.model} }.into_any(), model.counts));
    let users = report.users.into_iter().map(|user| {
        let name = match user.email {
            Some(email) => view! { <a href=format!("/admin/user/{}", user.id)>{email}</a> }.into_any(),
            None => view! { <span class="admin__none">"a deleted account"</span> }.into_any(),
        };
        (name, user.counts)
    });
    view! {
        {table("models-heading", "By model", "Model", models.collect())}
        {table("people-heading", "Who asked most", "Person", users.collect())}
        {table("days-heading", "Day by day", "Day (UTC)", days.collect())}
    }
}

fn table(
    id: &'static str,
    heading: &'static str,
    first: &'static str,
    rows: Vec<(AnyView, UsageCounts)>,
) -> AnyView {
    if rows.is_empty() {
        return ().into_any();
    }
    let row = |(name, counts): (AnyView, UsageCounts)| {
        let numbers = [
            counts.prompts,
            counts.answers,
            stopped(counts),
            counts.failures,
            counts.tokens_in,
            counts.tokens_out,
        ];
        let numbers = numbers.map(|number| view! { <td class="ledger__number">{grouped(number)}</td> });
        view! { <tr><th scope="row">{name}</th>{Vec::from(numbers)}</tr> }
    };
    let heads = [
        "Prompts",
        "Answers",
        "Stopped",
        "Failures",
        "Tokens read",
        "Tokens written",
    ];
    let heads = heads.map(|head| view! { <th scope="col" class="ledger__number">{head}</th> });
    view! {
        <section class="admin__part" aria-labelledby=id>
            <h3 id=id class="admin__subheading">{heading}</h3>
            <div class="ledger__scroll" tabindex="0" role="region" aria-labelledby=id>
                <table class="ledger">
                    <thead><tr><th scope="col">{first}</th>{Vec::from(heads)}</tr></thead>
                    <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}
