//! One document after another, for as long as something else is measured.

use crate::Done;
use crate::client::Person;
use std::fmt::Write as _;
use std::time::{Duration, Instant};
use tokio::{runtime::Handle, time::sleep};
use wire::document::{Document, DocumentStatus};

/// Between two looks at a document.
const LOOK: Duration = Duration::from_millis(100);
/// Sections of a document: some fifty pages.
const SECTIONS: u32 = 150;

/// Who uploads, and what became of it.
#[derive(Debug)]
pub(super) struct Feed {
    librarian: Person,
    /// Where the librarian is.
    elsewhere: Handle,
    /// That were begun.
    number: u32,
    /// That became ready.
    pub(super) documents: u64,
    /// Of these.
    pub(super) passages: u64,
    /// How long documents were taken in.
    pub(super) took: Duration,
}

impl Feed {
    pub(super) fn of(librarian: Person, elsewhere: Handle) -> Self {
        Self {
            librarian,
            elsewhere,
            number: 0,
            documents: 0,
            passages: 0,
            took: Duration::ZERO,
        }
    }

    /// Feeds until `measured` is done, and waits for the last document.
    pub(super) async fn until<T>(&mut self, measured: impl Future<Output = Done<T>>) -> Done<T> {
        let began = Instant::now();
        let mut measured = std::pin::pin!(measured);
        let mut done = None;
        while done.is_none() {
            self.number += 1;
            let (librarian, number) = (self.librarian.clone(), self.number);
            let mut reading = self
                .elsewhere
                .spawn(async move { read(&librarian, number).await });
            let passages = loop {
                tokio::select! {
                    passages = &mut reading => break passages??,
                    value = &mut measured, if done.is_none() => done = Some(value?),
                }
            };
            self.documents += 1;
            self.passages += u64::from(passages);
        }
        self.took += began.elapsed();
        done.ok_or_else(|| "nothing was measured".into())
    }
}

/// Uploads a document and waits until it is ready: how many passages it has.
async fn read(librarian: &Person, number: u32) -> Done<u32> {
    let name = format!("manual-{number}.md");
    librarian.upload(&name, &text(number)).await?;
    loop {
        let documents: Vec<Document> = librarian.documents().await?;
        let document = documents.into_iter().find(|document| document.name == name);
        let document = document.ok_or("the document is not there")?;
        match document.status {
            DocumentStatus::Ready => return Ok(document.chunks.unwrap_or_default()),
            DocumentStatus::Failed => return Err(format!("{:?}", document.failure).into()),
            _ => sleep(LOOK).await,
        }
    }
}

/// No two are alike.
fn text(number: u32) -> String {
    let mut text = format!("# Manual {number}\n\n");
    for section in 0..SECTIONS {
        // Writing into a String does not fail.
        let _written = write!(text, "## Section {section}\n\n");
        for sentence in 0..8 {
            let _written = write!(
                text,
                "Kettle {number} of series {section} boils {sentence} litres of water in {} minutes, and its warranty lasts \
                 {} months from the day of purchase. ",
                section % 9 + sentence,
                number % 12 + section
            );
        }
        text.push_str("\n\n");
    }
    text
}
