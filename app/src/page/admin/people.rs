//! The people who have an account: found by the beginning of their address, and invited.

use super::{
    Tab, administration,
    words::{grouped, moment},
};
use crate::{
    component::plain_form::{Notice, PlainField, PlainForm, Submit},
    page::{made::made_link, param::query},
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
            {deleted.then(|| view! { <Notice text="The account was deleted."/> })}
            <h2 class="admin__heading">"People"</h2>
            <form class="ask" method="get" action="/admin" role="search">
                <input
                    class="ask__field"
                    type="search"
                    name="q"
                    value=words.clone()
                    placeholder="Beginning of an address"
                    aria-label="Beginning of an address"
                    autocomplete="off"
                />
                <button class="button" type="submit">"Find"</button>
            </form>
            {list(&words, page)}
            <section class="sheet__part" aria-labelledby="invite-heading">
                <h3 id="invite-heading" class="admin__subheading">"Invite somebody"</h3>
                <div class="admin__beside">
                    <p class="admin__lead">
                        "A link with which one person makes an account. There is no mail here: hand it over yourself."
                    </p>
                    {made_link("invite")}
                    <PlainForm name="invite" action="/admin/invite">
                        <PlainField form="invite" name="days" label="Good for so many days" kind="number" value="7"/>
                        <Submit label="Make a link" look="button--quiet"/>
                    </PlainForm>
                </div>
            </section>
        };
        Ok(("People".to_owned(), view.into_any()))
    })
}

fn list(words: &str, page: AccountPage) -> AnyView {
    if page.users.is_empty() {
        return view! { <p class="admin__empty">"Nobody has such an address."</p> }.into_any();
    }
    let more = page.next.map(|after| {
        let query = [("q", words), ("after", after.as_str())];
        view! { <p><a class="button button--quiet" href=address("/admin", &query)>"More"</a></p> }
    });
    let lines = page.users.into_iter().map(line).collect_view();
    view! {
        <table class="ledger">
            <thead>
                <tr>
                    <th scope="col">"Account"</th>
                    <th scope="col" class="ledger__wide">"Made"</th>
                    <th scope="col">"Last seen"</th>
                    <th scope="col" class="ledger__number">"Prompts, 30 days"</th>
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
            <td class="ledger__number">{grouped(account.usage.prompts)}</td>
        </tr>
    }
}

/// What is particular about an account.
pub(super) fn badges(account: &Account) -> impl IntoView + use<> {
    let admin =
        (account.role == Role::Admin).then(|| view! { " " <span class="badge">"Administrator"</span> });
    let locked = account
        .locked_at
        .map(|_| view! { " " <span class="badge badge--bad">"Locked"</span> });
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
