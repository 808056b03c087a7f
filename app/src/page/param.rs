//! What stands in the address of a page.

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use std::str::FromStr;

/// A part of the path; `None` where it names nothing.
pub(super) fn param<T: FromStr>(name: &str) -> Option<T> {
    use_params_map()
        .with_untracked(|params| params.get(name))?
        .parse()
        .ok()
}

/// A part of the query.
pub(super) fn query<T: FromStr>(name: &str) -> Option<T> {
    use_query_map()
        .with_untracked(|query| query.get(name))?
        .parse()
        .ok()
}
