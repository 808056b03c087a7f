//! The note about the model, below the chatbots.

use crate::component::model_note::ModelNote;
use leptos::prelude::*;
use wire::auth::ModelInfo;

/// See [`ModelNote`].
#[island]
pub fn PickerNote(
    /// As it was when the page was drawn.
    model: ModelInfo,
) -> impl IntoView {
    view! { <ModelNote model/> }
}
