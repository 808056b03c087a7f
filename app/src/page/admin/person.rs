//! One account: what is known of it, and what an administrator may do to it.

use super::{
    Tab, administration,
    people::{address, badges},
    words::{grouped, moment, size},
};
use crate::{
    component::plain_form::{Notice, PlainField, PlainForm, Submit},
    data::{Trouble, page_data},
    page::{
        made::made_link,
        param::{param, query},
    },
};
use leptos::prelude::*;
use wire::{
    UserId,
    admin::{Account, DefaultLimits},
    auth::Role,
};

/// Bytes of a MiB.
const MIB: u64 = 1024 * 1024;

/// `/admin/user/{user_id}`.
#[component]
pub(crate) fn Person() -> impl IntoView {
    let id = param::<UserId>("user_id");
    let done = query::<String>("done").unwrap_or_default();
    let reader = page_data().and_then(|data| data.user()).map(|user| user.id);
    administration(Tab::People, async move |data| {
        let id = id.ok_or(Trouble::Missing)?;
        let (account, defaults) = data.account(id).await?;
        let is_self = reader == Some(id);
        let title = account.email.clone();
        let view = view! {
            {said(&done).map(|text| view! { <Notice text=text/> })}
            <h2 class="admin__heading">{account.email.clone()}{badges(&account)}</h2>
            {facts(&account)}
            {standing(&account, is_self)}
            {limits(&account, defaults)}
            {ways_in(&account)}
            {end(&account, is_self)}
        };
        Ok((title, view.into_any()))
    })
}

/// What was just done.
fn said(done: &str) -> Option<&'static str> {
    Some(match done {
        "role" => "The role was changed. They are signed out everywhere.",
        "locked" => "The account is locked. They are signed out everywhere.",
        "unlocked" => "The account is unlocked.",
        "limits" => "The limits were changed.",
        "signed-out" => "They are signed out everywhere.",
        _ => return None,
    })
}

fn facts(account: &Account) -> impl IntoView + use<> {
    let usage = account.usage;
    let log = address("/admin/audit", &[("person", account.email.as_str())]);
    view! {
        <dl class="figures">
            <div><dt>"Made"</dt><dd>{moment(Some(account.created_at))}</dd></div>
            <div><dt>"Last seen"</dt><dd>{moment(account.last_seen_at)}</dd></div>
            <div><dt>"Prompts in 30 days"</dt><dd>{grouped(usage.prompts)}</dd></div>
            <div><dt>"Tokens read and written"</dt><dd>{format!("{} and {}", grouped(usage.tokens_in), grouped(usage.tokens_out))}</dd></div>
        </dl>
        <p><a href=log>"What they did, in the audit log"</a></p>
    }
}

fn part(id: &'static str, heading: &'static str, lead: &'static str, content: AnyView) -> AnyView {
    view! {
        <section class="sheet__part" aria-labelledby=id>
            <h3 id=id class="admin__subheading">{heading}</h3>
            <div class="admin__beside">
                <p class="admin__lead">{lead}</p>
                {content}
            </div>
        </section>
    }
    .into_any()
}

/// Role and lock. One's own role is another administrator's business, and an administrator is not locked.
fn standing(account: &Account, is_self: bool) -> AnyView {
    let id = account.id;
    if is_self {
        let lead = "This is you. Another administrator can change your role.";
        return part("role-heading", "Role", lead, ().into_any());
    }
    let is_admin = account.role == Role::Admin;
    let (new_role, change) = if is_admin {
        ("user", "Make a user")
    } else {
        ("admin", "Make an administrator")
    };
    let role = part(
        "role-heading",
        "Role",
        "Administrators manage everything: all chatbots, all people, these pages. A changed role signs them out.",
        view! {
            <PlainForm name="role" action=format!("/admin/user/{id}/role")>
                <input type="hidden" name="role" value=new_role/>
                <Submit label=change look="button--quiet"/>
            </PlainForm>
        }
        .into_any(),
    );
    if is_admin {
        return role;
    }
    let (locked, change) = if account.locked_at.is_some() {
        ("no", "Unlock this account")
    } else {
        ("yes", "Lock this account")
    };
    let lock = part(
        "lock-heading",
        "Lock",
        "Who is locked is signed out at once and cannot sign in. Everything they have stays.",
        view! {
            <PlainForm name="lock" action=format!("/admin/user/{id}/lock")>
                <input type="hidden" name="locked" value=locked/>
                <Submit label=change look="button--quiet"/>
            </PlainForm>
        }
        .into_any(),
    );
    view! { {role}{lock} }.into_any()
}

