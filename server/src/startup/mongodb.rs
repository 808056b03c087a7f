//! Opening a MongoDB at the start: it may still be starting itself.

use super::StartError;
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use store::{MongoStore, StoreError};
use tokio::time::Instant;

/// How long a start waits for the database: containers start together.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two attempts, beside the driver's own waiting.
const PAUSE: Duration = Duration::from_secs(1);

/// Opens it, waiting for it if need be.
///
/// # Errors
/// It does not answer, or is not to be used. The address is not repeated: it may hold a password.
pub(super) async fn open(uri: &SecretString, database: &str) -> Result<MongoStore, StartError> {
    let end = Instant::now() + PATIENCE;
    loop {
        match MongoStore::open(uri.expose_secret(), database).await {
            Ok(store) => return Ok(store),
            Err(StoreError::Unavailable(cause)) if Instant::now() < end => {
                tracing::warn!(cause, "MongoDB does not answer yet; trying again");
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => {
                return Err(StartError::new(format!(
                    "cannot open the MongoDB database \"{database}\": {error}. Check MONGODB_URI, and that this machine \
                     reaches the server it names."
                )));
            }
        }
    }
}
