//! The program is killed in the middle of a large document, at several points; the passages are those of a server that
//! was left alone.

use crate::{
    library::shelf::Shelf,
    program::{Program, model_server, serve},
    world::{PASSWORD, Person},
};
use axum::{Json, Router, extract::State, routing::post};
use serde_json::{Value, json};
use std::{
    fmt::Write,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use store::{
    SqliteStore, Store,
    document::Documents,
    document::{ChunkRecord, ChunkVector},
};
use tokio::sync::Notify;
use wire::{
    ChatbotId,
    document::{Document, DocumentStatus},
};

const PAGES: usize = 500;
/// How long a large document may take, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

/// A PDF of many pages, each with sentences of its own.
fn manual() -> Vec<u8> {
    let mut pdf = String::from("%PDF-1.4\n");
    let mut places = Vec::new();
    let mut object = |pdf: &mut String, body: &str| {
        places.push(pdf.len());
        write!(pdf, "{} 0 obj\n{body}\nendobj\n", places.len()).unwrap();
    };
    let kids: Vec<String> = (0..PAGES).map(|page| format!("{} 0 R", 4 + 2 * page)).collect();
    object(&mut pdf, "<< /Type /Catalog /Pages 2 0 R >>");
    object(
        &mut pdf,
        &format!("<< /Type /Pages /Count {PAGES} /Kids [{}] >>", kids.join(" ")),
    );
    object(
        &mut pdf,
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    );
    for page in 0..PAGES {
        let mut text = format!("BT /F1 18 Tf 72 760 Td (Chapter {page}) Tj /F1 11 Tf 0 -30 Td 14 TL\n");
        for line in 0..12 {
            let sentence = format!(
                "Part {} of kettle {page} boils {} litres in {} minutes and lasts {} months.",
                page * 12 + line,
                line + 2,
                page % 7 + line,
                page + 27
            );
            writeln!(text, "({sentence}) Tj T*").unwrap();
        }
        text.push_str("ET");
        let contents = 5 + 2 * page;
        object(
            &mut pdf,
            &format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {contents} 0 R \
                 /Resources << /Font << /F1 3 0 R >> >> >>"
            ),
        );
        object(
            &mut pdf,
            &format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        );
    }
    let table = pdf.len();
    let count = places.len() + 1;
    write!(pdf, "xref\n0 {count}\n0000000000 65535 f \n").unwrap();
    for place in &places {
        writeln!(pdf, "{place:010} 00000 n ").unwrap();
    }
    write!(
        pdf,
        "trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"
    )
    .unwrap();
    pdf.into_bytes()
}

/// An embedding server that says the same of the same text, and can be told to fall silent.
#[derive(Debug, Default)]
struct Embeddings {
    requests: AtomicUsize,
    /// The request that gets no answer; 0: none.
    silent_at: AtomicUsize,
    silent: Notify,
}

impl Embeddings {
    async fn start() -> (Arc<Self>, String) {
        let embeddings = Arc::new(Self::default());
        let router = Router::new()
            .route("/v1/embeddings", post(Self::answer))
            .with_state(Arc::clone(&embeddings));
        (embeddings, format!("http://{}/v1", serve(router).await))
    }

    async fn answer(State(embeddings): State<Arc<Self>>, Json(body): Json<Value>) -> Json<Value> {
        let request = embeddings.requests.fetch_add(1, Ordering::SeqCst) + 1;
        if request == embeddings.silent_at.load(Ordering::SeqCst) {
            embeddings.silent.notify_one();
            std::future::pending::<()>().await;
        }
        let texts = body["input"].as_array().unwrap();
        let data: Vec<Value> = texts
            .iter()
            .enumerate()
            .map(|(index, text)| json!({"index": index, "embedding": vector(text.as_str().unwrap())}))
            .collect();
        Json(json!({"data": data, "model": body["model"]}))
    }

    /// Counts anew, and falls silent at this request.
    fn fall_silent_at(&self, request: usize) {
        self.requests.store(0, Ordering::SeqCst);
        self.silent_at.store(request, Ordering::SeqCst);
    }
}

fn vector(text: &str) -> Vec<f32> {
    let mut state = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        f32::from(u16::try_from(state >> 48).unwrap()) / 65_536.0 - 0.5
    };
    (0..8).map(|_| next()).collect()
}

/// All that is made of a document, without ids: its text, its passages, their vectors.
#[derive(Debug, PartialEq)]
struct Made {
    text: Vec<u8>,
    chunks: Vec<ChunkRecord>,
    vectors: Vec<ChunkVector>,
}

