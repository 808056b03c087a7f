//! Coming back: somebody loses the socket, the page, the network or the server in the middle of a long answer, and comes
//! back. What is on the page then, and what is stored, is exactly what the model said; where the server went away in the
//! middle, a beginning of it that lacks next to nothing, and Continue brings the rest.
//!
//! Start at [`run`]. [`Fault`] is what can happen, [`Pace`] how fast; [`scene`] plays what happens to a client,
//! [`ending`] what happens to the server; [`visitor`] is who comes back, [`page`] what they see; [`rules`] says what must
//! hold, and is pure.

mod ending;
mod fault;
mod noise;
mod pace;
mod page;
mod rules;
mod scene;
mod visitor;

pub use fault::Fault;
pub use pace::Pace;

use crate::Done;
use crate::database::{Database, Source};
use crate::evidence::Archive;
use crate::stage::{Setting, Stage};
use crate::upstream::Speech;
use rules::Testimony;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::time::Duration;

/// Visitors on one server, at most: more would test the machine.
const TOGETHER: usize = 20;
/// Answers that one end of the server cuts, at most: each end hits the log's batches at another moment.
const CUT_TOGETHER: usize = 5;
/// As the program has it.
const LEASE: Duration = Duration::from_secs(5);

/// What is to be played.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Which faults.
    pub faults: Vec<Fault>,
    /// How many points of an answer, for each fault.
    pub points: usize,
    /// For the points, and all other chance.
    pub seed: u64,
    /// How fast.
    pub pace: Pace,
}

/// What came of one fault, over all its points.
#[derive(Debug, Default)]
pub struct Report {
    points: usize,
    broken: Vec<String>,
    lacks: Vec<Lack>,
    marked: Option<Duration>,
}

/// How much of an answer was lost, and what is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Lack {
    lack: Duration,
    noise: Duration,
}

impl Report {
    /// Whether all that must hold did, at every point.
    pub fn is_good(&self) -> bool {
        self.points > 0 && self.broken.is_empty()
    }

    /// What did not hold.
    pub fn broken(&self) -> &[String] {
        &self.broken
    }

    fn take(&mut self, testimony: &Testimony) {
        self.points += 1;
        let broken = rules::check(testimony);
        let at = testimony.point;
        self.broken
            .extend(broken.iter().map(|broken| format!("at token {at}: {broken}")));
        if let Some(cut) = &testimony.cut {
            let noise = cut.noise;
            self.lacks
                .extend(cut.lack(testimony).map(|lack| Lack { lack, noise }));
            self.marked = self.marked.max(cut.marked);
        }
    }
}

/// Points, and where the server was cut how near it was.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} points", self.points)?;
        if let Some(Lack { lack, noise }) = self.lacks.iter().max() {
            write!(
                f,
                ", lacked at most {} ms of what had been said (allowed: {} ms, and {} ms for what the machine was late then)",
                lack.as_millis(),
                rules::LACK.as_millis(),
                noise.as_millis()
            )?;
        }
        if let Some(marked) = self.marked {
            write!(
                f,
                ", marked at most {:.1} s after the restart",
                marked.as_secs_f32()
            )?;
        }
        Ok(())
    }
}

/// Plays everything of a plan on one kind of database, a fresh one for each server.
///
/// # Errors
/// The stage cannot be set up, or somebody did not come through.
pub async fn run(
    plan: &Plan,
    program: &Path,
    folder: &Path,
    source: &Source,
) -> Done<BTreeMap<Fault, Report>> {
    let mut reports: BTreeMap<Fault, Report> = BTreeMap::new();
    for (number, party) in parties(plan).into_iter().enumerate() {
        let name = format!("{}-{number}", party.name());
        let home = folder.join(&name);
        std::fs::create_dir_all(&home)?;
        let place = folder.file_name().unwrap_or_default().to_string_lossy();
        let fresh = source.fresh(&format!("{place}-{name}")).await?;
        let settings = plan.pace.settings(party.ends_server());
        let settings: Vec<(&str, &str)> = settings
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let setting = Setting {
            program,
            folder: &home,
            database: &fresh.database,
            nodes: 1,
            lease: LEASE,
            seed: plan.seed,
            speech: Speech::Numbered,
            settings: &settings,
        };
        let stage = Stage::set_up(&setting).await?;
        for testimony in party.play(&stage, &home, plan).await? {
            reports.entry(testimony.fault).or_default().take(&testimony);
        }
        let complaints = stage.complaints();
        let fault = party.parts.first().map(|(fault, _)| *fault);
        if let Some(fault) = fault {
            reports.entry(fault).or_default().broken.extend(complaints);
        }
        if let Database::Mongodb(mongodb) = fresh.database.clone() {
            drop(stage);
            Archive::Mongodb(mongodb).discard().await?;
        }
    }
    Ok(reports)
}

