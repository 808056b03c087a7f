//! A chatbot's documents, as whoever fills them sees them.

use crate::world::{Answer, PATIENCE, Person, TestServer};
use axum::http::{Method, StatusCode, header};
use wire::{
    ChatbotId, DocumentId,
    chatbot::Chatbot,
    document::{Document, DocumentStatus, SearchResult, Uploaded},
};

/// Between two files of a form.
const BOUNDARY: &str = "zephyr-boundary";

/// A chatbot and who looks at it.
pub(crate) struct Shelf {
    pub(crate) bot: ChatbotId,
    person: Person,
}

impl Person {
    /// A chatbot of one's own.
    pub(crate) async fn new_bot(&self, name: &str, documents_only: bool) -> Shelf {
        let body = serde_json::json!({"name": name, "documents_only": documents_only});
        let bot: Chatbot = self.post("/chatbot", &body.to_string()).await.json();
        Shelf::of(self, bot.id)
    }
}

impl Shelf {
    pub(crate) fn of(person: &Person, bot: ChatbotId) -> Self {
        Self {
            bot,
            person: person.clone(),
        }
    }

    pub(crate) fn as_seen_by(&self, person: &Person) -> Self {
        Self::of(person, self.bot)
    }

    pub(crate) async fn try_upload(&self, name: &str, content: &[u8]) -> Answer {
        let mut form = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        form.extend_from_slice(content);
        form.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.person
            .send(
                Method::POST,
                &format!("/chatbot/{}/document", self.bot),
                form,
                &[(header::CONTENT_TYPE.as_str(), &kind)],
            )
            .await
    }

    pub(crate) async fn upload(&self, name: &str, content: &[u8]) -> Vec<Uploaded> {
        let answer = self.try_upload(name, content).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
        answer.json()
    }

    /// Uploads, and waits until it can be answered from.
    pub(crate) async fn put(&self, name: &str, content: &str) {
        self.upload(name, content.as_bytes()).await;
        let document = self.settled(name).await;
        assert_eq!(document.status, DocumentStatus::Ready, "{document:?}");
    }

    pub(crate) async fn list(&self) -> Vec<Document> {
        self.person
            .get(&format!("/chatbot/{}/document", self.bot))
            .await
            .json()
    }

    /// The document of this name, once it is ready or has failed.
    pub(crate) async fn settled(&self, name: &str) -> Document {
        let settled = async {
            loop {
                let documents = self.list().await;
                let document = documents.into_iter().find(|document| document.name == name);
                if let Some(document) = document
                    && matches!(document.status, DocumentStatus::Ready | DocumentStatus::Failed)
                {
                    return document;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, settled).await.unwrap()
    }

    /// What would be found.
    pub(crate) async fn search(&self, query: &str) -> SearchResult {
        let body = serde_json::json!({"query": query});
        let path = format!("/chatbot/{}/search", self.bot);
        self.person.post(&path, &body.to_string()).await.json()
    }

    pub(crate) async fn delete(&self, id: DocumentId) -> StatusCode {
        self.person
            .delete(&format!("/chatbot/{}/document/{id}", self.bot))
            .await
            .status
    }

    /// All passages that are answered from: where they are, and what search reads before them.
    pub(crate) async fn chunks(&self, server: &TestServer) -> Vec<(u32, u32, String)> {
        let mut all = Vec::new();
        for document in server.store().documents(self.bot).await.unwrap() {
            let fence = document.ready_fence.unwrap();
            let chunks = server
                .store()
                .chunks(document.id, fence, 0, 10_000)
                .await
                .unwrap();
            all.extend(
                chunks
                    .into_iter()
                    .map(|chunk| (chunk.start, chunk.end, chunk.context)),
            );
        }
        all
    }
}
