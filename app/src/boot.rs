//! What every page knows from its first moment: the server and the user. Given by the server in the page
//! itself, so that the first draw in the browser is the same.

use crate::{
    data::PageData,
    net::{api, browser},
};
use leptos::{prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use wire::auth::{ModelState, ServerInfo, User};

/// How often a model that is being loaded is asked after.
const LOOK: Duration = Duration::from_secs(3);

#[derive(Clone, Serialize, Deserialize)]
struct Given {
    info: ServerInfo,
    user: Option<User>,
}

/// The server and the user, by context.
#[derive(Clone, Copy)]
pub(crate) struct Boot {
    /// `None` only while routes are listed, when there is no page.
    pub(crate) info: RwSignal<Option<ServerInfo>>,
    pub(crate) user: StoredValue<Option<User>>,
    /// Whether the page is awake: before that, buttons would do nothing.
    pub(crate) awake: RwSignal<bool>,
}

/// Puts [`Boot`] into the context, and wakes the page when it runs in a browser.
pub(crate) fn provide() {
    let given: Option<Given> = SharedValue::new(|| {
        use_context::<Arc<dyn PageData>>().map(|data| Given { info: data.info(), user: data.user() })
    })
    .into_inner();
    let (info, user) = given.map(|given| (given.info, given.user)).unzip();
    let boot = Boot {
        info: RwSignal::new(info),
        user: StoredValue::new(user.flatten()),
        awake: RwSignal::new(false),
    };
    provide_context(boot);
    Effect::new(move || {
        boot.awake.set(true);
        if let Some(root) = document().document_element() {
            // Tests wait for this before they click.
            let _ = root.set_attribute("data-hydrated", "");
        }
        boot.look();
    });
}

impl Boot {
    /// The boot of the page being drawn.
    pub(crate) fn here() -> Self {
        expect_context()
    }

    fn look(self) {
        let loading = self.info.try_get_untracked().flatten().map(|info| info.model.state) == Some(ModelState::Loading);
        if !loading {
            return;
        }
        let again = move || {
            spawn_local(async move {
                if browser::is_visible()
                    && let Ok(info) = api::info().await
                {
                    self.info.try_set(Some(info));
                }
                self.look();
            });
        };
        set_timeout(again, LOOK);
    }
}
