//! Documents, what is found in them, and what an answer cites.

use crate::pin::{Pinned, id, time};
use wire::document::{
    BlockKind, Citation, Document, DocumentFailure, DocumentFault, DocumentStatus, DocumentText, Progress,
    SearchHit, SearchRequest, SearchResult, StageTime, TextBlock, Uploaded,
};

pub(crate) fn citation() -> Citation {
    Citation {
        number: 1,
        document_id: id(20),
        document_name: "Zephyr.pdf".into(),
        page: Some(3),
        start: 120,
        end: 180,
        snippet: "The warranty lasts 27 months.".into(),
        score: 870,
    }
}

pub(crate) fn document() -> Document {
    Document {
        id: id(20),
        chatbot_id: id(2),
        name: "Zephyr.pdf".into(),
        media_type: Some("application/pdf".into()),
        bytes: 21_000,
        sha256: "ab".repeat(32),
        status: DocumentStatus::Embedding,
        progress: Some(Progress {
            done: 16,
            total: Some(40),
        }),
        failure: None,
        pages: Some(3),
        chunks: Some(40),
        created_at: time(),
    }
}

#[test]
fn states_faults_and_kinds_keep_their_words() {
    let states = every!(DocumentStatus: Queued, Extracting, Chunking, Embedding, Ready, Failed);
    assert_pinned!("document_status", states);
    let faults = every!(DocumentFault: Unsupported, Encrypted, Damaged, TooLarge, TooManyPages, TimedOut,
        OutOfMemory, Crashed, NoText, EmbeddingFailed, LibraryFull, Internal);
    assert_pinned!("document_fault", faults);
    let kinds = every!(BlockKind {
        Heading => [BlockKind::Heading { level: 2 }]
        Paragraph => [BlockKind::Paragraph]
        ListItem => [BlockKind::ListItem]
        Table => [BlockKind::Table]
        Code => [BlockKind::Code]
    });
    assert_pinned!("block_kind", kinds);
}

#[test]
fn documents_keep_their_fields() {
    let failed = Document {
        media_type: None,
        status: DocumentStatus::Failed,
        progress: None,
        failure: Some(DocumentFailure {
            fault: DocumentFault::Encrypted,
            detail: "It needs a password.".into(),
        }),
        pages: None,
        chunks: None,
        ..document()
    };
    let mut pinned = Pinned::default();
    pinned.add("Document", &document());
    pinned.add("Document", &failed);
    pinned.add(
        "Uploaded",
        &Uploaded {
            document_id: id(20),
            name: "Zephyr.pdf".into(),
            status: DocumentStatus::Queued,
            known: false,
        },
    );
    let block = TextBlock {
        kind: BlockKind::Heading { level: 1 },
        start: 0,
        page: Some(1),
        text: "Zephyr".into(),
    };
    pinned.add(
        "DocumentText",
        &DocumentText {
            document_id: id(20),
            name: "Zephyr.pdf".into(),
            from: 0,
            blocks: vec![block],
            next: Some(1),
        },
    );
    assert_pinned!("document", pinned);
}

#[test]
fn searches_and_what_they_find_keep_their_fields() {
    let mut pinned = Pinned::default();
    pinned.add(
        "SearchRequest",
        &SearchRequest {
            query: "How long is the warranty?".into(),
            k: Some(5),
        },
    );
    pinned.add("Citation", &citation());
    let hit = SearchHit {
        document_id: id(20),
        document_name: "Zephyr.pdf".into(),
        page: Some(3),
        start: 120,
        end: 180,
        headings: vec!["Warranty".into()],
        text: "The warranty lasts 27 months.".into(),
        score: 0.75,
        keyword_score: Some(11.5),
        vector_score: None,
    };
    let found = SearchResult {
        hits: vec![hit],
        times: vec![StageTime {
            stage: "keyword".into(),
            ms: 0.5,
        }],
        chunks: 40,
    };
    pinned.add("SearchResult", &found);
    assert_pinned!("search", pinned);
}

#[test]
fn a_search_with_an_unknown_field_is_refused() {
    assert!(serde_json::from_str::<SearchRequest>(r#"{"query":"x","limit":3}"#).is_err());
}
