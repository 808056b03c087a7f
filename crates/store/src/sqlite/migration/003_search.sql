-- Search in messages: the terms of each (search.rs), a user's beside each other, so that one look-up finds a word or all
-- that begin like it. They go with their message, by code: the text says which they are.
CREATE TABLE message_term (
    user_id BLOB NOT NULL,
    term TEXT NOT NULL,
    message_id BLOB NOT NULL,
    PRIMARY KEY (user_id, term, message_id)
) STRICT, WITHOUT ROWID;

-- Messages from before there was search, until their terms are kept.
CREATE TABLE message_without_terms (
    message_id BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
INSERT INTO message_without_terms SELECT id FROM message WHERE status <> 'generating';
