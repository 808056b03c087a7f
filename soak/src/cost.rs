//! What one long answer costs: 32,000 tokens at full speed, counted where they leave the server. Every byte is to go to the
//! browser about once and to the store a few times, however long the answer is.
//!
//! Counted from outside, so that nothing can be forgotten: to the browser all chunk frames with their heads
//! (`response_complete`, which has the whole text again, apart); to MongoDB every byte that passes the proxy before it, also
//! commands that have nothing to do with the answer; of SQLite what its file has grown by once the log is folded into it:
//! whole pages, indexes and all. What the disk was given for that (the log, then the pages again, each as often as it was
//! touched) is told and not judged: it depends on how fast the answer came.
//! Start at [`measure`]; [`Cost::broken`] is what must hold.

use crate::Done;
use crate::database::{Database, Source};
use crate::order::Order;
use crate::stage::{Setting, Stage};
use crate::upstream::Speech;
use crate::user::socket::{Heard, Socket};
use crate::user::{Account, Failure};
use hyper::Method;
use rusqlite::{Connection, OpenFlags};
use rustix::process::Signal;
use std::fmt;
use std::path::Path;
use std::time::Duration;
use wire::chatbot::Chatbot;
use wire::session::SessionOpened;
use wire::socket::{ClientEvent, ServerEvent};

/// Tokens of the answer.
const TOKENS: u32 = 32_000;
/// No frame but the last is larger.
const FRAME_BYTES: u64 = 64 * 1024;
/// Chunk frames, as a share of the text.
const TO_BROWSER: u64 = 2;
/// The store, as a share of the text.
const TO_STORE: u64 = 5;
const PATIENCE: Duration = Duration::from_secs(60);
const ENDED: Duration = Duration::from_secs(30);

/// What an answer cost, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// The answer itself.
    pub text: u64,
    /// All chunk frames.
    pub to_browser: u64,
    /// The largest of them.
    pub largest_frame: u64,
    /// Frames.
    pub frames: u64,
    /// As said above.
    pub to_store: u64,
    /// What the system was given to write to the disk, where the server's own files are there.
    pub to_disk: Option<u64>,
}

impl Cost {
    /// What is more than it may be.
    pub fn broken(&self) -> Vec<String> {
        let mut broken = Vec::new();
        if self.text == 0 {
            broken.push("nothing was said".to_owned());
        }
        if self.to_browser > TO_BROWSER * self.text {
            broken.push(format!(
                "{} bytes of chunk frames for {}",
                self.to_browser, self.text
            ));
        }
        if self.largest_frame > FRAME_BYTES {
            broken.push(format!("a frame has {} bytes", self.largest_frame));
        }
        if self.to_store > TO_STORE * self.text {
            broken.push(format!("{} bytes to the store for {}", self.to_store, self.text));
        }
        broken
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = |bytes: u64| Hundredths(bytes.saturating_mul(100) / self.text.max(1));
        write!(
            f,
            "{} bytes of text; to the browser {} times that in {} frames, the largest of {} bytes; to the store {} times",
            self.text,
            times(self.to_browser),
            self.frames,
            self.largest_frame,
            times(self.to_store)
        )?;
        if let Some(bytes) = self.to_disk {
            write!(f, "; to the disk {} times", times(bytes))?;
        }
        Ok(())
    }
}

struct Hundredths(u64);

