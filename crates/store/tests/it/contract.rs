//! The contract: scenarios written against `dyn Store`, one file a subject, run unchanged on every implementation.
//!
//! An implementation brings a [`Database`] and says `store_contract!(its_name, async || its fresh database)`. A new
//! scenario is added to the list in [`store_contract!`]; one that is missing there is dead code, which CI denies.

pub(crate) mod audit;
pub(crate) mod chatbot;
pub(crate) mod chunk_log;
pub(crate) mod conversation;
pub(crate) mod document;
pub(crate) mod generation;
pub(crate) mod given;
pub(crate) mod life;
pub(crate) mod message;
pub(crate) mod note;
pub(crate) mod search;
pub(crate) mod session;
pub(crate) mod sign_in;
pub(crate) mod standing;
pub(crate) mod text;
pub(crate) mod tree;
pub(crate) mod usage;
pub(crate) mod user;

use std::sync::Arc;
use store::Store;

/// A database of one test: empty at first, gone when dropped.
#[async_trait::async_trait]
pub(crate) trait Database: Send + Sync {
    /// Opens it, as a starting server does. May be called again, with or without closing what was opened before.
    async fn open(&self) -> Arc<dyn Store>;
}

macro_rules! store_contract {
    ($name:ident, $fresh:expr) => {
        $crate::contract::scenarios! { $name, $fresh,
            user {
                an_account_is_found_by_its_id_and_by_its_address,
                an_address_belongs_to_one_account,
                registering_one_address_at_once_makes_one_account,
                users_are_listed_oldest_first_page_by_page,
                nobody_is_an_administrator_until_made_one,
                a_password_is_replaced_and_nobody_elses,
                what_a_user_says_of_themselves_is_kept,
                a_deleted_account_is_gone_and_its_address_free,
                changing_nobody_is_an_error,
                users_are_found_by_the_beginning_of_their_addresses,
                the_last_administrator_stays_one,
                an_invitation_is_good_once,
                an_invitation_ends_with_its_time,
                an_invitation_redeemed_by_many_at_once_admits_one,
            }
            sign_in {
                a_current_token_is_rotated_and_the_sign_in_goes_on_longer,
                a_token_presented_again_soon_is_answered_again,
                a_repetition_does_not_bring_back_what_was_rotated_since,
                a_token_presented_again_late_ends_the_sign_in,
                unknown_expired_and_revoked_tokens_are_refused,
                tabs_that_refresh_at_once_all_stay_signed_in,
                revoking_twice_keeps_the_first_time,
                revoking_a_users_sign_ins_leaves_those_of_others,
                the_watch_is_told_of_revoked_expired_and_unknown_sign_ins,
                a_users_sign_ins_are_those_that_are_not_over,
                a_sign_in_says_when_it_was_last_used,
                a_users_sign_ins_are_taken_away_and_nobody_elses,
                a_ticket_is_redeemed_once,
                collecting_forgets_only_what_is_over,
                used_tickets_are_forgotten_when_they_are_not_good_any_more,
                tokens_rotated_long_ago_are_forgotten_and_the_sign_in_goes_on,
            }
            chatbot {
                a_chatbot_comes_back_as_it_went_in,
                a_builtin_is_made_once_even_after_its_deletion,
                a_user_sees_their_own_and_those_for_everyone,
                an_update_raises_the_version_and_keeps_the_owner,
                of_two_updates_of_one_version_the_second_is_refused,
                a_deleted_chatbot_is_gone_and_its_conversations_stay,
            }
            conversation {
                a_conversation_comes_back_as_it_went_in,
                the_latest_is_found_even_when_it_is_empty,
                an_empty_one_is_found_until_something_is_said,
                only_conversations_with_messages_are_listed_latest_first,
                pages_go_on_where_the_last_one_ended_even_among_equal_times,
                a_list_of_one_chatbot_leaves_the_others_out,
                nobody_sees_the_conversations_of_others,
                all_of_a_users_are_found_in_an_order_that_nothing_changes,
                what_somebody_has_is_counted_and_nothing_of_others,
                what_is_pinned_is_found_apart_and_stays_in_its_place,
                the_first_title_is_given_once_and_never_replaces_one,
                a_title_is_replaced_where_it_is_the_one_that_was_seen,
                the_active_leaf_moves_only_from_where_it_was,
                of_many_who_move_the_leaf_at_once_one_succeeds,
                deletion_takes_everything_and_can_be_repeated,
                several_are_found_at_once,
            }
            message {
                positions_rise_and_are_given_by_the_store,
                a_hundred_writers_lose_nothing_and_repeat_nothing,
                ten_repeats_of_one_prompt_are_one_message,
                the_same_client_id_in_two_conversations_is_two_messages,
                a_message_repeated_by_its_id_is_the_first_one,
                there_is_no_message_without_its_conversation_and_its_parent,
                branches_grow_from_a_common_trunk,
                the_messages_of_all_branches_are_found_in_order,
                a_branch_says_whether_there_is_more,
                an_answer_is_settled_once,
                a_visible_message_is_shown,
                a_visible_message_goes_on_where_a_crash_broke_it_off,
                of_many_visible_messages_at_once_all_are_kept_and_one_is_shown,
                a_prompt_of_a_replaced_session_is_never_shown,
                a_prompt_of_a_closed_session_is_never_shown,
                a_message_that_was_never_shown_is_withdrawn,
                what_a_reader_thinks_of_an_answer_is_kept_changed_and_taken_back,
                what_readers_think_of_a_chatbot_is_told_latest_first,
            }
            tree {
                an_edited_prompt_takes_the_place_of_the_leaf_that_was_seen,
                of_many_edits_at_once_all_are_kept_and_one_is_shown,
                an_edited_prompt_of_a_replaced_session_is_never_shown,
                a_repeated_edit_goes_on_where_a_crash_broke_it_off_and_never_hides_its_answer,
                a_repeated_prompt_from_another_place_hides_nothing,
                another_answer_is_shown_in_the_place_of_the_first,
                children_are_found_by_their_parents_in_order,
                an_answer_goes_on_behind_what_it_said,
                a_generation_that_was_taken_over_changes_nothing_in_an_answer_that_goes_on,
                only_an_answer_that_broke_off_is_reopened,
                reopening_is_repeated_and_a_generation_that_ended_never_comes_back,
                of_many_who_go_on_at_once_one_succeeds,
                an_answer_whose_writer_was_not_noted_is_ended_by_any_and_goes_on,
            }
            search {
                what_was_said_is_found_by_its_words,
                the_last_word_may_be_a_beginning,
                nobody_finds_what_others_said,
                one_chatbots_conversations_are_searched_alone,
                an_answer_is_found_once_it_is_settled,
                an_answer_that_went_on_is_found_by_its_whole_text,
                what_is_gone_is_not_found,
            }
            text {
                every_kind_of_text_comes_back_as_it_went_in,
                every_kind_of_text_passes_through_the_log,
                every_kind_of_text_goes_on_behind_every_other,
            }
            session {
                opening_another_closes_the_first,
                the_same_conversation_is_shared,
                a_closed_session_is_unknown_and_closing_it_again_is_no_error,
                the_fence_rises_over_closed_sessions,
                of_many_opened_at_once_one_is_active,
                sessions_of_two_users_do_not_touch_each_other,
                a_touch_is_noted_only_while_active,
                silent_sessions_are_found_and_closed_unless_heard_of_again,
                of_several_sessions_the_active_ones_are_found,
                closing_raises_the_fence,
                when_somebody_was_last_seen_outlives_their_session,
                a_users_session_is_forgotten_and_nobody_elses,
            }
            generation {
                a_started_generation_is_found_and_runs,
                a_generation_ends_once,
                what_it_took_is_kept_as_the_model_said_it,
                a_finished_answer_is_never_interrupted,
                a_writer_that_renewed_its_lease_is_not_interrupted,
                of_many_reapers_one_interrupts,
                leases_are_renewed_and_lost_generations_named,
                the_reaper_sees_what_is_not_settled_oldest_first,
                only_old_settled_logs_are_collected,
                every_step_can_be_repeated,
                a_conversation_has_one_generation_until_it_is_settled,
                of_many_claims_at_once_one_succeeds,
                a_claim_is_let_go_while_nothing_was_said,
                a_stop_reaches_the_node_it_runs_on,
                what_is_not_settled_in_several_conversations_is_found,
                the_generations_of_a_message_are_found_oldest_first,
                where_a_generation_went_on_is_kept_and_orders_it,
            }
            chunk_log {
                the_log_joins_to_the_text_and_keeps_its_boundaries,
                a_repeated_batch_is_stored_once,
                another_batch_at_the_same_place_is_fenced_off,
                a_batch_after_a_gap_is_refused,
                a_writer_with_another_fence_is_fenced_off,
                boundaries_that_do_not_fit_are_refused,
                one_call_answers_for_each_of_its_batches,
                a_reader_goes_on_from_any_delta,
                an_interrupted_log_is_an_exact_prefix_and_its_writer_collides,
                nothing_follows_the_end_but_a_repetition,
                fifty_generations_at_once_keep_all_their_chunks,
            }
            document {
                a_file_comes_back_part_by_part,
                a_document_needs_its_chatbot,
                the_same_file_twice_is_one_document_of_a_chatbot,
                of_many_workers_one_claims_a_document,
                what_is_not_whole_yet_is_nobodys_work,
                a_ready_document_is_read_under_the_fence_that_made_it,
                a_worker_held_for_dead_changes_nothing_any_more,
                a_failure_says_why_and_can_be_tried_again,
                a_document_that_is_made_anew_stays_readable_meanwhile,
                what_is_deleted_is_gone_at_once_with_all_it_held,
                a_deleted_chatbots_documents_go_and_others_stay,
                everything_that_changes_a_library_raises_its_version,
                what_a_user_has_uploaded_is_counted,
                what_many_workers_left_is_collected_in_one_round,
                an_upload_that_was_broken_off_is_collected,
                more_broken_off_uploads_than_are_looked_at_at_a_time_are_collected_in_one_round,
                documents_that_a_deleted_chatbot_left_are_collected,
                who_brings_many_files_does_not_keep_others_waiting,
                of_files_that_come_at_once_only_as_many_are_taken_as_the_user_has_room_for,
                of_files_that_come_at_once_only_as_many_are_taken_as_the_chatbot_may_have,
                vectors_of_another_model_grow_beside_the_first,
                who_makes_other_vectors_and_dies_is_followed_by_another,
                a_library_is_compared_by_one_model_at_a_time,
                who_follows_a_users_documents_sees_every_change_of_them,
            }
            note {
                a_note_is_kept_by_its_name,
                a_note_that_changed_meanwhile_is_not_overwritten,
            }
            standing {
                of_most_users_nothing_was_said,
                who_is_locked_stays_so_since_then,
                limits_are_replaced_and_the_lock_stays,
                a_link_for_a_new_password_is_good_once,
                a_link_for_a_new_password_ends_with_its_time,
                of_many_who_use_a_link_at_once_one_succeeds,
            }
            usage {
                a_generation_is_counted_once_when_it_is_settled,
                what_runs_is_not_counted,
                many_that_settle_at_once_are_all_counted,
                usage_is_added_up_by_day_model_and_user,
                old_counters_are_forgotten,
            }
            audit {
                the_audit_log_is_read_latest_first_page_by_page,
                a_line_repeated_is_one_line,
                lines_are_found_by_person_and_kind,
                old_lines_are_forgotten,
            }
            life {
                a_store_answers,
                a_store_knows_the_time,
                what_was_answered_is_there_after_a_crash,
                a_closed_store_refuses_and_a_reopened_one_remembers,
            }
        }
    };
}
pub(crate) use store_contract;

/// One test a scenario, in a module a subject.
macro_rules! scenarios {
    ($name:ident, $fresh:expr, $($subject:ident { $($scenario:ident,)* })*) => {
        mod $name {$(
            mod $subject {$(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $scenario() {
                    let database = ($fresh)().await;
                    $crate::contract::$subject::$scenario(&database).await;
                }
            )*}
        )*}
    };
}
pub(crate) use scenarios;

/// Runs `count` tasks that start together, and returns their results in order.
pub(crate) async fn all_at_once<T, F>(count: usize, task: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(tokio::sync::Barrier::new(count));
    let tasks: Vec<_> = (0..count)
        .map(|n| {
            let (start, task) = (start.clone(), task(n));
            tokio::spawn(async move {
                start.wait().await;
                task.await
            })
        })
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}
