//! The claim: a conversation is taken for one generation before anything of it is stored, and let go when that does not
//! come to be.
//!
//! Among several nodes the claim is the generation's record, of which a conversation has one that is not settled. A node
//! alone on its store knows what runs, and stores the claim only where a crash could otherwise leave an answer behind
//! that nobody writes: for an answer beside another one, and for one that goes on.

use crate::{
    app::App,
    chat::generation::{log_writer::retried_for, run},
};
use std::time::Duration;
use store::{StoreError, generation::GenerationRecord};
use wire::GenerationId;

/// How long a claim waits for a store that does not answer, before who asked is told.
const CLAIM_PATIENCE: Duration = Duration::from_secs(5);

/// A claim, to be kept or let go.
#[derive(Debug)]
pub(super) struct Claim<'a> {
    app: &'a App,
    id: GenerationId,
    is_stored: bool,
}

impl<'a> Claim<'a> {
    /// `None`: another generation has the conversation.
    ///
    /// # Errors
    /// The store's. Nothing is left behind.
    pub(super) async fn take(
        app: &'a App,
        generation: GenerationRecord,
        is_stored: bool,
    ) -> Result<Option<Self>, StoreError> {
        let claim = Self {
            app,
            id: generation.id,
            is_stored: is_stored || !app.alone,
        };
        match claim.store(generation).await {
            Ok(()) => Ok(Some(claim)),
            Err(StoreError::Conflict(_)) => Ok(None),
            Err(error) => {
                // It may be stored all the same.
                claim.let_go().await;
                Err(error)
            }
        }
    }

    async fn store(&self, generation: GenerationRecord) -> Result<(), StoreError> {
        if !self.is_stored {
            return Ok(());
        }
        let store = &self.app.store;
        match retried_for(CLAIM_PATIENCE, || store.start_generation(generation.clone())).await {
            // By an attempt whose answer was lost; unless it was taken over since.
            Err(StoreError::Conflict("generation")) if self.is_held().await? => Ok(()),
            claimed => claimed,
        }
    }

    /// Whether the claim is still this node's.
    pub(super) async fn is_held(&self) -> Result<bool, StoreError> {
        if !self.is_stored {
            return Ok(true);
        }
        let record = self.app.store.generation(self.id).await?;
        Ok(record.is_some_and(|record| record.ended.is_none() && record.fence == run::FIRST_FENCE))
    }

    /// The prompt was stored before, by a process that died: the claim must name that one, so that whoever finds this
    /// process dead, too, knows where its answer belongs. False when another node was faster.
    pub(super) async fn take_again(&self, generation: GenerationRecord) -> Result<bool, StoreError> {
        if !self.is_stored {
            return Ok(true);
        }
        self.app.store.abandon_generation(self.id).await?;
        match self.store(generation).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The reaper does it otherwise, a lease later.
    pub(super) async fn let_go(&self) {
        if self.is_stored
            && let Err(error) = self.app.store.abandon_generation(self.id).await
        {
            tracing::warn!(%error, "Could not let go of a conversation; it is free again when the lease has run out");
        }
    }
}
