//! `cargo run -p soak -- --schedules 10 --seed 1`: schedule after schedule, each on fresh nodes and a fresh database.
//! With `--comeback` instead one person after another who loses the page, the network or the server in the middle of a long
//! answer, on SQLite and then on MongoDB.
//!
//! The database is the one at `MONGODB_URI`, else a stand-in that is given; without both one node runs on SQLite. A line a schedule, then a line for all;
//! the exit code says whether every rule held.

use clap::Parser;
use soak::Done;
use soak::comeback::{self, Fault, Pace, Plan};
use soak::cost;
use soak::database::{Database, Source};
use soak::evidence::Archive;
use soak::run::{self, HASTE, Verdict};
use soak::schedule::{Schedule, Terms};
use soak::stage::Setting;
use soak::upstream::Speech;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Violations that are printed of one schedule; the rest is counted.
const SHOWN: usize = 12;

/// Lets nodes, networks and the database fail under many users, and checks what became of it.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask soak", bin_name = "cargo xtask soak")]
struct Options {
    /// How many schedules.
    #[arg(long, default_value_t = 10)]
    schedules: u64,
    /// The first one's seed; each next one's is one more.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The program to test, built without `local`.
    #[arg(long, env = "PARLANCE_BIN", default_value = "target/debug/parlance")]
    program: PathBuf,
    /// The database.
    #[arg(long, env = "MONGODB_URI", hide_env_values = true)]
    mongodb_uri: Option<String>,
    /// The stand-in for MongoDB (secantusd-py), started afresh for each schedule when there is no URI.
    #[arg(long, env = "PARLANCE_SOAK_STAND_IN")]
    stand_in: Option<PathBuf>,
    /// Server processes.
    #[arg(long, default_value_t = 3)]
    nodes: usize,
    /// Users.
    #[arg(long, default_value_t = 30)]
    users: u64,
    /// How long things break in one schedule.
    #[arg(long, default_value_t = 9)]
    seconds: u64,
    /// How long a writer's silence is tolerated, in milliseconds.
    #[arg(long, default_value_t = 1_000)]
    lease_ms: u64,
    /// In the place of schedules: people who lose an answer in the middle, and come back.
    #[arg(long)]
    comeback: bool,
    /// With --comeback: points of an answer, for each thing that happens.
    #[arg(long, default_value_t = 20)]
    points: usize,
    /// With --comeback: scaled down, for every day.
    #[arg(long)]
    short: bool,
    /// With --comeback: only this; may be given more than once.
    #[arg(long, value_parser = Fault::of_word)]
    fault: Vec<Fault>,
    /// In the place of schedules, or beside --comeback: what a long answer costs.
    #[arg(long)]
    cost: bool,
    /// Keep data and logs of schedules that passed, too.
    #[arg(long)]
    keep: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = runtime
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(soak(&options)));
    match done {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("FAILED: {failure}");
            ExitCode::FAILURE
        }
    }
}

impl Options {
    /// What schedules run on.
    fn source(&self) -> Source {
        self.remote().unwrap_or(Source::Sqlite)
    }

    fn remote(&self) -> Option<Source> {
        Source::remote(self.mongodb_uri.as_deref(), self.stand_in.as_ref())
    }

    /// SQLite, and MongoDB if there is one, by name.
    fn sources(&self) -> impl Iterator<Item = (&'static str, Source)> {
        let remote = self.remote().map(|source| ("mongodb", source));
        std::iter::once(("sqlite", Source::Sqlite)).chain(remote)
    }

    fn plan(&self) -> Plan {
        Plan {
            faults: match self.fault.as_slice() {
                [] => Fault::ALL.to_vec(),
                chosen => chosen.to_vec(),
            },
            points: self.points,
            seed: self.seed,
            pace: if self.short { Pace::SHORT } else { Pace::WHOLE },
        }
    }
}

/// Lets people come back, on every database there is; gives how many faults were not survived.
async fn come_back(options: &Options, program: &Path) -> Done<u64> {
    let (plan, start, mut failed, mut passed) = (options.plan(), Instant::now(), 0, 0);
    for (name, source) in options.sources() {
        let mut folder = tempfile::Builder::new().prefix("comeback-").tempdir()?;
        let reports = comeback::run(&plan, program, folder.path(), &source).await?;
        let mut all_good = true;
        for (fault, report) in &reports {
            let verdict = if report.is_good() { "ok" } else { "FAILED" };
            println!("comeback {name} {fault}: {verdict}, {report}");
            for broken in report.broken().iter().take(SHOWN) {
                println!("    {broken}");
            }
            all_good &= report.is_good();
            if report.is_good() {
                passed += 1;
            } else {
                failed += 1;
            }
        }
        if !all_good {
            println!("    logs in {}", folder.path().display());
        }
        folder.disable_cleanup(options.keep || !all_good);
    }
    println!(
        "{} points of answers of 4000 tokens each: {passed} passed, {failed} failed, {:.0} s",
        options.points,
        start.elapsed().as_secs_f32()
    );
    Ok(failed)
}

