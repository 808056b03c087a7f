//! `GET /models`: what a server has, and whether it takes the key. For people who look for a fault, not for chats.

use crate::ModelError;
use reqwest::Response;
use serde::Deserialize;

/// Enough for thousands of names.
const MAX_BYTES: usize = 2 * 1024 * 1024;

/// What the server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelsAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The names; none when it did not say.
    pub models: Vec<String>,
}

#[derive(Deserialize)]
struct List {
    data: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    id: String,
}

/// Reads it, whatever it is.
pub(super) async fn read(mut response: Response) -> Result<ModelsAnswer, ModelError> {
    let status = response.status().as_u16();
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(piece)) if body.len() + piece.len() <= MAX_BYTES => body.extend_from_slice(&piece),
            Ok(_) => break,
            Err(error) => return Err(ModelError::BrokeOff(super::report::cause(&error))),
        }
    }
    let list = serde_json::from_slice::<List>(&body).ok();
    let models = list.map(|list| list.data.into_iter().map(|model| model.id).collect());
    Ok(ModelsAnswer {
        status,
        models: models.unwrap_or_default(),
    })
}