/// And how often a worker began.
async fn made(data: &Path, bot: ChatbotId) -> (Made, u64) {
    let store = SqliteStore::open(&data.join("parlance.db")).unwrap();
    let documents = store.documents(bot).await.unwrap();
    let [document] = &documents[..] else {
        panic!("{documents:?}")
    };
    assert_eq!(document.embedding_models, ["numbers"]);
    let (id, fence) = (document.id, document.ready_fence.unwrap());
    // What dead workers have left goes, and nothing of what is read.
    store
        .collect_documents(wire::Timestamp::from_millis(0))
        .await
        .unwrap();
    for stale in 1..fence {
        assert_eq!(store.chunks(id, stale, 0, 1).await.unwrap(), []);
        assert_eq!(store.vectors(id, stale, "numbers", 0, 1).await.unwrap(), []);
    }
    let mut text = Vec::new();
    for part in 0.. {
        match store.text(id, fence, part).await.unwrap() {
            Some(bytes) => text.extend(bytes),
            None => break,
        }
    }
    let made = Made {
        text,
        chunks: store.chunks(id, fence, 0, 100_000).await.unwrap(),
        vectors: store.vectors(id, fence, "numbers", 0, 100_000).await.unwrap(),
    };
    store.close().await;
    (made, fence)
}

/// Where the program is killed.
#[derive(Debug, Clone, Copy)]
enum Kill {
    /// As soon as the file is taken.
    Uploaded,
    /// While its pages are read.
    Extracting,
    /// While this request for vectors is waited for.
    Embedding(usize),
}

/// A server that reads the manual, and its life.
struct Story {
    data: tempfile::TempDir,
    model: String,
    embeddings: Arc<Embeddings>,
    url: String,
}

impl Story {
    async fn start(&self) -> Program {
        let environment = [
            ("PARLANCE_OPENAI_URL", self.model.as_str()),
            ("PARLANCE_EMBEDDING_URL", self.url.as_str()),
            ("PARLANCE_EMBEDDING_MODEL", "numbers"),
        ];
        Program::start_in(self.data.path(), &[], &environment).await
    }

    /// The only document.
    async fn document(&self, shelf: &Shelf) -> Document {
        shelf.list().await.remove(0)
    }

    async fn until(&self, shelf: &Shelf, done: impl Fn(&Document) -> bool) -> Document {
        let waiting = async {
            loop {
                let document = self.document(shelf).await;
                assert_ne!(document.status, DocumentStatus::Failed, "{document:?}");
                if done(&document) {
                    return document;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.unwrap()
    }

    /// From the upload to the end, killed on the way as told.
    async fn told(kills: &[Kill]) -> (Made, u64, usize) {
        let (embeddings, url) = Embeddings::start().await;
        let story = Self {
            data: tempfile::tempdir().unwrap(),
            model: model_server(&["Hello."]).await,
            embeddings,
            url,
        };
        let mut program = story.start().await;
        let body = json!({"email": "alice@example.org", "password": PASSWORD}).to_string();
        let alice = program.anybody().signed_in("/auth/register", &body).await;
        let mut shelf = alice.new_bot("Kettle", false).await;
        let arm = |kill: Option<&Kill>| match kill {
            Some(Kill::Embedding(request)) => story.embeddings.fall_silent_at(*request),
            // Killed before: and if the machine is faster than we are, it gets no further than here.
            Some(Kill::Uploaded | Kill::Extracting) => story.embeddings.fall_silent_at(1),
            None => story.embeddings.fall_silent_at(0),
        };
        arm(kills.first());
        shelf.upload("manual.pdf", &manual()).await;
        for (index, kill) in kills.iter().enumerate() {
            match kill {
                Kill::Uploaded => {}
                Kill::Extracting => {
                    let is_reading = |document: &Document| {
                        document.status != DocumentStatus::Extracting
                            || document.progress.is_some_and(|progress| progress.done > 50)
                    };
                    story
                        .until(&shelf, |document| {
                            document.status != DocumentStatus::Queued && is_reading(document)
                        })
                        .await;
                }
                Kill::Embedding(_) => {
                    tokio::time::timeout(PATIENCE, story.embeddings.silent.notified())
                        .await
                        .unwrap();
                }
            }
            program.kill().await;
            arm(kills.get(index + 1));
            program = story.start().await;
            let alice = Person {
                address: program.anybody().address,
                ..alice.clone()
            };
            shelf = shelf.as_seen_by(&alice);
        }
        let ready = story
            .until(&shelf, |document| document.status == DocumentStatus::Ready)
            .await;
        assert_eq!(ready.pages, u32::try_from(PAGES).ok());
        assert_eq!(ready.media_type.as_deref(), Some("application/pdf"));
        let requests = story.embeddings.requests.load(Ordering::SeqCst);
        program.stop().await;
        let (made, workers) = made(story.data.path(), shelf.bot).await;
        (made, workers, requests)
    }
}

#[tokio::test]
async fn a_server_that_is_killed_while_it_reads_500_pages_ends_with_the_passages_of_one_that_was_not() {
    let (undisturbed, workers, requests) = Story::told(&[]).await;
    assert_eq!(workers, 1);
    assert!(undisturbed.chunks.len() > PAGES, "{}", undisturbed.chunks.len());
    assert_eq!(undisturbed.vectors.len(), undisturbed.chunks.len());
    assert!(requests > 10, "{requests}");
    for kills in [
        [Kill::Uploaded, Kill::Extracting],
        [Kill::Embedding(1), Kill::Embedding(requests / 2)],
        [Kill::Embedding(3), Kill::Embedding(requests)],
    ] {
        let (made, workers, _) = Story::told(&kills).await;
        assert!(workers > 1, "nobody was working at {kills:?}");
        assert!(made == undisturbed, "killed at {kills:?}, it made something else");
    }
}
