-- Branches: edited prompts and other answers beside each other, and answers that go on.

-- Who writes an answer while it is being written, and wrote it last: known for those that are being written now.
ALTER TABLE message ADD COLUMN generation_id BLOB;
UPDATE message SET generation_id = (SELECT id FROM generation WHERE generation.message_id = message.id
                                    ORDER BY started_at DESC, id DESC LIMIT 1)
WHERE status = 'generating';

-- Bytes of the message's text from before this generation.
ALTER TABLE generation ADD COLUMN text_offset INTEGER NOT NULL DEFAULT 0;

-- What follows a message, and what stands at the root.
CREATE INDEX message_child ON message (conversation_id, parent_id, position);
DROP INDEX message_of_parent;
