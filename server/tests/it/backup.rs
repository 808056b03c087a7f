//! `parlance backup`, beside a running server: what was acknowledged before it is in it, and a server starts on it.

use crate::world::{Chat, Person, TestServer};
use clap::Parser;
use llm::ScriptedModel;
use server::command::backup::{self, BackupCommand};
use std::{path::Path, sync::Arc};
use wire::{message::MessageStatus, session::OpenSession};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    command: BackupCommand,
}

/// What `parlance backup TO` prints.
fn parlance_backup(data: &Path, to: &Path) -> Result<String, String> {
    let words = [
        "parlance backup".as_ref(),
        "--data".as_ref(),
        data.as_os_str(),
        to.as_os_str(),
    ];
    let mut output = Vec::new();
    let mut command = Line::parse_from(words).command;
    // Whatever the environment of the tests has.
    command.store.mongodb_uri = None;
    backup::run(&command, &mut output)?;
    Ok(String::from_utf8(output).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_taken_in_the_middle_of_an_answer_is_restored_with_all_that_was_acknowledged() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let bot = chat.session.as_ref().unwrap().chatbot_id;
    chat.say("What is finished?").await;
    let mut call = script.next_call().await;
    call.say("This.");
    call.finish();
    assert_eq!(chat.reply().await.text, "This.");
    chat.say("And what is not?").await;
    let mut call = script.next_call().await;
    let generation = chat.response_start().await;
    call.say("This is on the disk, ");
    while server.store().log_text(generation).await.unwrap().seq < 1 {
        tokio::task::yield_now().await;
    }

    let place = tempfile::tempdir().unwrap();
    let backup = place.path().join("2026-11-24");
    let data = server.data().to_path_buf();
    let printed = {
        let backup = backup.clone();
        tokio::task::spawn_blocking(move || parlance_backup(&data, &backup))
            .await
            .unwrap()
            .unwrap()
    };
    assert!(printed.contains("conversations 1, messages 4"), "{printed}");
    assert!(printed.contains("The secret key is in it"), "{printed}");
    call.say("and this comes too late for the backup.");
    call.finish();
    assert!(
        chat.rest_of_reply(0)
            .await
            .text
            .ends_with("too late for the backup.")
    );
    server.stop().await;

    // A new server on the backup: the tokens of before are good, since the key is the same.
    let restored = TestServer::on(&backup, Arc::new(ScriptedModel::answering(|_| ["Again."]))).await;
    let alice = Person {
        address: restored.address.clone(),
        ..alice
    };
    let session = alice.open_session_with(bot, OpenSession::default()).await;
    let said: Vec<_> = session
        .previous_messages
        .iter()
        .map(|message| (message.message.as_str(), message.status))
        .collect();
    assert_eq!(
        said,
        [
            ("What is finished?", MessageStatus::Complete),
            ("This.", MessageStatus::Complete),
            ("And what is not?", MessageStatus::Complete),
            ("This is on the disk, ", MessageStatus::Interrupted),
        ]
    );
    let mut chat = Chat::connect(&alice, &session.session_id.to_string(), "")
        .await
        .unwrap();
    chat.say("Does it go on?").await;
    assert_eq!(chat.reply().await.text, "Again.");

    let error = parlance_backup(&backup, place.path()).unwrap_err();
    assert!(error.contains("never writes over anything"), "{error}");
}
