//! What this machine has: the front, the data folder and who holds it, the database, the key, the port.

use super::Finding;
use crate::{
    auth::Secret,
    config::{Config, StoreConfig},
    http::site::Site,
    startup::{self, cannot_listen, database_file, lock_file, secret_file},
};
use secrecy::ExposeSecret;
use std::{
    collections::BTreeSet,
    fs::{self, File, TryLockError},
    io::{self, Write},
    net::{SocketAddr, TcpListener},
    path::Path,
    time::{Duration, Instant},
};
use store::{SqliteStore, Store};

/// A durable write that takes longer will be felt before every answer.
const SLOW_WRITE: Duration = Duration::from_millis(50);
/// Writes that are timed.
const WRITES: usize = 5;
/// A text with fewer different characters was typed, not drawn.
const RANDOM_LOOKS_LIKE: usize = 12;

/// Whether a server has the data folder now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Server {
    Runs,
    DoesNot,
    /// On MongoDB nobody holds a folder.
    MayRun,
}

/// The pages' files.
pub(super) fn site(config: &Config) -> Finding {
    let about = "front";
    match Site::chosen(config.http.site.as_deref()) {
        Site::Inside(bundle) => Finding::fine(
            about,
            format!(
                "inside the program: build {} ({} files)",
                bundle.fingerprint,
                bundle.files.len()
            ),
        ),
        Site::Folder(folder) if folder.join("pkg/parlance.js").is_file() => {
            Finding::fine(about, format!("from the folder {}", folder.display()))
        }
        Site::Folder(folder) => Finding::failure(
            about,
            format!(
                "there is no built front in {}: pages will not wake up",
                folder.display()
            ),
            "`cargo xtask build` makes a program that carries it; or name its folder with --site",
        ),
    }
}

/// Whether it can be written to, and whether a server has it.
pub(super) fn data_folder(config: &StoreConfig) -> (Option<Finding>, Server) {
    if config.mongodb_uri.is_some() {
        return (None, Server::MayRun);
    }
    let (found, server) = look_into(&config.data);
    (Some(found), server)
}

fn look_into(data: &Path) -> (Finding, Server) {
    let about = "data folder";
    let shown = data.display();
    let cure =
        "give the user that runs the server the right to write there, or choose another folder with --data";
    if data.exists() && !data.is_dir() {
        let cure = "choose another with --data";
        return (
            Finding::failure(about, format!("{shown} is no folder"), cure),
            Server::DoesNot,
        );
    }
    if !data.is_dir() {
        let above = data
            .ancestors()
            .find(|above| above.is_dir())
            .unwrap_or(Path::new("."));
        let found = match try_to_write(above) {
            Ok(()) => Finding::fine(
                about,
                format!("{shown} is not there yet: the first start makes it"),
            ),
            Err(error) => {
                let what = format!(
                    "{shown} is not there, and cannot be made in {}: {error}",
                    above.display()
                );
                Finding::failure(about, what, cure)
            }
        };
        return (found, Server::DoesNot);
    }
    let holder = holder(data);
    let found = match (try_to_write(data), &holder) {
        (Err(error), _) => Finding::failure(about, format!("{shown} cannot be written to: {error}"), cure),
        (Ok(()), None) => Finding::fine(about, format!("{shown} can be written to; no server has it now")),
        (Ok(()), Some(process)) => Finding::fine(
            about,
            format!("{shown} can be written to; a running server has it (process {process})"),
        ),
    };
    let server = holder.map_or(Server::DoesNot, |_| Server::Runs);
    (found, server)
}

fn try_to_write(folder: &Path) -> io::Result<()> {
    let probe = folder.join(format!(".parlance-doctor.{}", std::process::id()));
    let written = File::options()
        .write(true)
        .create_new(true)
        .open(&probe)
        .and_then(|mut file| file.write_all(b"written by parlance doctor\n"));
    if written.is_ok() {
        fs::remove_file(&probe)?;
    }
    written
}

/// The process that serves from this folder, as it wrote itself down.
fn holder(data: &Path) -> Option<String> {
    let path = lock_file(data);
    let file = File::open(&path).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {
            let said = fs::read_to_string(&path).unwrap_or_default();
            let known = !said.trim().is_empty();
            Some(if known {
                said.trim().into()
            } else {
                "unknown".into()
            })
        }
        // Let go again as soon as the file is closed.
        _ => None,
    }
}

/// Whether it answers, and how fast it writes.
pub(super) async fn database(config: &StoreConfig) -> Finding {
    if config.mongodb_uri.is_none()
        && let Some(found) = look_at_file(&database_file(&config.data))
    {
        return found;
    }
    match startup::open(config).await {
        Ok(store) => {
            let found = answers(&*store).await;
            store.close().await;
            found
        }
        Err(error) => Finding::failure(
            "database",
            error.to_string(),
            "see the cause; a damaged one is restored from a backup",
        ),
    }
}

