//! Uploads that are never whole: they leave nothing, and hold nothing.

use super::shelf::Shelf;
use crate::world::{PATIENCE, Person, TestServer};
use axum::http::Method;
use store::document::DocumentUse;
use tokio::{io::AsyncWriteExt, net::TcpStream};
use wire::{DocumentId, ProblemCode, UserId};

const BOUNDARY: &str = "never-whole";

async fn id_of(person: &Person) -> UserId {
    let me: serde_json::Value = person.get("/auth/me").await.json();
    me["id"].as_str().unwrap().parse().unwrap()
}

/// Sends the beginning of a file, and more than one part of it; the rest never comes.
async fn begun(person: &Person, shelf: &Shelf) -> TcpStream {
    let mut connection = TcpStream::connect(&person.address).await.unwrap();
    let head = format!(
        "POST /chatbot/{}/document HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
         content-type: multipart/form-data; boundary={BOUNDARY}\r\ncontent-length: 9000000\r\n\r\n\
         --{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"half.txt\"\r\n\r\n",
        shelf.bot, person.address, person.token
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(&[b'a'; 300_000]).await.unwrap();
    connection
}

async fn until(server: &TestServer, user: UserId, is_so: impl Fn(DocumentUse) -> bool) {
    let looking = async {
        while !is_so(server.store().document_use(user).await.unwrap()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.unwrap();
}

#[tokio::test]
async fn an_upload_whose_sender_is_gone_leaves_nothing() {
    let (server, _script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let user = id_of(&alice).await;
    let shelf = alice.new_bot("Kettle", false).await;
    let connection = begun(&alice, &shelf).await;
    until(&server, user, |used| used.unsealed == 1).await;
    drop(connection);
    until(&server, user, |used| used == DocumentUse::default()).await;
}

#[tokio::test]
async fn only_so_many_files_of_one_user_are_on_their_way_at_once() {
    let (server, _script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let shelf = alice.new_bot("Kettle", false).await;
    shelf.put("kettle.txt", "It boils.").await;
    let whole = server.store().documents(shelf.bot).await.unwrap().remove(0);
    for number in 0..16 {
        let coming = store::document::DocumentRecord {
            id: DocumentId::from_uuid(uuid::Uuid::from_u128(number)),
            ..whole.clone()
        };
        server.store().add_document(coming).await.unwrap();
    }
    let refused = shelf.try_upload("one more.txt", b"It sings.").await;
    assert_eq!(refused.problem(), ProblemCode::RateLimited);
    let one = DocumentId::from_uuid(uuid::Uuid::from_u128(3));
    assert!(server.store().delete_document(one).await.unwrap());
    shelf.put("one more.txt", "It sings.").await;
}

/// A form with this before the file's content.
async fn sent(person: &Person, shelf: &Shelf, before: &str) -> ProblemCode {
    let body = format!("{before}\r\n\r\nIt boils.\r\n--{BOUNDARY}--\r\n");
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let path = format!("/chatbot/{}/document", shelf.bot);
    let answer = person
        .send(Method::POST, &path, body.into_bytes(), &[("content-type", &kind)])
        .await;
    answer.problem()
}

#[tokio::test]
async fn what_is_no_file_of_a_form_is_not_held_in_memory() {
    let (server, _script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let shelf = alice.new_bot("Kettle", false).await;
    let long = "a".repeat(100_000);
    let headers = format!(
        "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"x.txt\"\r\nx-long: {long}"
    );
    assert_eq!(sent(&alice, &shelf, &headers).await, ProblemCode::TooLarge);
    assert_eq!(sent(&alice, &shelf, &long).await, ProblemCode::TooLarge);
    assert_eq!(shelf.list().await, []);
    // What is no file may be long: it is passed over as it comes.
    let field = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"note\"\r\n\r\n{long}");
    assert_eq!(sent(&alice, &shelf, &field).await, ProblemCode::InvalidField);
}
