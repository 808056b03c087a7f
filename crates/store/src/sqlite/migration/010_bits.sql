-- Prompts that a chatbot offers to begin with, as a list of JSON.
ALTER TABLE chatbot ADD COLUMN starters TEXT NOT NULL DEFAULT '[]';

-- The model that began an answer, by its name.
ALTER TABLE message ADD COLUMN model TEXT;

-- What the reader thinks of an answer: all of these, or none (a reason is not needed). `rated_chatbot`: whose owner is
-- told of it, beside each other by time.
ALTER TABLE message ADD COLUMN verdict TEXT;
ALTER TABLE message ADD COLUMN reason TEXT;
ALTER TABLE message ADD COLUMN comment TEXT;
ALTER TABLE message ADD COLUMN rated_at INTEGER;
ALTER TABLE message ADD COLUMN rated_chatbot BLOB;
CREATE INDEX message_rated ON message (rated_chatbot, rated_at, id) WHERE rated_chatbot IS NOT NULL;
