//! A chatbot's documents by forms: files, and what is done with one.

use crate::library::shelf::Shelf;
use crate::world::{Answer, Person, TestServer};
use axum::http::Method;
use wire::document::{Document, DocumentStatus};

const BOUNDARY: &str = "form-boundary";

/// A field of a form: its name, its file's name, what it holds.
type Part<'a> = (&'a str, Option<&'a str>, &'a str);

fn file<'a>(name: &'a str, content: &'a str) -> Part<'a> {
    ("file", Some(name), content)
}

/// What a browser sends for such a form.
fn body(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = String::new();
    for (name, file, content) in parts {
        let file = file.map_or_else(String::new, |file| {
            format!("; filename=\"{file}\"\r\nContent-Type: application/octet-stream")
        });
        body += &format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n"
        );
    }
    body += &format!("--{BOUNDARY}--\r\n");
    body.into_bytes()
}

async fn send_from(
    person: &Person,
    shelf: &Shelf,
    parts: &[Part<'_>],
    from: &[(&'static str, &str)],
) -> Answer {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let cookies = person.cookies.join("; ");
    let mut headers = vec![("content-type", kind.as_str())];
    if !cookies.is_empty() {
        headers.push(("cookie", &cookies));
    }
    headers.extend(from);
    let browser = Person {
        token: String::new(),
        ..person.clone()
    };
    let page = format!("/bot/{}/documents", shelf.bot);
    browser.send(Method::POST, &page, body(parts), &headers).await
}

async fn send(person: &Person, shelf: &Shelf, parts: &[Part<'_>]) -> Answer {
    let origin = format!("http://{}", person.address);
    send_from(person, shelf, parts, &[("origin", &origin)]).await
}

fn names(documents: &[Document]) -> Vec<&str> {
    let names = documents.iter().map(|document| document.name.as_str());
    names.collect()
}

#[tokio::test]
async fn without_scripts_files_are_sent_read_again_and_deleted() {
    let server = TestServer::answering(&["Hi."]).await;
    let ada = server.sign_up("ada").await;
    let shelf = ada.new_bot("Kettle", false).await;
    let page = format!("/bot/{}/documents", shelf.bot);
    let form = ada.page(&page).await;
    let token = form.hidden("form_token");
    assert!(
        form.without_scripts("enctype=\"multipart/form-data\"").is_some(),
        "{}",
        form.body
    );
    let parts = [
        ("form_token", None, token.as_str()),
        file("one.md", "The first kettle sings."),
        file("two.md", "The second one whistles."),
    ];
    let there = send(&ada, &shelf, &parts).await.location().to_owned();
    assert_eq!(there, format!("{page}?done=sent"));
    let shown = ada.page(&there).await.body;
    for words in ["one.md", "two.md", "The files were sent"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let first = shelf.settled("one.md").await;
    assert_eq!(first.status, DocumentStatus::Ready);
    shelf.settled("two.md").await;

    let line = format!("/bot/{}/document/{}", shelf.bot, first.id);
    let act = async |act| {
        let fields = [("form_token", token.as_str()), ("act", act)];
        ada.submit(&line, &fields).await
    };
    assert_eq!(act("anew").await.location(), format!("{page}?done=anew"));
    shelf.settled("one.md").await;
    assert_eq!(act("burn").await.status, 400);
    assert_eq!(act("delete").await.location(), format!("{page}?done=deleted"));
    assert_eq!(names(&shelf.list().await), ["two.md"]);
    assert_eq!(act("delete").await.status, 404, "it is gone");
}

#[tokio::test]
async fn files_that_cannot_be_taken_are_said_on_the_page_and_those_before_stay() {
    let (server, _script) = TestServer::scripted_with(|config| config.documents.document_bytes = 1_000).await;
    let ada = server.sign_up("ada").await;
    let shelf = ada.new_bot("Kettle", false).await;
    let token = ada.form_token().await;
    let token = ("form_token", None, token.as_str());
    // Nothing was chosen: browsers send a file without a name then.
    let none = send(&ada, &shelf, &[token, file("", "")]).await;
    assert_eq!(none.status, 400);
    assert!(none.body.contains("There is none in the form."), "{}", none.body);
    // Larger than what a connection holds: the answer comes when all of it was sent.
    let large = "a".repeat(400_000);
    let parts = [token, file("small.md", "Fits."), file("large.txt", &large)];
    let refused = send(&ada, &shelf, &parts).await;
    assert_eq!(refused.status, 413);
    assert!(
        refused.body.contains("The file large.txt is too large"),
        "{}",
        refused.body
    );
    assert!(refused.body.contains("small.md"), "{}", refused.body);
    assert_eq!(names(&shelf.list().await), ["small.md"]);
    // Somebody else's chatbot is not there.
    let mallory = server.sign_up("mallory").await;
    let own = mallory.form_token().await;
    let parts = [("form_token", None, own.as_str()), file("hers.md", "Hers.")];
    assert_eq!(send(&mallory, &shelf, &parts).await.status, 404);
    assert_eq!(names(&shelf.list().await), ["small.md"]);
}

#[tokio::test]
async fn no_file_is_taken_before_it_is_proved_whose_page_sent_it() {
    let server = TestServer::answering(&["Hi."]).await;
    let ada = server.sign_up("ada").await;
    let shelf = ada.new_bot("Kettle", false).await;
    let token = ada.form_token().await;
    let other_device = ada.sign_in_again().await.form_token().await;
    let good = ("form_token", None, token.as_str());
    let one = file("one.md", "The first kettle sings.");
    let own = format!("http://{}", ada.address);
    let foreign: [&[(&'static str, &str)]; 4] = [
        &[],
        &[("origin", "null")],
        &[("origin", "https://evil.example")],
        &[("origin", &own), ("sec-fetch-site", "cross-site")],
    ];
    for from in foreign {
        super::is_refused(&send_from(&ada, &shelf, &[good, one], from).await);
    }
    let long = "a".repeat(5_000);
    for token in ["", "x", &token[1..], &other_device, &long] {
        super::is_refused(&send(&ada, &shelf, &[("form_token", None, token), one]).await);
    }
    // The token is behind the file, or is none.
    super::is_refused(&send(&ada, &shelf, &[one, good]).await);
    super::is_refused(&send(&ada, &shelf, &[one]).await);
    let nobody = send(&server.anybody(), &shelf, &[good, one]).await;
    assert_eq!(nobody.location(), "/sign-in");
    assert_eq!(names(&shelf.list().await), [""; 0]);
    assert_eq!(send(&ada, &shelf, &[good, one]).await.status, 303);
}
