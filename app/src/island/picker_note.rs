//! The note about the model, below the chatbots.

use crate::{component::model_note::ModelNote, data::given::given};
use leptos::prelude::*;
use wire::auth::ModelInfo;

/// See [`ModelNote`].
#[cfg_attr(feature = "csr", component)]
#[cfg_attr(not(feature = "csr"), island)]
pub fn PickerNote() -> impl IntoView {
    given::<ModelInfo>().map(|model| view! { <ModelNote model/> })
}