/// What is to be said about the file before it is opened, which could change it.
fn look_at_file(file: &Path) -> Option<Finding> {
    let about = "database";
    let shown = file.display();
    if !file.is_file() {
        let what = format!("{shown} is not there yet: the first start makes it");
        return Some(Finding::fine(about, what));
    }
    match SqliteStore::is_behind(file) {
        Ok(false) => None,
        Ok(true) => Some(Finding::warning(
            about,
            format!("{shown} was made by an older Parlance; the next start of a server brings it up to date"),
            "make a backup before: `parlance backup DIR`",
        )),
        Err(error) => Some(Finding::failure(
            about,
            format!("{shown}: {error}"),
            "restore a backup, or look at the file's owner and disk",
        )),
    }
}

async fn answers(store: &dyn Store) -> Finding {
    let about = "database";
    let mut times = Vec::new();
    for _ in 0..WRITES {
        let began = Instant::now();
        if let Err(error) = store.ping().await {
            let cure = "look at it, at its disk and its owner";
            return Finding::failure(about, format!("does not answer: {error}"), cure);
        }
        times.push(began.elapsed());
    }
    times.sort();
    // One slow write is an accident; the middle one is the disk.
    let took = times.get(WRITES / 2).copied().unwrap_or_default();
    let what = format!(
        "answers; a durable write takes {:.1} ms",
        took.as_secs_f64() * 1000.0
    );
    if took < SLOW_WRITE {
        return Finding::fine(about, what);
    }
    let cure = "every prompt waits for one such write: use a faster disk, not one on the network";
    Finding::warning(about, what, cure)
}

/// Whether the key can be one.
pub(super) fn secret(config: &Config) -> Finding {
    let about = "secret key";
    let data = &config.store.data;
    let Some(text) = &config.auth.secret else {
        if config.store.mongodb_uri.is_some() {
            return Finding::failure(
                about,
                "PARLANCE_SECRET is not set: each node would make a key of its own, and take the others' tokens for forged",
                "set it to what `openssl rand -base64 32` prints, the same on all nodes",
            );
        }
        return secret_in(data);
    };
    let text = text.expose_secret().trim();
    match Secret::from_text(text) {
        Err(error) => Finding::failure(
            about,
            error.to_string(),
            "set PARLANCE_SECRET to what that prints",
        ),
        Ok(_) if text.chars().collect::<BTreeSet<_>>().len() < RANDOM_LOOKS_LIKE => Finding::warning(
            about,
            "PARLANCE_SECRET repeats few characters: it can be guessed, and who has it is everybody",
            "`openssl rand -base64 32` makes a better one; everybody signs in again after the change",
        ),
        Ok(_) => Finding::fine(about, "from PARLANCE_SECRET, long enough"),
    }
}

