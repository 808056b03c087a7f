//! Usage over time.

use super::{
    Tab, administration,
    chart::{Part, chart},
};
use crate::{page::param::query, text};
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
                    {text::admin_days_count(choice)}
                </a>
            }
        });
        let view = view! {
            <h2 class="admin__heading">{text::admin_usage()}</h2>
            <nav class="admin__choices" aria-label=text::admin_how_many_days()>{Vec::from(choices)}</nav>
            {totals(report.total)}
            {charts(&report)}
            {tables(report)}
        };
        Ok((text::admin_usage().to_owned(), view.into_any()))
    })
}

fn totals(total: UsageCounts) -> impl IntoView {
    let figure = |name: &'static str, number| {
        view! { <div><dt>{name}</dt><dd>{text::number(number)}</dd></div> }
    };
    view! {
        <dl class="totals">
            {figure(text::admin_prompts(), total.prompts)}
            {figure(text::admin_answers(), total.answers)}
            {figure(text::admin_failures(), total.failures)}
            {figure(text::admin_tokens_read(), total.tokens_in)}
            {figure(text::admin_tokens_written(), total.tokens_out)}
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
        Some(day) if number(&day.counts) > 0 => text::admin_most(&day.day, number(&day.counts)),
        _ => text::admin_nothing().to_owned(),
    }
}

fn charts(report: &UsageReport) -> impl IntoView + use<> {
    let days = &report.days;
    let span = match (days.first(), days.last()) {
        (Some(first), Some(last)) => text::admin_span(&first.day, &last.day),
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
            name: text::admin_answered(),
            look: "first",
        },
        Part {
            name: text::admin_stopped(),
            look: "second",
        },
        Part {
            name: text::admin_failed(),
            look: "bad",
        },
    ];
    let token_parts = [
        Part {
            name: text::admin_read(),
            look: "second",
        },
        Part {
            name: text::admin_written(),
            look: "first",
        },
    ];
    let most_prompts = busiest(days, |counts| counts.prompts);
    let most_tokens = busiest(days, |counts| counts.tokens_in.saturating_add(counts.tokens_out));
    view! {
        <section class="admin__part" aria-labelledby="prompts-heading">
            <h3 id="prompts-heading" class="admin__subheading">{text::admin_prompts_a_day()}</h3>
            {chart(prompt_parts, &prompts, text::admin_chart(text::admin_prompts_a_day(), &span, &most_prompts))}
            <p class="admin__lead">{text::admin_span_most(&span, &most_prompts)}</p>
        </section>
        <section class="admin__part" aria-labelledby="tokens-heading">
            <h3 id="tokens-heading" class="admin__subheading">{text::admin_tokens_a_day()}</h3>
            {chart(token_parts, &tokens, text::admin_chart(text::admin_tokens_a_day(), &span, &most_tokens))}
            <p class="admin__lead">{text::admin_span_most(&span, &most_tokens)}</p>
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
            None => view! { <span class="admin__none">{text::admin_gone()}</span> }.into_any(),
        };
        (name, user.counts)
    });
    view! {
        {table("models-heading", text::admin_by_model(), text::admin_model(), models.collect())}
        {table("people-heading", text::admin_who_most(), text::admin_person(), users.collect())}
        {table("days-heading", text::admin_day_by_day(), text::admin_day_utc(), days.collect())}
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
        let numbers = numbers.map(|number| view! { <td class="ledger__number">{text::number(number)}</td> });
        view! { <tr><th scope="row">{name}</th>{Vec::from(numbers)}</tr> }
    };
    let heads = [
        text::admin_prompts(),
        text::admin_answers(),
        text::admin_stopped(),
        text::admin_failures(),
        text::admin_tokens_read(),
        text::admin_tokens_written(),
    ];
    let heads = heads.map(|head| view! { <th scope="col" class="ledger__number">{head}</th> });
    view! {
        <div class="admin__part">
            <h3 id=id class="admin__subheading">{heading}</h3>
            <div class="ledger__scroll" tabindex="0" role="region" aria-labelledby=id>
                <table class="ledger">
                    <thead><tr><th scope="col">{first}</th>{Vec::from(heads)}</tr></thead>
                    <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </div>
    }
    .into_any()
}
