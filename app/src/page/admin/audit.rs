//! The audit log.

use super::{
    Tab, administration,
    people::address,
    words::{self, moment},
};
use crate::{page::param::query, text};
use leptos::prelude::*;
use wire::{
    AuditId,
    admin::{AuditEntry, AuditKind, AuditPage},
};

/// `/admin/audit?person=&kind=&before=`.
#[component]
pub(crate) fn AuditLog() -> impl IntoView {
    let person = query::<String>("person").unwrap_or_default().trim().to_owned();
    let kind = query::<String>("kind").unwrap_or_default();
    let before = query::<AuditId>("before");
    administration(Tab::Audit, async move |data| {
        let page = data.audit(person.clone(), kind.clone(), before).await?;
        let filter = [("person", person.as_str()), ("kind", kind.as_str())];
        let table = address("/admin/audit/table", &filter);
        let view = view! {
            <h2 class="admin__heading">{text::admin_audit()}</h2>
            {filters(&person, &kind)}
            {lines(&filter, page)}
            <p><a class="button button--quiet" href=table download="audit.csv">{text::admin_download()}</a></p>
        };
        Ok((text::admin_audit().to_owned(), view.into_any()))
    })
}

fn filters(person: &str, kind: &str) -> impl IntoView + use<> {
    let option = |one: AuditKind| {
        let selected = one.word() == kind;
        view! { <option value=one.word() selected=selected>{words::kind(one)}</option> }
    };
    let options = AuditKind::ALL.into_iter().map(option).collect_view();
    view! {
        <form class="admin__filter" method="get" action="/admin/audit">
            <div class="field">
                <label for="audit-person">{text::admin_person()}</label>
                <input id="audit-person" type="text" name="person" value=person.to_owned() autocomplete="off" placeholder=text::admin_address()/>
            </div>
            <div class="field">
                <label for="audit-kind">{text::admin_what()}</label>
                <select id="audit-kind" name="kind">
                    <option value="">{text::admin_everything()}</option>
                    {options}
                </select>
            </div>
            <button class="button" type="submit">{text::admin_show()}</button>
        </form>
    }
}

fn lines(filter: &[(&str, &str)], page: AuditPage) -> AnyView {
    if page.entries.is_empty() {
        return view! { <p class="admin__empty">{text::admin_no_lines()}</p> }.into_any();
    }
    let older = page.next.map(|before| {
        let before = before.to_string();
        let query: Vec<_> = filter
            .iter()
            .copied()
            .chain([("before", before.as_str())])
            .collect();
        view! { <p><a class="button button--quiet" href=address("/admin/audit", &query)>{text::admin_older()}</a></p> }
    });
    view! {
        <table class="ledger ledger--log">
            <thead>
                <tr>
                    <th scope="col">{text::admin_what()}</th>
                    <th scope="col">{text::admin_who()}</th>
                    <th scope="col">{text::admin_when()}</th>
                </tr>
            </thead>
            <tbody>{page.entries.into_iter().map(line).collect_view()}</tbody>
        </table>
        {older}
    }
    .into_any()
}

fn line(entry: AuditEntry) -> impl IntoView {
    let detail = (!entry.detail.is_empty()).then(|| view! { <p class="ledger__more">{entry.detail}</p> });
    let from = entry
        .address
        .map(|address| view! { <p class="ledger__more">{text::admin_from(&address)}</p> });
    let who = match entry.email {
        nobody if nobody.is_empty() => {
            view! { <span class="admin__none">{text::admin_nobody_known()}</span> }.into_any()
        }
        email => {
            let person = address("/admin/audit", &[("person", email.as_str())]);
            view! { <a href=person>{email}</a> }.into_any()
        }
    };
    view! {
        <tr>
            <td><strong>{words::kind(entry.kind)}</strong>{detail}</td>
            <td>{who}{from}</td>
            <td>{moment(Some(entry.at))}</td>
        </tr>
    }
}
