//! A chatbot answers from its own documents, and from those that are there.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use rag::index::{ChatbotIndex, IndexError};
use rag::retrieve::{RetrieveOptions, SearchQuery, retrieve};
use wire::DocumentId;

use crate::random;

#[test]
fn a_hundred_thousand_retrievals_find_no_foreign_and_no_removed_chunk() {
    const CHATBOTS: u128 = 12;
    let mut rng = Rng::with_seed(20);
    let mut indexes: BTreeMap<u128, ChatbotIndex> = (0..CHATBOTS)
        .map(|number| {
            (
                number,
                ChatbotIndex::new(random::chatbot(number), Some(random::space())),
            )
        })
        .collect();
    let mut owned: BTreeMap<u128, BTreeSet<DocumentId>> = BTreeMap::new();
    let mut next = 0;
    let (mut retrievals, mut passages) = (0_u32, 0_u32);
    let options = RetrieveOptions {
        ignore_floor: true,
        budget: 150,
        ..RetrieveOptions::default()
    };
    while retrievals < 100_000 {
        let number = rng.u128(..CHATBOTS);
        let index = indexes.get_mut(&number).unwrap();
        let own = owned.entry(number).or_default();
        if own.len() < 5 {
            next += 1;
            let id = random::document_id(next);
            let document = random::note(&mut rng);
            index
                .add(random::indexed(&mut rng, random::chatbot(number), id, &document))
                .unwrap();
            own.insert(id);
        } else if rng.u8(..10) == 0 {
            let id = *own.iter().nth(rng.usize(..own.len())).unwrap();
            assert!(index.remove(id) && !index.remove(id));
            own.remove(&id);
        }
        assert!(index.documents().eq(own.iter().copied()));
        for _ in 0..200 {
            let query = SearchQuery::alone(&random::sentence(&mut rng));
            let vector = rng.bool().then(|| random::vector(&mut rng));
            let found = retrieve(index, &query, vector.as_deref(), &options);
            assert!(
                found
                    .passages
                    .iter()
                    .all(|passage| own.contains(&passage.document))
            );
            assert!(
                found
                    .candidates
                    .iter()
                    .all(|candidate| own.contains(&candidate.document))
            );
            retrievals += 1;
            passages += u32::try_from(found.passages.len()).unwrap();
        }
    }
    assert!(passages > retrievals / 2, "something was found: {passages}");
}

#[test]
fn another_chatbots_document_is_refused() {
    let mut rng = Rng::with_seed(1);
    let document = random::document(&mut rng);
    let mut index = ChatbotIndex::new(random::chatbot(1), Some(random::space()));
    let foreign = random::indexed(&mut rng, random::chatbot(2), random::document_id(1), &document);
    assert_eq!(index.add(foreign), Err(IndexError::ForeignDocument));
    assert_eq!((index.chunks(), index.documents().count()), (0, 0));
}