/// Counts what a long answer costs on every database there is; gives on how many it costs too much.
async fn count_cost(options: &Options, program: &Path) -> Done<u64> {
    let mut failed = 0;
    for (name, source) in options.sources() {
        let folder = tempfile::Builder::new().prefix("cost-").tempdir()?;
        let cost = cost::measure(program, folder.path(), &source).await?;
        let broken = cost.broken();
        let verdict = if broken.is_empty() { "ok" } else { "FAILED" };
        println!("cost {name}: {verdict}, {cost}");
        for broken in &broken {
            println!("    {broken}");
        }
        failed += u64::from(!broken.is_empty());
    }
    Ok(failed)
}

/// Runs all schedules; gives how many failed.
async fn soak(options: &Options) -> Done<u64> {
    let program = options
        .program
        .canonicalize()
        .map_err(|error| format!("{}: {error}", options.program.display()))?;
    if options.comeback || options.cost {
        let mut failed = 0;
        if options.comeback {
            failed += come_back(options, &program).await?;
        }
        if options.cost {
            failed += count_cost(options, &program).await?;
        }
        return Ok(failed);
    }
    let remote_database = !matches!(options.source(), Source::Sqlite);
    let terms = Terms {
        nodes: if remote_database { options.nodes } else { 1 },
        remote_database,
        lease: Duration::from_millis(options.lease_ms),
        length: Duration::from_secs(options.seconds),
    };
    let (start, mut failed) = (Instant::now(), 0);
    for seed in options.seed..options.seed.saturating_add(options.schedules) {
        let schedule = Schedule::of(seed, &terms);
        let mut folder = tempfile::Builder::new()
            .prefix(&format!("soak-{seed}-"))
            .tempdir()?;
        println!("schedule {seed}:\n{schedule}");
        let began = Instant::now();
        let verdict = one(options, &program, &terms, folder.path(), &schedule).await;
        let time = began.elapsed().as_secs_f32();
        let passed = match &verdict {
            Ok(verdict) => {
                tell(verdict);
                verdict.violations.is_empty()
            }
            Err(failure) => {
                println!("    {failure}");
                false
            }
        };
        if passed {
            println!("schedule {seed}: ok, {time:.1} s");
        } else {
            failed += 1;
            println!(
                "schedule {seed}: FAILED, {time:.1} s; logs in {}",
                folder.path().display()
            );
            println!("    again: cargo xtask soak --schedules 1 --seed {seed}");
        }
        folder.disable_cleanup(options.keep || !passed);
    }
    println!(
        "{} schedules with {} nodes and {} users: {} passed, {failed} failed, {:.0} s",
        options.schedules,
        terms.nodes,
        options.users,
        options.schedules - failed,
        start.elapsed().as_secs_f32()
    );
    Ok(failed)
}

async fn one(
    options: &Options,
    program: &Path,
    terms: &Terms,
    folder: &Path,
    schedule: &Schedule,
) -> Done<Verdict> {
    // The folder's name is nobody else's, and so is the database's.
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let fresh = options.source().fresh(&name).await?;
    let archive = match &fresh.database {
        Database::Mongodb(mongodb) => Archive::Mongodb(mongodb.clone()),
        Database::Sqlite => Archive::Sqlite(folder.join("node-0").join("parlance.db")),
    };
    let setting = Setting {
        program,
        folder,
        database: &fresh.database,
        nodes: terms.nodes,
        lease: terms.lease,
        seed: schedule.seed,
        speech: Speech::Numbered,
        settings: &HASTE,
    };
    let verdict = run::run(&setting, &archive, options.users, schedule).await;
    let failed = !verdict
        .as_ref()
        .is_ok_and(|verdict| verdict.violations.is_empty());
    if !failed && !options.keep {
        archive.discard().await?;
    }
    verdict
}

fn tell(verdict: &Verdict) {
    let answers: Vec<String> = verdict
        .answers
        .iter()
        .map(|(outcome, count)| format!("{count} {outcome}"))
        .collect();
    let counts = &verdict.counts;
    println!(
        "    {} prompts acknowledged; answers: {}",
        verdict.prompts,
        answers.join(", ")
    );
    println!(
        "    {} reconnects, {} resumes, {} prompts sent again ({} after their acknowledgement), {} stops, {} sessions replaced",
        counts.reconnects, counts.resumes, counts.resends, counts.revived, counts.stops, counts.replacements
    );
    println!(
        "    {} prompts said otherwise, {} other answers asked for, {} to go on",
        counts.edits, counts.regenerations, counts.continuations
    );
    println!(
        "    settled {:.1} s after the last fault had ended",
        verdict.recovery.as_secs_f32()
    );
    for violation in verdict.violations.iter().take(SHOWN) {
        println!("    VIOLATION {violation}");
    }
    if verdict.violations.len() > SHOWN {
        println!("    … {} violations in all", verdict.violations.len());
    }
}
