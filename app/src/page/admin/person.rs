//! One account: what is known of it, and what an administrator may do to it.

use super::{
    Tab, administration,
    people::{address, badges},
    words::{moment, size},
};
use crate::{
    component::plain_form::{Notice, PlainField, PlainForm, Submit},
    data::{Trouble, page_data},
    page::{
        made::made_link,
        param::{param, query},
    },
    text,
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
        "role" => text::admin_done_role(),
        "locked" => text::admin_done_locked(),
        "unlocked" => text::admin_done_unlocked(),
        "limits" => text::admin_done_limits(),
        "signed-out" => text::admin_done_signed_out(),
        _ => return None,
    })
}

fn facts(account: &Account) -> impl IntoView + use<> {
    let usage = account.usage;
    let log = address("/admin/audit", &[("person", account.email.as_str())]);
    view! {
        <dl class="figures">
            <div><dt>{text::admin_made()}</dt><dd>{moment(Some(account.created_at))}</dd></div>
            <div><dt>{text::admin_last_seen()}</dt><dd>{moment(account.last_seen_at)}</dd></div>
            <div><dt>{text::admin_conversations()}</dt><dd>{text::number(account.conversations)}</dd></div>
            <div><dt>{text::admin_messages()}</dt><dd>{text::number(account.messages)}</dd></div>
            <div><dt>{text::admin_prompts_in_month()}</dt><dd>{text::number(usage.prompts)}</dd></div>
            <div><dt>{text::admin_tokens()}</dt><dd>{text::admin_tokens_of(usage.tokens_in, usage.tokens_out)}</dd></div>
        </dl>
        <p><a href=log>{text::admin_what_they_did()}</a></p>
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
        let lead = text::admin_role_self();
        return part("role-heading", text::admin_role(), lead, ().into_any());
    }
    let is_admin = account.role == Role::Admin;
    let (new_role, change) = if is_admin {
        ("user", text::admin_make_user())
    } else {
        ("admin", text::admin_make_admin())
    };
    let role = part(
        "role-heading",
        text::admin_role(),
        text::admin_role_why(),
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
        ("no", text::admin_unlock_do())
    } else {
        ("yes", text::admin_lock_do())
    };
    let lock = part(
        "lock-heading",
        text::admin_lock(),
        text::admin_lock_why(),
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
        0 => text::admin_day_free().to_owned(),
        number => text::admin_day_limited(number),
    };
    let everybody = |number: u32| text::admin_everybody(&text::number(number));
    let action = format!("/admin/user/{}/limits", account.id);
    let (minute_hint, once_hint) = (
        everybody(defaults.prompts_per_minute),
        everybody(defaults.generations),
    );
    let quota_hint = text::admin_everybody(&size(defaults.document_quota));
    part(
        "limits-heading",
        text::admin_limits(),
        text::admin_limits_why(),
        view! {
            <PlainForm name="limits" action=action>
                <div class="admin__fields">
                    <PlainField
                        form="limits" name="prompts_per_minute" label=text::admin_prompts_minute() kind="number" may_be_empty=true
                        value=a_minute hint=minute_hint
                    />
                    <PlainField
                        form="limits" name="prompts_per_day" label=text::admin_prompts_day() kind="number" may_be_empty=true
                        value=daily hint=a_day
                    />
                    <PlainField
                        form="limits" name="generations" label=text::admin_at_once() kind="number" may_be_empty=true
                        value=at_once hint=once_hint
                    />
                    <PlainField
                        form="limits" name="document_mib" label=text::admin_documents_mib() kind="number" may_be_empty=true
                        value=mib
                        hint=quota_hint
                    />
                </div>
                <Submit label=text::admin_limits_save()/>
            </PlainForm>
        }
        .into_any(),
    )
}

fn ways_in(account: &Account) -> AnyView {
    let id = account.id;
    let links = part(
        "password-heading",
        text::admin_password(),
        text::admin_password_why(),
        view! {
            {made_link("password-link")}
            <PlainForm name="password-link" action=format!("/admin/user/{id}/password-link")>
                <Submit label=text::admin_make_link() look="button--quiet"/>
            </PlainForm>
        }
        .into_any(),
    );
    let sign_out = part(
        "sign-out-heading",
        text::admin_sign_ins(),
        text::admin_sign_ins_why(),
        view! {
            <PlainForm name="sign-out" action=format!("/admin/user/{id}/sign-out")>
                <Submit label=text::admin_end_sign_ins() look="button--quiet"/>
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
        text::admin_delete_type(&account.email),
    );
    Some(part(
        "delete-heading",
        text::admin_delete(),
        text::admin_delete_why(),
        view! {
            <PlainForm name="delete" action=action>
                <PlainField
                    form="delete" name="address" label=text::admin_delete_address()
                    hint=hint
                />
                <Submit label=text::admin_delete_do() look="button--bad"/>
            </PlainForm>
        }
        .into_any(),
    ))
}
