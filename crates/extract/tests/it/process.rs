//! Children that misbehave: each ends in a named error, and none is left behind.

use super::reading::{extractor, fixture};
use extract::{ExtractError, Extractor, Limits, News, Progress, Source};
use std::{path::Path, time::Duration};

/// A shell that is told to behave like a child in trouble.
fn child(script: &str, limits: Limits) -> Extractor {
    Extractor::new("/bin/sh", ["-c", script], limits)
}

async fn end_of(script: &str, limits: Limits) -> ExtractError {
    let source = Source::bytes(b"kettle".to_vec());
    child(script, limits)
        .extract(source, "a.txt", |_| {})
        .await
        .unwrap_err()
}

fn short() -> Limits {
    Limits {
        wall: Duration::from_millis(300),
        ..Limits::default()
    }
}

#[tokio::test]
async fn every_way_to_die_has_its_name() {
    let limits = Limits::default;
    assert_eq!(end_of("kill -SEGV $$", limits()).await, ExtractError::Crashed);
    assert_eq!(end_of("kill -ABRT $$", limits()).await, ExtractError::Crashed);
    assert_eq!(end_of("kill -XCPU $$", limits()).await, ExtractError::TimedOut);
    assert_eq!(end_of("kill -KILL $$", limits()).await, ExtractError::OutOfMemory);
    let words = "echo 'memory allocation of 99 bytes failed' >&2; kill -ABRT $$";
    assert_eq!(end_of(words, limits()).await, ExtractError::OutOfMemory);
    assert_eq!(end_of("exec sleep 60", short()).await, ExtractError::TimedOut);
    assert_eq!(end_of("echo nonsense", limits()).await, ExtractError::Crashed);
    assert_eq!(end_of("exit 0", limits()).await, ExtractError::Crashed);
}

#[tokio::test]
async fn a_server_that_is_stopped_does_not_blame_the_file() {
    for signal in ["TERM", "INT", "HUP"] {
        let error = end_of(&format!("kill -{signal} $$"), Limits::default()).await;
        assert!(error.may_pass(), "{signal}: {error}");
    }
    let gone = Extractor::new("/no/such/program", [] as [&str; 0], Limits::default());
    let error = gone
        .extract(Source::bytes(Vec::new()), "a.txt", |_| {})
        .await
        .unwrap_err();
    assert!(error.may_pass(), "{error}");
}

#[tokio::test]
async fn a_child_that_talks_without_an_end_is_stopped() {
    let limits = Limits {
        text_bytes: 1 << 20,
        ..Limits::default()
    };
    let block = r#"{"block":{"kind":"paragraph","text":"kettle"}}"#;
    let error = end_of(&format!("yes '{block}'"), limits.clone()).await;
    assert_eq!(error.code(), "too_large");
    let error = end_of("yes kettle | tr -d '\\n'", limits).await;
    assert_eq!(error.code(), "too_large");
}

#[tokio::test]
async fn a_child_that_does_not_listen_stops_nobody() {
    let much = Source::bytes(vec![b'a'; 8 << 20]);
    let mute = child(r#"echo '{"failed":{"code":"encrypted"}}'"#, Limits::default());
    assert_eq!(
        mute.extract(much, "a.txt", |_| {}).await,
        Err(ExtractError::Encrypted)
    );
}

#[tokio::test]
async fn a_dropped_future_kills_its_child() {
    let folder = tempfile::tempdir().unwrap();
    let written = folder.path().join("pid");
    let script = format!(
        "echo $$ > {0}.new; mv {0}.new {0}; exec sleep 60",
        written.display()
    );
    let extractor = child(&script, Limits::default());
    let reading = tokio::spawn(async move {
        extractor
            .extract(Source::bytes(Vec::new()), "a.txt", |_| {})
            .await
    });
    let pid = until(|| std::fs::read_to_string(&written).ok()).await;
    reading.abort();
    let process = format!("/proc/{}", pid.trim());
    until(|| is_gone(Path::new(&process)).then_some(())).await;
}

/// Not there, or dead and not yet buried.
fn is_gone(process: &Path) -> bool {
    match std::fs::read_to_string(process.join("stat")) {
        Ok(stat) => stat.contains(") Z "),
        Err(_) => true,
    }
}

/// Waits for something that must come.
async fn until<T>(mut there: impl FnMut() -> Option<T>) -> T {
    let look = async {
        loop {
            if let Some(it) = there() {
                return it;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), look).await.unwrap()
}

#[tokio::test]
async fn a_file_may_come_as_a_stream_and_its_pages_are_counted() {
    let bytes = std::fs::read(fixture("chromium.pdf")).unwrap();
    let mut seen = Vec::new();
    let text = extractor(Limits::default())
        .extract(Source::bytes(bytes), "manual.pdf", |news| seen.push(news))
        .await
        .unwrap();
    assert!(text.plain_text().contains("27 months"));
    let last = News::Progress(Progress {
        pages_done: 6,
        pages: 6,
    });
    assert_eq!(seen.last(), Some(&last));
    assert_eq!(seen.first(), Some(&News::MediaType("application/pdf")));
}

#[tokio::test]
async fn what_a_file_is_is_said_before_it_is_read_and_also_when_it_cannot_be() {
    for (name, called, expected) in [
        (
            "libreoffice.docx",
            "kettle.pdf",
            Some("application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ),
        (
            "libreoffice.ods",
            "kettle",
            Some("application/vnd.oasis.opendocument.spreadsheet"),
        ),
        ("pandoc.epub", "kettle", Some("application/epub+zip")),
        ("pandoc.html", "kettle.txt", Some("text/html")),
        ("source.md", "kettle.md", Some("text/markdown")),
        ("source.md", "kettle.rs", Some("text/plain")),
        ("parts.csv", "kettle.csv", Some("text/csv")),
        ("encrypted.pdf", "kettle", Some("application/pdf")),
    ] {
        let mut said = None;
        let source = Source::Path(fixture(name));
        let _read_or_not = extractor(Limits::default())
            .extract(source, called, |news| {
                if let News::MediaType(word) = news {
                    said = Some(word);
                }
            })
            .await;
        assert_eq!(said, expected, "{name} as {called}");
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_is_no_fault_of_the_file() {
    let source = Source::Path("/no/such/file.pdf".into());
    let error = extractor(Limits::default())
        .extract(source, "file.pdf", |_| {})
        .await
        .unwrap_err();
    assert!(error.may_pass(), "{error}");
}

#[tokio::test]
async fn limits_on_size_pages_memory_and_time_are_kept() {
    let with = |limits: Limits, name: &'static str| async move {
        let source = Source::Path(fixture(name));
        extractor(limits).extract(source, name, |_| {}).await.unwrap_err()
    };
    let limits = Limits {
        file_bytes: 1_000,
        ..Limits::default()
    };
    assert_eq!(with(limits, "source.md").await.code(), "too_large");
    let limits = Limits {
        pages: 5,
        ..Limits::default()
    };
    let error = with(limits, "chromium.pdf").await;
    assert_eq!(error, ExtractError::TooManyPages { pages: 6, limit: 5 });
    let limits = Limits {
        text_bytes: 2_000,
        ..Limits::default()
    };
    assert_eq!(with(limits, "source.md").await.code(), "too_large");
    let limits = Limits {
        memory_bytes: 8 << 20,
        stack_bytes: 256 << 10,
        ..Limits::default()
    };
    let much = Source::bytes(vec![b'a'; 32 << 20]);
    let error = extractor(limits)
        .extract(much, "a.txt", |_| {})
        .await
        .unwrap_err();
    assert_eq!(error, ExtractError::OutOfMemory);
}
