//! Pages: who sees them, what they are allowed to do, what they open (nothing).

mod workshop;

use crate::world::TestServer;
use axum::http::{Method, header};
use wire::session::OpenSession;

#[tokio::test]
async fn who_is_not_signed_in_is_sent_to_sign_in() {
    let server = TestServer::answering(&["Hi."]).await;
    for path in ["/", "/c/0192f0c1-2a3b-7c4d-8e5f-6a7b8c9d0e1f"] {
        let answer = server.anybody().page(path).await;
        assert_eq!(
            (
                answer.status.as_u16(),
                answer.headers[header::LOCATION].to_str().unwrap()
            ),
            (303, "/sign-in")
        );
    }
    let page = server.anybody().page("/sign-in").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("<form"), "{}", page.body);
}

#[tokio::test]
async fn a_page_carries_a_policy_whose_nonce_its_scripts_have() {
    let server = TestServer::answering(&["Hi."]).await;
    let alice = server.sign_up("alice").await;
    let page = alice.page("/").await;
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    let nonce = policy
        .split("'nonce-")
        .nth(1)
        .unwrap()
        .split('\'')
        .next()
        .unwrap();
    assert!(nonce.len() >= 16);
    assert!(page.body.contains(&format!("nonce=\"{nonce}\"")));
    for forbidden in ["unsafe-inline", "unsafe-eval'", "*"] {
        assert!(
            !policy.replace("wasm-unsafe-eval", "").contains(forbidden),
            "{policy}"
        );
    }
    assert!(
        !page.body.contains(" style=\""),
        "inline styles are blocked by the policy"
    );
    assert_ne!(
        alice.page("/").await.headers[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap(),
        policy
    );
}

#[tokio::test]
async fn pages_and_json_go_compressed_to_who_takes_them_so_and_plain_to_others() {
    let server = TestServer::answering(&["The kettle sings. "; 200]).await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let id = chat.session.clone().unwrap().conversation_id;
    chat.say("What does the kettle do?").await;
    chat.reply().await;
    let cookies = alice.cookies.join("; ");
    for (path, kind) in [
        (format!("/c/{id}"), "text/html"),
        (format!("/conversation/{id}"), "json"),
    ] {
        let ask = async |takes: &str| {
            let headers = [("cookie", cookies.as_str()), ("accept-encoding", takes)];
            alice.request(Method::GET, &path, "", &headers).await
        };
        let plain = ask("identity").await;
        assert!(
            plain.headers[header::CONTENT_TYPE]
                .to_str()
                .unwrap()
                .contains(kind)
        );
        assert!(!plain.headers.contains_key(header::CONTENT_ENCODING) && plain.body.contains("sings"));
        for way in ["br", "gzip"] {
            let packed = ask(&format!("deflate, {way}")).await;
            assert_eq!(packed.status, 200);
            assert_eq!(packed.headers[header::CONTENT_ENCODING], way, "{path}");
            assert!(
                packed
                    .headers
                    .get_all(header::VARY)
                    .iter()
                    .any(|vary| vary == "accept-encoding")
            );
            let (less, more) = (packed.bytes.len(), plain.bytes.len());
            assert!(less * 3 < more, "{path}, {way}: {less} bytes of {more}");
        }
    }
    let takes = [("accept-encoding", "br, gzip")];
    let small = alice.request(Method::GET, "/auth/me", "", &takes).await;
    assert!(
        !small.headers.contains_key(header::CONTENT_ENCODING),
        "it would not gain"
    );
}

#[tokio::test]
async fn the_history_is_in_the_page_before_any_script_and_opening_it_opens_no_session() {
    let server = TestServer::answering(&["The kettle sings."]).await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let session = chat.session.clone().unwrap();
    chat.say("What does the kettle do?").await;
    chat.reply().await;
    alice
        .delete(&format!("/chatbot/session/{}", session.session_id))
        .await;
    let page = alice.page(&format!("/c/{}", session.conversation_id)).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("What does the kettle do?") && page.body.contains("The kettle sings."));
    let me: wire::auth::User = alice.get("/auth/me").await.json();
    assert_eq!(server.store().session_of(me.id).await.unwrap(), None);
}

#[tokio::test]
async fn somebody_elses_conversation_is_not_found() {
    let server = TestServer::answering(&["Secret."]).await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    chat.say("my secret").await;
    chat.reply().await;
    let conversation = chat.session.unwrap().conversation_id;
    let page = server
        .sign_up("mallory")
        .await
        .page(&format!("/c/{conversation}"))
        .await;
    assert_eq!(page.status, 404);
    assert!(!page.body.contains("my secret") && !page.body.contains("Secret."));
}

#[tokio::test]
async fn hostile_text_stays_text_in_a_page() {
    let server = TestServer::answering(&["<img src=x onerror=alert(1)> <script>alert(2)</script>"]).await;
    let alice = server.sign_up("alice").await;
    let bot = server.assistant(&alice).await;
    let session = alice.open_session_with(bot, OpenSession::default()).await;
    let mut chat = alice.connect(&session).await;
    chat.say("</title></script><script>alert(3)</script>").await;
    chat.reply().await;
    let page = alice.page(&format!("/c/{}", session.conversation_id)).await;
    for hostile in ["<img src=x", "<script>alert"] {
        assert!(!page.body.contains(hostile), "{}", page.body);
    }
}

#[tokio::test]
async fn who_chooses_another_language_keeps_what_else_the_address_says() {
    let server = TestServer::answering(&[]).await;
    let somebody = server.anybody();
    let page = somebody.page("/sign-up?invite=a%26b&language=ar").await;
    assert_eq!(page.status, 303);
    let page = somebody.page("/sign-up?invite=a%26b").await;
    assert!(
        page.body.contains("href=\"?invite=a%26b&amp;language=ja\""),
        "{}",
        page.body
    );
    // What was sent by a form and came back is the same page.
    let field = ("invitation", "a&b");
    let back = somebody
        .submit(
            "/sign-up",
            &[("email", "nobody"), ("password", "a few words in a row"), field],
        )
        .await;
    assert_eq!(back.status, 400);
    assert!(
        back.body.contains("invite=a%26b&amp;language=ja"),
        "{}",
        back.body
    );
}
