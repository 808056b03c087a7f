//! The people who have an account: found by the beginning of their address, and invited.

use super::{Tab, administration, words::moment};
use crate::{
    component::plain_form::{Notice, PlainField, PlainForm, Submit},
    page::{made::made_link, param::query},
    text,
};
use leptos::prelude::*;
use wire::{
    admin::{Account, AccountPage},
    auth::Role,
};

/// `/admin?q=&after=`.
#[component]
pub(crate) fn People() -> impl IntoView {
    let words = query::<String>("q").unwrap_or_default();
    let after = query::<String>("after").filter(|after| !after.is_empty());
    let deleted = query::<String>("done").is_some_and(|done| done == "deleted");
    administration(Tab::People, async move |data| {
        let page = data.accounts(words.clone(), after).await?;
        let view = view! {
            {deleted.then(|| view! { <Notice text=text::admin_deleted()/> })}
            <h2 class="admin__heading">{text::admin_people()}</h2>
            <form class="ask" method="get" action="/admin" role="search">
                <input
                    class="ask__field"
                    type="search"
                    name="q"
                    value=words.clone()
                    placeholder=text::admin_find_field()
                    aria-label=text::admin_find_field()
                    autocomplete="off"
                />
                <button class="button" type="submit">{text::admin_find()}</button>
            </form>
            {list(&words, page)}
            <section class="sheet__part" aria-labelledby="invite-heading">
                <h3 id="invite-heading" class="admin__subheading">{text::admin_invite()}</h3>
                <div class="admin__beside">
                    <p class="admin__lead">
                        {text::admin_invite_why()}
                    </p>
                    {made_link("invite")}
                    <PlainForm name="invite" action="/admin/invite">
                        <PlainField form="invite" name="days" label=text::admin_days() kind="number" value="7"/>
                        <Submit label=text::admin_make_link() look="button--quiet"/>
                    </PlainForm>
                </div>
            </section>
        };
        Ok((text::admin_people().to_owned(), view.into_any()))
    })
}

fn list(words: &str, page: AccountPage) -> AnyView {
    if page.users.is_empty() {
        return view! { <p class="admin__empty">{text::admin_nobody()}</p> }.into_any();
    }
    let more = page.next.map(|after| {
        let query = [("q", words), ("after", after.as_str())];
        view! { <p><a class="button button--quiet" href=address("/admin", &query)>{text::admin_more()}</a></p> }
    });
    let lines = page.users.into_iter().map(line).collect_view();
    view! {
        <table class="ledger">
            <thead>
                <tr>
                    <th scope="col">{text::admin_account()}</th>
                    <th scope="col" class="ledger__wide">{text::admin_made()}</th>
                    <th scope="col">{text::admin_last_seen()}</th>
                    <th scope="col" class="ledger__number ledger__wide">{text::admin_conversations()}</th>
                    <th scope="col" class="ledger__number ledger__wide">{text::admin_messages()}</th>
                    <th scope="col" class="ledger__number">{text::admin_prompts_month()}</th>
                </tr>
            </thead>
            <tbody>{lines}</tbody>
        </table>
        {more}
    }
    .into_any()
}

fn line(account: Account) -> impl IntoView {
    let made = account
        .created_at
        .to_string()
        .chars()
        .take(10)
        .collect::<String>();
    view! {
        <tr>
            <th scope="row">
                <a href=format!("/admin/user/{}", account.id)>{account.email.clone()}</a>
                {badges(&account)}
            </th>
            <td class="ledger__wide">{made}</td>
            <td>{moment(account.last_seen_at)}</td>
            <td class="ledger__number ledger__wide">{text::number(account.conversations)}</td>
            <td class="ledger__number ledger__wide">{text::number(account.messages)}</td>
            <td class="ledger__number">{text::number(account.usage.prompts)}</td>
        </tr>
    }
}

/// What is particular about an account.
pub(super) fn badges(account: &Account) -> impl IntoView + use<> {
    let admin = (account.role == Role::Admin)
        .then(|| view! { " " <span class="badge">{text::admin_administrator()}</span> });
    let locked = account
        .locked_at
        .map(|_| view! { " " <span class="badge badge--bad">{text::admin_locked()}</span> });
    (admin, locked)
}

/// An address with a query; what is empty is left out.
pub(super) fn address(path: &str, query: &[(&str, &str)]) -> String {
    let mut address = path.to_owned();
    let query = query.iter().filter(|(_, value)| !value.is_empty());
    for (place, (name, value)) in query.enumerate() {
        address.push(if place == 0 { '?' } else { '&' });
        address.push_str(name);
        address.push('=');
        address.push_str(&escaped(value));
    }
    address
}

/// What is neither a letter nor a digit, byte by byte.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_carries_any_text() {
        let query = [("q", ""), ("after", "ada+ü@x&y")];
        assert_eq!(address("/admin", &query), "/admin?after=ada%2B%C3%BC%40x%26y");
        assert_eq!(address("/admin", &[]), "/admin");
    }
}
