-- Conversations that their user wants before the others in the list.
ALTER TABLE conversation ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
CREATE INDEX conversation_pinned ON conversation (user_id, updated_at, id)
    WHERE pinned = 1 AND active_leaf IS NOT NULL;
