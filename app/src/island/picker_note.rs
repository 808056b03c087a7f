//! The note about the model, below the chatbots.

use crate::{component::model_note::ModelNote, data::given::given};
use leptos::prelude::*;
use wire::auth::ModelInfo;

/// See [`ModelNote`].
#[island]
pub fn PickerNote() -> impl IntoView {
    given::<ModelInfo>().map(|model| view! { <ModelNote model/> })
}
