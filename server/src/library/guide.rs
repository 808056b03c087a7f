//! The guide chatbot of the first start knows Parlance's own README and docs, as documents like any other: it shows what
//! documents are good for before anybody has uploaded one.
//!
//! They are inside the program. After each start a task of its own ([`run`]) compares them, by their sums, with what it has
//! noted of the last time: what is new comes in as an upload does, what is older than this program is replaced, what is gone
//! from it goes, and what somebody has deleted stays away. On several servers at once the store lets one in, and the note
//! is changed by compare-and-set.

use super::upload;
use crate::{app::AppState, outage::Outage};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, time::Duration};
use store::{
    Result,
    chatbot::ChatbotRecord,
    document::{PART_BYTES, Room, Sealed},
};
use wire::{DocumentId, UserId};

/// What it knows, by the names that citations show.
const DOCUMENTS: [(&str, &str); 7] = [
    ("README.md", include_str!("../../../README.md")),
    ("ARCHITECTURE.md", include_str!("../../../ARCHITECTURE.md")),
    ("config.md", include_str!("../../../docs/config.md")),
    ("deployment.md", include_str!("../../../docs/deployment.md")),
    ("mongodb.md", include_str!("../../../docs/mongodb.md")),
    ("operations.md", include_str!("../../../docs/operations.md")),
    ("protocol.md", include_str!("../../../docs/protocol.md")),
];

/// Under which it is noted what was put there.
const NOTE: &str = "guide-documents";
/// Between two attempts while the store does not answer.
const PAUSE: Duration = Duration::from_secs(5);

/// What was put there, by name.
type Placed = BTreeMap<String, Place>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    /// Of its text, in hexadecimal.
    sha256: String,
    /// The document.
    id: DocumentId,
    /// The version of the program that put it there.
    #[serde(default)]
    by: Version,
    /// The one before, while it is not known to be gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replaces: Option<DocumentId>,
}

/// Major, minor, patch. Of two programs on one store the older one leaves alone what the newer one has put there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Version(u32, u32, u32);

impl Version {
    fn ours() -> Self {
        let part = |text: &str| text.parse().unwrap_or_default();
        Self(
            part(env!("CARGO_PKG_VERSION_MAJOR")),
            part(env!("CARGO_PKG_VERSION_MINOR")),
            part(env!("CARGO_PKG_VERSION_PATCH")),
        )
    }
}

/// Nobody has uploaded them: they count against nobody's quota.
fn nobody() -> UserId {
    UserId::from_uuid(uuid::Uuid::nil())
}

/// Does it once, in the background; tries again while the store does not answer.
pub async fn run(app: AppState) {
    let mut outage = Outage::of("give the guide its documents");
    while !outage.note(stock(&app).await) {
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// Brings the guide's documents up to those of this program.
///
/// # Errors
/// The store's. It can be repeated.
pub async fn stock(app: &AppState) -> Result<()> {
    let all = app.store.chatbots_visible_to(nobody(), true).await?;
    let Some(guide) = all.iter().find(|bot| bot.builtin.as_deref() == Some("guide")) else {
        return Ok(());
    };
    for (name, text) in DOCUMENTS {
        while !app.shutdown.is_cancelled() && !place(app, guide, name, text).await? {}
    }
    while !app.shutdown.is_cancelled() && !take_away(app).await? {}
    Ok(())
}

async fn placed(app: &AppState) -> Result<(Option<String>, Placed)> {
    let stands = app.store.note(NOTE).await?;
    // One that cannot be read is begun anew: the same files are recognised.
    let placed = stands
        .as_deref()
        .and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default();
    Ok((stands, placed))
}

/// False when somebody else has noted something meanwhile.
async fn note(app: &AppState, stands: Option<&str>, placed: &Placed) -> Result<bool> {
    let json = serde_json::json!(placed).to_string();
    app.store.replace_note(NOTE, stands, &json).await
}

/// One step for one document; true when nothing is left to do.
async fn place(app: &AppState, guide: &ChatbotRecord, name: &str, text: &str) -> Result<bool> {
    let sum: [u8; 32] = Sha256::digest(text).into();
    let sha256: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
    let (stands, mut placed) = placed(app).await?;
    let before = placed.get(name).cloned();
    let replaces = match before {
        Some(place) if place.sha256 == sha256 => {
            let Some(old) = place.replaces else {
                return Ok(true);
            };
            app.store.delete_document(old).await?;
            let settled = Place {
                replaces: None,
                ..place
            };
            placed.insert(name.to_owned(), settled);
            return note(app, stands.as_deref(), &placed).await;
        }
        Some(place) if place.by > Version::ours() => return Ok(true),
        // Somebody has deleted it, and does not get another one.
        Some(place) if app.store.document(place.id).await?.is_none() => return Ok(true),
        before => {
            // Left from the change before, which was not finished.
            if let Some(old) = before.as_ref().and_then(|place| place.replaces) {
                app.store.delete_document(old).await?;
            }
            before.map(|place| place.id)
        }
    };
    let id = put(app, guide, name, text, sum).await?;
    let new = Place {
        sha256,
        id,
        by: Version::ours(),
        replaces: replaces.filter(|old| *old != id),
    };
    placed.insert(name.to_owned(), new);
    note(app, stands.as_deref(), &placed).await?;
    // Whoever noted it: what is left is to take the one before away.
    Ok(false)
}

/// As an upload: the parts, then the seal. One that is there already is that one.
async fn put(
    app: &AppState,
    guide: &ChatbotRecord,
    name: &str,
    text: &str,
    sum: [u8; 32],
) -> Result<DocumentId> {
    let record = upload::new_record(app, guide.id, nobody(), name);
    let id = record.id;
    app.store.add_document(record).await?;
    for (index, part) in (0..).zip(text.as_bytes().chunks(PART_BYTES)) {
        app.store.put_part(id, index, part.to_vec()).await?;
    }
    let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
    match app
        .store
        .seal_document(id, bytes, sum, Room::UNLIMITED, app.clock.now())
        .await?
    {
        Sealed::Known(known) => {
            app.store.delete_document(id).await?;
            Ok(known.id)
        }
        Sealed::New(_) | Sealed::NoRoomForUser | Sealed::NoRoomInChatbot => {
            app.library.wake();
            Ok(id)
        }
    }
}

/// Takes away what an earlier program put there and this one has no more; true when nothing is left to do.
async fn take_away(app: &AppState) -> Result<bool> {
    let (stands, mut placed) = placed(app).await?;
    let is_ours = |name: &str| DOCUMENTS.iter().any(|(ours, _)| *ours == name);
    let gone: Vec<(String, Place)> = placed
        .iter()
        .filter(|(name, place)| !is_ours(name) && place.by <= Version::ours())
        .map(|(name, place)| (name.clone(), place.clone()))
        .collect();
    if gone.is_empty() {
        return Ok(true);
    }
    for (name, place) in gone {
        placed.remove(&name);
        // One that only has another name by now stays.
        if !placed.values().any(|other| other.id == place.id) {
            app.store.delete_document(place.id).await?;
        }
    }
    note(app, stands.as_deref(), &placed).await
}