impl fmt::Display for Hundredths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// Lets one answer come, and counts.
///
/// # Errors
/// It does not come, or not whole.
pub async fn measure(program: &Path, folder: &Path, source: &Source) -> Done<Cost> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let fresh = source.fresh(&format!("{name}-cost")).await?;
    let setting = Setting {
        program,
        folder,
        database: &fresh.database,
        nodes: 1,
        lease: Duration::from_secs(5),
        seed: 1,
        speech: Speech::Words,
        settings: &[],
    };
    let stage = Stage::set_up(&setting).await?;
    let mut account = Account::sign_up(stage.front.address, "long@example.org").await?;
    let bots: Vec<Chatbot> = account.read("/chatbot").await?;
    let path = format!(
        "/chatbot/{}/session",
        bots.first().ok_or("there is no chatbot")?.id
    );
    let session: SessionOpened = account
        .call(Method::POST, &path, "")
        .await
        .map_err(|failure: Failure| format!("{path}: {failure:?}"))?;
    let access = account.access.clone();
    let mut socket = Socket::open(stage.front.address, session.session_id, &access, None).await?;
    let file = stage.data(0)?.join("parlance.db");
    let before = Stored::now(&stage, &fresh.database, &file)?;
    let mut cost = Cost::default();
    let order = Order {
        number: 1,
        tokens: TOKENS,
        rate: 0,
    };
    let prompt = ClientEvent::Text {
        message: order.to_string(),
        client_message_id: None,
    };
    if !socket.tell(&prompt).await {
        return Err("the prompt could not be sent".into());
    }
    while !listen(&mut socket, &mut cost).await? {}
    drop(socket);
    let disk = stage.written(0)?.checked_sub(before.disk);
    let after = match &fresh.database {
        Database::Mongodb(_) => Stored::now(&stage, &fresh.database, &file)?,
        // It folds its log into the file when it ends.
        Database::Sqlite => {
            stage.end(0, Signal::TERM, ENDED).await?;
            Stored {
                store: file_bytes(&file)?,
                disk: 0,
            }
        }
    };
    cost.to_store = after.store.saturating_sub(before.store);
    cost.to_disk = disk.filter(|_| stage.is_alone());
    Ok(cost)
}

/// Takes the next frame in; true when the answer has ended, whole.
async fn listen(socket: &mut Socket, cost: &mut Cost) -> Done<bool> {
    let event = match socket.hear(PATIENCE).await {
        Heard::Event(event) => *event,
        other => return Err(format!("the answer broke off: {other:?}").into()),
    };
    match &event {
        ServerEvent::ResponseChunk { chunk, .. } => {
            let frame = u64::try_from(serde_json::to_string(&event)?.len())? + 4;
            cost.text += u64::try_from(chunk.len())?;
            cost.to_browser += frame;
            cost.largest_frame = cost.largest_frame.max(frame);
            cost.frames += 1;
            Ok(false)
        }
        ServerEvent::ResponseComplete { full_response, .. } => {
            let whole = u64::try_from(full_response.len())?;
            match whole == cost.text {
                true => Ok(true),
                false => Err(format!("the whole has {whole} bytes, its parts {}", cost.text).into()),
            }
        }
        ServerEvent::Error { message, .. } => Err(message.clone().into()),
        _ => Ok(false),
    }
}

/// Counters, at one moment.
#[derive(Debug, Clone, Copy)]
struct Stored {
    store: u64,
    disk: u64,
}

impl Stored {
    fn now(stage: &Stage, database: &Database, file: &Path) -> Done<Self> {
        let store = match database {
            Database::Mongodb(_) => stage.asked_bytes(),
            Database::Sqlite => file_bytes(file)?,
        };
        Ok(Self {
            store,
            disk: stage.written(0)?,
        })
    }
}

/// Of all pages in use, those that lie in its log among them.
fn file_bytes(file: &Path) -> Done<u64> {
    let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let number = |pragma: &str| db.query_row(pragma, [], |row| row.get::<_, i64>(0));
    let pages = number("PRAGMA page_count")? - number("PRAGMA freelist_count")?;
    Ok(u64::try_from(pages * number("PRAGMA page_size")?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Cost = Cost {
        text: 100_000,
        to_browser: 110_000,
        largest_frame: 9_000,
        frames: 12,
        to_store: 400_000,
        to_disk: Some(900_000),
    };

    #[test]
    fn what_is_within_its_bounds_is_good() {
        assert_eq!(GOOD.broken(), Vec::<String>::new());
    }

    #[test]
    fn each_bound_is_one() {
        let wrong: [fn(&mut Cost); 4] = [
            |cost| cost.to_browser = 200_001,
            |cost| cost.to_store = 500_001,
            |cost| cost.largest_frame = 65_537,
            |cost| *cost = Cost::default(),
        ];
        for wrong in wrong {
            let mut cost = GOOD;
            wrong(&mut cost);
            assert_eq!(cost.broken().len(), 1, "{cost:?}");
        }
    }

    #[test]
    fn it_is_told_in_times_of_the_text() {
        let told = GOOD.to_string();
        assert!(
            told.contains("to the browser 1.10 times that in 12 frames"),
            "{told}"
        );
        assert!(told.contains("to the disk 9.00 times"), "{told}");
    }
}
