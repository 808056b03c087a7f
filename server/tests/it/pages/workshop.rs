//! Where a chatbot is built: pages for who may edit it, and for nobody else.

use crate::{
    library::shelf::Shelf,
    world::{Person, TestServer},
};
use axum::http::header;

const WARRANTY: &str = "The warranty lasts 27 months.";

async fn kettle(alice: &Person) -> Shelf {
    let shelf = alice.new_bot("Kettle", false).await;
    shelf
        .put("zephyr.md", &format!("# Zephyr\n\nIt boils.\n\n{WARRANTY}\n"))
        .await;
    shelf
}

#[tokio::test]
async fn who_may_edit_a_chatbot_finds_its_workshop_and_others_find_nothing() {
    let server = TestServer::answering(&["Hi."]).await;
    let alice = server.sign_up("alice").await;
    let shelf = kettle(&alice).await;
    let everyone = r#"{"visibility":"everyone"}"#;
    alice.patch(&format!("/chatbot/{}", shelf.bot), everyone).await;
    let bob = server.sign_up("bob").await;
    for (tab, says) in [
        ("settings", "Instructions"),
        ("documents", "zephyr.md"),
        ("playground", "Question"),
    ] {
        let path = format!("/bot/{}/{tab}", shelf.bot);
        let page = alice.page(&path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.body.contains(says), "{path}: {}", page.body);
        let page = bob.page(&path).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(!page.body.contains(says), "{path}: {}", page.body);
    }
    // The picker leads there, for her alone.
    let link = format!("/bot/{}/settings", shelf.bot);
    assert!(alice.page("/").await.body.contains(&link));
    assert!(!bob.page("/").await.body.contains(&link));
}

#[tokio::test]
async fn a_file_is_downloaded_by_its_owners_page_and_by_no_other() {
    let server = TestServer::answering(&["Hi."]).await;
    let alice = server.sign_up("alice").await;
    let shelf = kettle(&alice).await;
    let id = shelf.list().await[0].id;
    let path = format!("/bot/{}/document/{id}/file", shelf.bot);
    let file = alice.page(&path).await;
    assert_eq!(file.status, 200);
    assert!(file.body.contains(WARRANTY));
    let disposition = file.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(disposition.starts_with("attachment;"), "{disposition}");
    let mallory = server.sign_up("mallory").await;
    assert_eq!(mallory.page(&path).await.status, 404);
    assert_eq!(server.anybody().page(&path).await.status, 401);
}

#[tokio::test]
async fn a_search_has_an_address_and_leads_to_the_place_without_a_script() {
    let server = TestServer::answering(&["Hi."]).await;
    let alice = server.sign_up("alice").await;
    let shelf = kettle(&alice).await;
    let path = format!("/bot/{}/playground?ask=How+long+is+the+warranty%3F", shelf.bot);
    let page = alice.page(&path).await;
    assert!(page.body.contains("27 months"), "{}", page.body);
    let link = page
        .body
        .split("href=\"")
        .find(|link| link.starts_with("/bot/") && link.contains("?at="));
    let link = link.unwrap().split('#').next().unwrap().replace("&amp;", "&");
    let place = alice.page(&link).await;
    assert_eq!(place.status, 200, "{link}");
    assert!(place.body.contains("<mark id=\"cited\""), "{}", place.body);
}

#[tokio::test]
async fn what_is_written_into_a_chatbot_cannot_leave_its_form() {
    let server = TestServer::answering(&["Hi."]).await;
    let alice = server.sign_up("alice").await;
    let shelf = alice.new_bot("</h1><i>Kettle", false).await;
    let hostile = r#"{"system_prompt":"</textarea><script>alert(1)</script>","description":"\"><b>"}"#;
    alice.patch(&format!("/chatbot/{}", shelf.bot), hostile).await;
    let page = alice.page(&format!("/bot/{}/settings", shelf.bot)).await;
    for raw in ["<script>alert", "</textarea><script", "<i>Kettle", "\"><b>"] {
        assert!(!page.body.contains(raw), "{raw}: {}", page.body);
    }
    assert!(page.body.contains("&lt;/textarea&gt;"), "{}", page.body);
}
