//! One suite for every model: what `ChatModel` promises, whoever keeps it.
//!
//! `suite` holds the promises, `parts` what the models without a mind of their own say, the rest one subject a file.

#[cfg(feature = "local")]
mod local;
mod openai;
mod parts;
mod scripted;
mod suite;

use llm::{ChatModel, ChatRequest};
use tokio::sync::watch;

/// A model under test.
pub trait Subject {
    fn model(&self) -> &dyn ChatModel;

    /// Waits until the model, or the server behind it, has begun to work and works for nobody any more.
    async fn idle(&mut self);

    /// Something it must refuse.
    fn refused(&self) -> ChatRequest;
}

/// Answers begun, and answers over: what the peers of the subjects count.
#[derive(Debug, Clone)]
pub struct Work(watch::Sender<(u32, u32)>);

impl Work {
    pub fn none() -> Self {
        Self(watch::Sender::new((0, 0)))
    }

    pub async fn count<F: Future>(&self, work: F) -> F::Output {
        self.0.send_modify(|(begun, _)| *begun += 1);
        let done = work.await;
        self.0.send_modify(|(_, over)| *over += 1);
        done
    }

    pub async fn is_over(&self) {
        self.0
            .subscribe()
            .wait_for(|(begun, over)| *begun > 0 && begun == over)
            .await
            .unwrap();
    }
}

/// Every promise, as a test of its own.
macro_rules! conformance {
    ($name:ident, $subject:expr) => {
        mod $name {
            use crate::conformance::suite;

            conformance!(@tests $subject,
                an_answer_is_its_text_in_order_then_its_end_then_nothing,
                a_status_and_a_name_are_there,
                what_it_took_is_told,
                characters_are_never_cut,
                answers_at_the_same_time_do_not_mix,
                a_dropped_answer_is_cancelled,
                an_answer_dropped_before_its_first_word_is_cancelled,
                after_a_cancelled_answer_the_next_is_whole,
                a_refusal_is_the_last_that_is_heard,
                earlier_turns_are_known,
                an_answer_goes_on_where_it_was_cut_off,
            );
        }
    };
    (@tests $subject:expr, $($promise:ident,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                suite::$promise(&mut $subject.await).await;
            }
        )*
    };
}

conformance!(scripted_model, crate::conformance::scripted::Played::start());
conformance!(openai_model, crate::conformance::openai::Remote::start());
#[cfg(feature = "local")]
conformance!(local_model, crate::conformance::local::Local::start());
