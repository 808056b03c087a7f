//! Who uploaded a document is told how it goes on, wherever they have a socket.
//!
//! A server that is alone tells it when it happens ([`now`]). Among several, whoever works on a document does not know where
//! its user is: every server looks what changed, for those users who have a socket there ([`look`], called by
//! [`crate::node`]). Changes are numbered, a user; the number that a socket begins with is read when it comes ([`begin`]).

use super::super::document;
use crate::app::App;
use parking_lot::Mutex;
use std::{collections::HashMap, time::Duration};
use store::{Result, document::DocumentRecord};
use tokio::time::Instant;
use wire::{DocumentId, UserId, socket::ServerEvent};

/// A change may be written after the one that follows it: so far back it is looked for again.
const BACK: u64 = 32;
/// Documents that are told of in one look, of one user.
const TOLD: u32 = 100;
/// A user without a socket here is forgotten after this long.
const FORGET: Duration = Duration::from_secs(60);

/// How far the users who have sockets here have been told.
#[derive(Debug, Default)]
pub(crate) struct Followed(Mutex<HashMap<UserId, Seen>>);

#[derive(Debug)]
struct Seen {
    /// What changed up to here was before anybody listened.
    base: u64,
    /// The last number that was looked at.
    last: u64,
    /// What belongs to it may not have been written then.
    again: bool,
    /// What was told, by the number of the change.
    told: HashMap<DocumentId, u64>,
    looked_at: Instant,
}

impl Seen {
    fn from(number: u64) -> Self {
        Self {
            base: number,
            last: number,
            again: false,
            told: HashMap::new(),
            looked_at: Instant::now(),
        }
    }

    /// Behind which number to look now; `None` when there is nothing new.
    fn behind(&self, number: u64) -> Option<u64> {
        (self.again || self.last != number).then(|| self.base.max(self.last.saturating_sub(BACK)))
    }

    /// Takes in what was found behind `behind`, when the last number was `number`: what is to be told.
    fn take(&mut self, number: u64, behind: u64, found: Vec<DocumentRecord>) -> Vec<DocumentRecord> {
        let is_all = found.len() < usize::try_from(TOLD).unwrap_or(usize::MAX);
        let reached = match found.last() {
            Some(last) if !is_all => last.change,
            _ => number,
        };
        self.again = !is_all || self.last != reached;
        self.last = reached;
        self.told.retain(|_, change| *change > behind);
        let mut news = Vec::new();
        for document in found {
            if self.told.insert(document.id, document.change) != Some(document.change) {
                news.push(document);
            }
        }
        news
    }
}

/// Tells of the document as it is now; nothing when it is gone. Among several servers, [`look`] does it.
pub(super) async fn now(app: &App, id: DocumentId) -> Result<()> {
    if app.alone
        && let Some(record) = app.store.document(id).await?
    {
        tell(app, &record);
    }
    Ok(())
}

fn tell(app: &App, record: &DocumentRecord) {
    let document = document::shown(record);
    app.sessions.tell_user(record.user_id, || ServerEvent::Ingestion {
        document: document.clone(),
    });
}

/// A socket of this user comes: what changes from now on is told.
///
/// # Errors
/// The store's.
pub(crate) async fn begin(app: &App, user: UserId) -> Result<()> {
    let followed = &app.library.followed.0;
    if followed.lock().contains_key(&user) {
        return Ok(());
    }
    let changes = app.store.document_changes(&[user]).await?;
    let number = changes.first().map_or(0, |(_, number)| *number);
    followed.lock().entry(user).or_insert_with(|| Seen::from(number));
    Ok(())
}

/// Tells these users, who have sockets here, what changed: one small read, and one more for each of them whose documents
/// did.
///
/// # Errors
/// The store's; what was not told is told by the next look.
pub(crate) async fn look(app: &App, users: &[UserId]) -> Result<()> {
    let followed = &app.library.followed.0;
    let changes = app.store.document_changes(users).await?;
    let now = Instant::now();
    for (user, number) in changes {
        let behind = {
            let mut followed = followed.lock();
            let seen = followed.entry(user).or_insert_with(|| Seen::from(number));
            seen.looked_at = now;
            seen.behind(number)
        };
        let Some(behind) = behind else {
            continue;
        };
        let found = app.store.changed_documents(user, behind, TOLD).await?;
        let news = match followed.lock().get_mut(&user) {
            Some(seen) => seen.take(number, behind, found),
            None => Vec::new(),
        };
        news.iter().for_each(|document| tell(app, document));
    }
    followed
        .lock()
        .retain(|user, seen| users.contains(user) || seen.looked_at.elapsed() < FORGET);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{ChatbotId, Timestamp, document::DocumentStatus};

    fn changed(id: u128, change: u64) -> DocumentRecord {
        DocumentRecord {
            id: DocumentId::from_uuid(uuid::Uuid::from_u128(id)),
            chatbot_id: ChatbotId::from_uuid(uuid::Uuid::nil()),
            user_id: UserId::from_uuid(uuid::Uuid::nil()),
            name: "zephyr.md".into(),
            media_type: None,
            bytes: 1,
            sha256: [0; 32],
            sealed: true,
            status: DocumentStatus::Ready,
            progress: None,
            failure: None,
            pages: None,
            chunks: None,
            embedding_models: Vec::new(),
            fence: 1,
            ready_fence: None,
            lease: None,
            attempts: 0,
            change,
            created_at: Timestamp::from_millis(0),
        }
    }

    fn changes(news: &[DocumentRecord]) -> Vec<u64> {
        news.iter().map(|document| document.change).collect()
    }

    #[test]
    fn a_change_is_told_once_also_when_it_is_written_after_the_one_that_follows_it() {
        let mut seen = Seen::from(5);
        assert_eq!(seen.behind(5), None, "nothing new");
        let behind = seen.behind(7).unwrap();
        assert_eq!(behind, 5);
        // The sixth has its number, and is not written yet.
        let news = seen.take(7, behind, vec![changed(1, 7)]);
        assert_eq!(changes(&news), [7]);
        let behind = seen.behind(7).expect("one look more");
        let news = seen.take(7, behind, vec![changed(2, 6), changed(1, 7)]);
        assert_eq!(changes(&news), [6]);
        assert_eq!(seen.behind(7), None);
        let behind = seen.behind(8).unwrap();
        let news = seen.take(8, behind, vec![changed(1, 7), changed(2, 8)]);
        assert_eq!(changes(&news), [8], "the same document, changed again");
    }

    #[test]
    fn more_than_can_be_told_at_once_is_told_by_the_next_looks() {
        let mut seen = Seen::from(0);
        let behind = seen.behind(150).unwrap();
        let first: Vec<_> = (1..=100).map(|n| changed(n.into(), n)).collect();
        assert_eq!(seen.take(150, behind, first).len(), 100);
        let behind = seen.behind(150).expect("there is more");
        assert!(behind < 100);
        let rest: Vec<_> = (behind + 1..=150).map(|n| changed(n.into(), n)).collect();
        let news = changes(&seen.take(150, behind, rest));
        assert_eq!(news, (101..=150).collect::<Vec<_>>());
    }
}
