//! Chatbots.

use super::{
    Database, all_at_once,
    given::{a_chatbot, a_conversation, at, chatbot_id, user_id},
};
use store::{StoreError, chatbot::ChatbotRecord};
use wire::chatbot::{Colour, Visibility};

pub(crate) async fn a_chatbot_comes_back_as_it_went_in(db: &dyn Database) {
    let store = db.open().await;
    for colour in Colour::ALL {
        let bot = ChatbotRecord {
            colour,
            ..a_chatbot(Some(user_id()))
        };
        store.create_chatbot(bot.clone()).await.unwrap();
        assert_eq!(store.chatbot(bot.id).await.unwrap(), Some(bot));
    }
    let plain = ChatbotRecord {
        builtin: Some("guide".into()),
        model: None,
        temperature: None,
        visibility: Visibility::Everyone,
        starters: Vec::new(),
        ..a_chatbot(None)
    };
    store.create_chatbot(plain.clone()).await.unwrap();
    assert_eq!(store.chatbot(plain.id).await.unwrap(), Some(plain));
    assert_eq!(store.chatbot(chatbot_id()).await.unwrap(), None);
}

pub(crate) async fn a_builtin_is_made_once_even_after_its_deletion(db: &dyn Database) {
    let store = db.open().await;
    let guide = || ChatbotRecord {
        builtin: Some("guide".into()),
        ..a_chatbot(None)
    };
    let first = guide();
    store.create_chatbot(first.clone()).await.unwrap();
    let second = store.create_chatbot(guide()).await;
    assert!(
        matches!(second, Err(StoreError::Conflict("builtin"))),
        "{second:?}"
    );
    store.delete_chatbot(first.id, at(1)).await.unwrap();
    let third = store.create_chatbot(guide()).await;
    assert!(matches!(third, Err(StoreError::Conflict("builtin"))), "{third:?}");
    store.create_chatbot(a_chatbot(None)).await.unwrap();
    store.create_chatbot(a_chatbot(None)).await.unwrap();
}

pub(crate) async fn a_user_sees_their_own_and_those_for_everyone(db: &dyn Database) {
    let store = db.open().await;
    let (ada, bob) = (user_id(), user_id());
    let public = |owner, created| ChatbotRecord {
        visibility: Visibility::Everyone,
        created_at: at(created),
        ..a_chatbot(owner)
    };
    let private = |owner, created| ChatbotRecord {
        created_at: at(created),
        ..a_chatbot(owner)
    };
    let bots = [
        public(Some(ada), 50),
        private(Some(ada), 40),
        private(Some(bob), 30),
        public(Some(bob), 20),
        public(None, 10),
        private(None, 5),
    ];
    for bot in &bots {
        store.create_chatbot(bot.clone()).await.unwrap();
    }
    let deleted = private(Some(ada), 1);
    store.create_chatbot(deleted.clone()).await.unwrap();
    store.delete_chatbot(deleted.id, at(60)).await.unwrap();

    let [ada_public, ada_private, bob_private, bob_public, builtin, draft] = bots;
    let seen = store.chatbots_visible_to(ada, false).await.unwrap();
    assert_eq!(
        seen,
        [
            builtin.clone(),
            bob_public.clone(),
            ada_private.clone(),
            ada_public.clone()
        ]
    );
    let seen = store.chatbots_visible_to(ada, true).await.unwrap();
    assert_eq!(
        seen,
        [draft, builtin, bob_public, bob_private, ada_private, ada_public]
    );
}

pub(crate) async fn an_update_raises_the_version_and_keeps_the_owner(db: &dyn Database) {
    let store = db.open().await;
    let bot = ChatbotRecord {
        builtin: Some("guide".into()),
        ..a_chatbot(Some(user_id()))
    };
    store.create_chatbot(bot.clone()).await.unwrap();
    let changed = ChatbotRecord {
        owner_id: None,
        builtin: None,
        created_at: at(99),
        name: "Grace".into(),
        description: "Finds moths.".into(),
        system_prompt: "You are Grace.".into(),
        model: None,
        temperature: None,
        colour: Colour::Moss,
        visibility: Visibility::Everyone,
        documents_only: true,
        starters: vec!["Which \"moths\" are there?".into(), "Und jetzt? 🦋".into()],
        ..bot.clone()
    };
    store.update_chatbot(changed.clone()).await.unwrap();
    let expected = ChatbotRecord {
        owner_id: bot.owner_id,
        builtin: bot.builtin,
        created_at: bot.created_at,
        version: 2,
        ..changed
    };
    assert_eq!(store.chatbot(bot.id).await.unwrap(), Some(expected));
    let nobody = store.update_chatbot(a_chatbot(None)).await;
    assert!(
        matches!(nobody, Err(StoreError::NotFound("chatbot"))),
        "{nobody:?}"
    );
}

pub(crate) async fn of_two_updates_of_one_version_the_second_is_refused(db: &dyn Database) {
    let store = db.open().await;
    let bot = a_chatbot(None);
    store.create_chatbot(bot.clone()).await.unwrap();
    let results = all_at_once(10, |n| {
        let (store, bot) = (
            store.clone(),
            ChatbotRecord {
                name: format!("Ada {n}"),
                ..bot.clone()
            },
        );
        async move { (bot.name.clone(), store.update_chatbot(bot).await) }
    })
    .await;
    let (updated, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(|(_, result)| result.is_ok());
    assert_eq!(updated.len(), 1);
    assert!(
        refused
            .iter()
            .all(|(_, result)| matches!(result, Err(StoreError::Conflict("version")))),
        "{refused:?}"
    );
    let stored = store.chatbot(bot.id).await.unwrap().unwrap();
    assert_eq!((stored.name, stored.version), (updated[0].0.clone(), 2));
}

pub(crate) async fn a_deleted_chatbot_is_gone_and_its_conversations_stay(db: &dyn Database) {
    let store = db.open().await;
    let bot = a_chatbot(Some(user_id()));
    store.create_chatbot(bot.clone()).await.unwrap();
    let conversation = a_conversation(user_id(), bot.id);
    store.create_conversation(conversation.clone()).await.unwrap();
    assert!(store.delete_chatbot(bot.id, at(1)).await.unwrap());
    assert!(!store.delete_chatbot(bot.id, at(2)).await.unwrap());
    assert!(!store.delete_chatbot(chatbot_id(), at(2)).await.unwrap());
    assert_eq!(store.chatbot(bot.id).await.unwrap(), None);
    let update = store.update_chatbot(bot).await;
    assert!(
        matches!(update, Err(StoreError::NotFound("chatbot"))),
        "{update:?}"
    );
    assert_eq!(
        store.conversation(conversation.id).await.unwrap(),
        Some(conversation)
    );
}
