-- What several nodes need, kept here too, so that both stores do the same.

-- No prompt of a session with a lower fence becomes visible here any more.
ALTER TABLE conversation ADD COLUMN session_fence INTEGER NOT NULL DEFAULT 0;

-- An answer that was never appended has no log: there is nothing to move into it.
ALTER TABLE generation ADD COLUMN prompt_id BLOB;
ALTER TABLE generation ADD COLUMN stop_requested INTEGER NOT NULL DEFAULT 0;
UPDATE generation SET prompt_id = (SELECT parent_id FROM message WHERE message.id = generation.message_id);
DELETE FROM generation WHERE prompt_id IS NULL;
CREATE INDEX generation_unsettled_in ON generation (conversation_id) WHERE settled = 0;
CREATE INDEX generation_of_message ON generation (message_id, started_at, id);
CREATE INDEX generation_to_stop ON generation (node_id) WHERE stop_requested = 1 AND ended_at IS NULL;

-- Whether something follows a message.
CREATE INDEX message_of_parent ON message (parent_id) WHERE parent_id IS NOT NULL;