fn limits(account: &Account, defaults: DefaultLimits) -> AnyView {
    let own = account.limits;
    let text = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let a_minute = text(own.prompts_per_minute.map(u64::from));
    let daily = text(own.prompts_per_day.map(u64::from));
    let at_once = text(own.generations.map(u64::from));
    let mib = text(own.document_quota.map(|bytes| bytes / MIB));
    let a_day = match defaults.prompts_per_day {
        0 => "Everybody: as many as they like. 0 says the same.".to_owned(),
        number => format!("Everybody: {}. 0: as many as they like.", grouped(number.into())),
    };
    let everybody = |number: u32| format!("Everybody: {}", grouped(number.into()));
    let action = format!("/admin/user/{}/limits", account.id);
    let (minute_hint, once_hint) = (
        everybody(defaults.prompts_per_minute),
        everybody(defaults.generations),
    );
    let quota_hint = format!("Everybody: {}", size(defaults.document_quota));
    part(
        "limits-heading",
        "Limits",
        "What is empty is as for everybody. What is changed holds from the next prompt on.",
        view! {
            <PlainForm name="limits" action=action>
                <div class="admin__fields">
                    <PlainField
                        form="limits" name="prompts_per_minute" label="Prompts a minute" kind="number" may_be_empty=true
                        value=a_minute hint=minute_hint
                    />
                    <PlainField
                        form="limits" name="prompts_per_day" label="Prompts a day" kind="number" may_be_empty=true
                        value=daily hint=a_day
                    />
                    <PlainField
                        form="limits" name="generations" label="Answers at once" kind="number" may_be_empty=true
                        value=at_once hint=once_hint
                    />
                    <PlainField
                        form="limits" name="document_mib" label="Documents, in MiB" kind="number" may_be_empty=true
                        value=mib
                        hint=quota_hint
                    />
                </div>
                <Submit label="Save limits"/>
            </PlainForm>
        }
        .into_any(),
    )
}

fn ways_in(account: &Account) -> AnyView {
    let id = account.id;
    let links = part(
        "password-heading",
        "A new password",
        "For who forgot theirs: a link with which they set a new one, good once and for a day. There is no mail here: hand \
         it over yourself.",
        view! {
            {made_link("password-link")}
            <PlainForm name="password-link" action=format!("/admin/user/{id}/password-link")>
                <Submit label="Make a link" look="button--quiet"/>
            </PlainForm>
        }
        .into_any(),
    );
    let sign_out = part(
        "sign-out-heading",
        "Sign-ins",
        "Signs them out on every device. They may sign in again.",
        view! {
            <PlainForm name="sign-out" action=format!("/admin/user/{id}/sign-out")>
                <Submit label="End all sign-ins" look="button--quiet"/>
            </PlainForm>
        }
        .into_any(),
    );
    view! { {links}{sign_out} }.into_any()
}

fn end(account: &Account, is_self: bool) -> Option<AnyView> {
    if is_self || account.role == Role::Admin {
        return None;
    }
    let (action, hint) = (
        format!("/admin/user/{}/delete", account.id),
        format!("Type {}", account.email),
    );
    Some(part(
        "delete-heading",
        "Delete this account",
        "Their conversations, chatbots, documents and sign-ins go with it, for good.",
        view! {
            <PlainForm name="delete" action=action>
                <PlainField
                    form="delete" name="address" label="Their address, to be sure"
                    hint=hint
                />
                <Submit label="Delete for good" look="button--bad"/>
            </PlainForm>
        }
        .into_any(),
    ))
}
