-- What people say of themselves, and how they want to see the pages.
ALTER TABLE user ADD COLUMN name TEXT;
ALTER TABLE user ADD COLUMN theme TEXT NOT NULL DEFAULT 'system';
ALTER TABLE user ADD COLUMN language TEXT;

-- Which device a sign-in is on, as people would say it, and when it was last heard of.
ALTER TABLE sign_in ADD COLUMN last_used_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sign_in ADD COLUMN device TEXT;
UPDATE sign_in SET last_used_at = created_at;

-- All of a user's conversations, in an order that nothing changes: for who takes them along, or away.
CREATE INDEX conversation_of_user ON conversation (user_id, id);