/// Who shares one server.
struct Party {
    /// What happens to each, and behind which token.
    parts: Vec<(Fault, u32)>,
}

fn parties(plan: &Plan) -> Vec<Party> {
    let mut random = fastrand::Rng::with_seed(plan.seed);
    let mut points = |fault: Fault| -> Vec<(Fault, u32)> {
        let bounds = fault.bounds();
        let point = |_| (fault, random.u32(bounds.clone()));
        (0..plan.points).map(point).collect()
    };
    let (of_server, of_client): (Vec<Fault>, Vec<Fault>) =
        plan.faults.iter().partition(|fault| fault.ends_server());
    let together: Vec<(Fault, u32)> = of_client.into_iter().flat_map(&mut points).collect();
    let mut parties: Vec<Party> = chunks(&together, TOGETHER);
    for fault in of_server {
        parties.extend(chunks(&points(fault), CUT_TOGETHER));
    }
    parties
}

fn chunks(parts: &[(Fault, u32)], size: usize) -> Vec<Party> {
    parts
        .chunks(size)
        .map(|parts| Party {
            parts: parts.to_vec(),
        })
        .collect()
}

impl Party {
    fn ends_server(&self) -> Option<Fault> {
        let first = self.parts.first().map(|(fault, _)| *fault);
        first.filter(|fault| fault.ends_server())
    }

    fn name(&self) -> &'static str {
        self.ends_server().map_or("clients", Fault::word)
    }

    async fn play(&self, stage: &Stage, home: &Path, plan: &Plan) -> Done<Vec<Testimony>> {
        match self.ends_server() {
            None => scene::play(stage, &self.parts, plan).await,
            Some(fault) => {
                let points: Vec<u32> = self.parts.iter().map(|(_, point)| *point).collect();
                ending::play(stage, home, fault, &points, plan).await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(points: usize) -> Plan {
        Plan {
            faults: Fault::ALL.to_vec(),
            points,
            seed: 7,
            pace: Pace::SHORT,
        }
    }

    #[test]
    fn every_fault_gets_its_points_within_its_bounds_the_same_for_the_same_seed() {
        let parties = parties(&plan(20));
        let mut counts: BTreeMap<Fault, usize> = BTreeMap::new();
        for (fault, point) in parties.iter().flat_map(|party| &party.parts) {
            assert!(fault.bounds().contains(point), "{fault} at {point}");
            *counts.entry(*fault).or_default() += 1;
        }
        assert_eq!(
            counts.into_iter().collect::<Vec<_>>(),
            Fault::ALL.map(|fault| (fault, 20))
        );
        let again = super::parties(&plan(20));
        assert!(
            parties
                .iter()
                .zip(&again)
                .all(|(one, other)| one.parts == other.parts)
        );
    }

    #[test]
    fn an_end_of_the_server_is_nobody_elses() {
        for party in parties(&plan(20)) {
            let ends = party
                .parts
                .iter()
                .filter(|(fault, _)| fault.ends_server())
                .count();
            assert!(ends == 0 || ends == party.parts.len() && ends <= CUT_TOGETHER);
            assert!(party.parts.len() <= TOGETHER);
        }
    }

    #[test]
    fn a_report_without_a_point_is_not_good() {
        assert!(!Report::default().is_good());
    }
}
