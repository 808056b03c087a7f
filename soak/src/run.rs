//! One run: the stage is set up, users come, a schedule of faults passes over them, everything settles, and what they were
//! told is compared with what is stored.

use crate::Done;
use crate::checker::{self, Rule, Violation};
use crate::evidence::{Archive, Evidence, History};
use crate::ledger::{Book, Counts, Ledger};
use crate::schedule::Schedule;
use crate::stage::{Setting, Stage};
use crate::user::{self, Account, Guest, Invitation};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use wire::conversation::MessagePage;
use wire::message::MessageRole;

/// Settings of the program that make things happen in seconds which otherwise take hours.
pub const HASTE: [(&str, &str); 4] = [
    ("PARLANCE_DRAIN", "1s"),
    ("PARLANCE_SESSION_GRACE", "6s"),
    ("PARLANCE_ACCESS_TOKEN_LIFE", "8s"),
    ("PARLANCE_PING_INTERVAL", "3s"),
];

/// When all is well again, everything is settled by then.
const SETTLING: Duration = Duration::from_secs(60);
/// Users bring their last prompt to an end by then; each has its own, shorter patience.
const LEAVING: Duration = Duration::from_secs(400);
const LOOK: Duration = Duration::from_millis(200);
const PAGE: u32 = 100;

/// What came of a run.
#[derive(Debug)]
pub struct Verdict {
    /// The rules that were broken.
    pub violations: Vec<Violation>,
    /// Prompts that were acknowledged.
    pub prompts: usize,
    /// Answers, by how they ended.
    pub answers: BTreeMap<String, usize>,
    /// What users went through.
    pub counts: Counts,
    /// From the end of all faults until everybody had left and everything was settled.
    pub recovery: Duration,
}

/// Lets it all happen.
///
/// # Errors
/// The stage cannot be set up, or falls over.
pub async fn run(setting: &Setting<'_>, archive: &Archive, users: u64, schedule: &Schedule) -> Done<Verdict> {
    let stage = Stage::set_up(setting).await?;
    let book = Book::default();
    let (ending, until) = watch::channel(false);
    let mut coming = JoinSet::new();
    for number in 1..=users {
        let front = stage.front.address;
        coming.spawn(async move { Account::sign_up(front, &format!("user-{number}@example.org")).await });
    }
    let mut people = JoinSet::new();
    for (account, number) in coming.join_all().await.into_iter().zip(1..) {
        let invitation = Invitation {
            front: stage.front.address,
            book: book.clone(),
            number,
            seed: schedule.seed,
            ending: until.clone(),
        };
        people.spawn(user::live(account?, invitation));
    }
    stage.suffer(schedule).await?;
    let healed = Instant::now();
    ending.send_replace(true);
    let mut guests = Vec::new();
    let mut complaints = Vec::new();
    let leaving = async {
        while let Some(guest) = people.join_next().await {
            match guest? {
                Ok(guest) => guests.push(guest),
                Err(error) => complaints.push(format!("a user gave up: {error}")),
            }
        }
        Done::Ok(())
    };
    match timeout(LEAVING, leaving).await {
        Ok(left) => left?,
        Err(_) => complaints.push(format!("not all users have left after {LEAVING:?}")),
    }
    let evidence = gather(archive, &mut guests).await?;
    let recovery = healed.elapsed();
    complaints.extend(stage.complaints());
    let mut ledger = book.close();
    ledger.complaints.extend(complaints);
    Ok(judge(&ledger, &evidence, recovery))
}

/// Reads all that is stored, once nothing is under way any more, or as it is when that takes too long.
async fn gather(archive: &Archive, guests: &mut [Guest]) -> Done<Evidence> {
    let start = Instant::now();
    let records = loop {
        let records = archive.read().await?;
        let settled = records
            .generations
            .iter()
            .all(|run| run.settled && run.outcome.is_some());
        if settled || start.elapsed() > SETTLING {
            break records;
        }
        sleep(LOOK).await;
    };
    let mut histories = Vec::new();
    for guest in guests {
        for id in guest.conversations.clone() {
            let mut messages = Vec::new();
            loop {
                let before = messages
                    .first()
                    .map(|first: &wire::message::Message| format!("&before={}", first.id))
                    .unwrap_or_default();
                let path = format!("/conversation/{id}/message?limit={PAGE}{before}");
                let page: MessagePage = guest.account.read(&path).await?;
                messages.splice(0..0, page.messages);
                if !page.has_more {
                    break;
                }
            }
            histories.push(History { id, messages });
        }
    }
    Ok(Evidence { histories, records })
}

fn judge(ledger: &Ledger, evidence: &Evidence, recovery: Duration) -> Verdict {
    let mut violations = checker::check(ledger, evidence);
    let prompts = ledger
        .prompts
        .iter()
        .filter(|prompt| !prompt.acks.is_empty())
        .count();
    if prompts == 0 {
        violations.push(Violation {
            rule: Rule::Complaint,
            what: "not one prompt was acknowledged: nothing was tested".into(),
        });
    }
    let mut answers = BTreeMap::new();
    for message in evidence.histories.iter().flat_map(|history| &history.messages) {
        if message.role == MessageRole::Assistant {
            *answers
                .entry(format!("{:?}", message.status).to_lowercase())
                .or_default() += 1;
        }
    }
    Verdict {
        violations,
        prompts,
        answers,
        counts: ledger.counts,
        recovery,
    }
}