fn secret_in(data: &Path) -> Finding {
    let about = "secret key";
    let file = secret_file(data);
    let shown = file.display();
    match fs::read_to_string(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && database_file(data).exists() => {
            Finding::warning(
                about,
                format!(
                    "{shown} is gone: the next start makes a new one, and everybody has to sign in again"
                ),
                "restore it from a backup, or set PARLANCE_SECRET to the old one",
            )
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Finding::fine(
            about,
            format!("{shown} is not there yet: the first start makes it"),
        ),
        Err(error) => Finding::failure(
            about,
            format!("{shown} cannot be read: {error}"),
            "give it to the user that runs the server",
        ),
        Ok(text) => match Secret::from_text(&text) {
            Err(error) => Finding::failure(about, format!("{shown}: {error}"), "restore it from a backup"),
            Ok(_) if is_open_to_others(&file) => Finding::warning(
                about,
                format!("{shown} can be read by others: who has it can sign in as everybody"),
                format!("`chmod 600 {shown}`; if somebody may have read it, delete it and start anew"),
            ),
            Ok(_) => Finding::fine(about, format!("in {shown}, for its owner alone")),
        },
    }
}

#[cfg(unix)]
fn is_open_to_others(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(file).is_ok_and(|about| about.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_file: &Path) -> bool {
    false
}

/// Whether it is free, or who has it.
pub(super) async fn port(config: &Config, server: Server) -> Finding {
    let about = "port";
    let address = SocketAddr::new(config.http.host, config.http.port);
    if config.http.port == 0 {
        return Finding::fine(about, "any free one is taken at start");
    }
    let bound = TcpListener::bind(address).map(drop);
    match (bound, server) {
        (Ok(()), Server::DoesNot | Server::MayRun) => Finding::fine(about, format!("{address} is free")),
        (Ok(()), Server::Runs) => Finding::warning(
            about,
            format!("a server has the data folder, but does not listen on {address}"),
            "run the doctor with the settings of that server",
        ),
        (Err(error), _) if error.kind() != io::ErrorKind::AddrInUse => {
            Finding::failure(about, cannot_listen(address, &error).to_string(), "see there")
        }
        (Err(_), server) => match (crate::command::ready::version_at(address).await, server) {
            (Some(version), Server::Runs | Server::MayRun) => {
                Finding::fine(about, format!("Parlance {version} answers on {address}"))
            }
            (Some(version), Server::DoesNot) => Finding::failure(
                about,
                format!("Parlance {version} answers on {address}, from another data folder"),
                "choose another port with --port, or name that server's folder with --data",
            ),
            (None, _) => Finding::failure(
                about,
                format!("another program has {address}"),
                "stop it, or choose another port with --port",
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;
    use crate::startup::open_store;
    use secrecy::SecretString;

    fn config(data: &Path) -> Config {
        let mut config = Config::defaults();
        config.store.data = data.into();
        config.auth.secret = None;
        // Whatever the environment of the tests has.
        config.store.mongodb_uri = None;
        config
    }

    fn text(finding: &Finding) -> String {
        finding.to_string()
    }

    #[test]
    fn a_folder_that_is_not_there_yet_is_well_when_it_can_be_made_and_is_not_made() {
        let place = tempfile::tempdir().unwrap();
        let data = place.path().join("deep").join("data");
        let (found, server) = look_into(&data);
        assert_eq!(
            (found.verdict, server),
            (Verdict::Fine, Server::DoesNot),
            "{found}"
        );
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
        let file = place.path().join("file");
        fs::write(&file, "").unwrap();
        assert_eq!(look_into(&file).0.verdict, Verdict::Failure);
    }

    #[test]
    fn who_holds_the_folder_is_named() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(look_into(data.path()).1, Server::DoesNot);
        let lock = crate::startup::lock(data.path()).unwrap();
        let (found, server) = look_into(data.path());
        assert_eq!(server, Server::Runs);
        assert!(
            text(&found).contains(&format!("process {}", std::process::id())),
            "{found}"
        );
        drop(lock);
        assert_eq!(look_into(data.path()).1, Server::DoesNot);
    }

    #[tokio::test]
    async fn a_database_is_looked_at_and_not_changed() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(database(&config(data.path()).store).await.verdict, Verdict::Fine);
        assert!(!database_file(data.path()).exists(), "it was not made");
        let store = open_store(data.path()).unwrap();
        let found = database(&config(data.path()).store).await;
        assert!(text(&found).contains("a durable write takes"), "{found}");
        store.close().await;
        fs::write(database_file(data.path()), "Dear diary. ".repeat(100)).unwrap();
        assert_eq!(
            database(&config(data.path()).store).await.verdict,
            Verdict::Failure
        );
    }

    #[test]
    fn a_key_that_is_weak_lost_or_open_is_named_with_its_cure() {
        let data = tempfile::tempdir().unwrap();
        let mut config = config(data.path());
        assert_eq!(secret(&config).verdict, Verdict::Fine, "nothing is there yet");
        drop(open_store(data.path()).unwrap());
        assert!(
            text(&secret(&config)).contains("sign in again"),
            "{}",
            secret(&config)
        );
        Secret::load_or_create(data.path()).unwrap();
        assert_eq!(secret(&config).verdict, Verdict::Fine);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(secret_file(data.path()), fs::Permissions::from_mode(0o644)).unwrap();
            assert!(
                text(&secret(&config)).contains("chmod 600"),
                "{}",
                secret(&config)
            );
        }
        for (given, verdict) in [
            ("short", Verdict::Failure),
            ("changemechangemechangemechangeme", Verdict::Warning),
            ("nB0vK2m7Q4xW9tYp1Rz6Lc3Hd8Sg5JfA", Verdict::Fine),
        ] {
            config.auth.secret = Some(SecretString::from(given));
            let found = secret(&config);
            assert_eq!(found.verdict, verdict, "{found}");
            assert!(!text(&found).contains(given), "{found}");
        }
    }

    #[tokio::test]
    async fn a_port_that_another_program_has_is_named() {
        let data = tempfile::tempdir().unwrap();
        let mut config = config(data.path());
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        config.http.port = taken.local_addr().unwrap().port();
        // It takes the connection and says nothing that Parlance says.
        let silent = std::thread::spawn(move || drop(taken.accept()));
        let found = port(&config, Server::DoesNot).await;
        silent.join().unwrap();
        assert!(text(&found).contains("another program has"), "{found}");
        assert_eq!(
            port(&config, Server::DoesNot).await.verdict,
            Verdict::Fine,
            "free again"
        );
        assert_eq!(port(&config, Server::Runs).await.verdict, Verdict::Warning);
    }
}
