//! The administration: who is let in, what it does to people, what it counts and notes.

mod audit;
mod limits;
mod pages;
mod people;
mod usage;

use crate::world::{Answer, Person, TestServer};
use wire::auth::Role;

/// Somebody who is an administrator.
pub(crate) async fn administrator(server: &TestServer, name: &str) -> Person {
    let person = server.sign_up(name).await;
    let id = person.user.as_ref().unwrap().id;
    server.store().set_role(id, Role::Admin).await.unwrap();
    person
}

/// Where an account is, over REST.
pub(crate) fn account_of(person: &Person) -> String {
    format!("/admin/api/user/{}", person.user.as_ref().unwrap().id)
}

/// A form of the administration's pages, filled in and sent.
pub(crate) async fn submit(person: &Person, path: &str, fields: &[(&str, &str)]) -> Answer {
    let token = person.form_token().await;
    let fields: Vec<_> = [("form_token", token.as_str())]
        .into_iter()
        .chain(fields.iter().copied())
        .collect();
    person.submit(path, &fields).await
}
