-- Ids are UUIDs as 16 bytes, times are milliseconds since 1970, yes and no are 1 and 0.
-- Foreign keys stay within what is deleted together; other references are the callers' to keep, as in any other store.
-- Large text stands last in its table: SQLite then reads the columns before it without fetching it.

CREATE TABLE user (
    id BLOB NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX user_by_age ON user (created_at, id);
CREATE INDEX user_admin ON user (id) WHERE role = 'admin';

CREATE TABLE invitation (
    code_hash BLOB NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL,
    redeemed_by BLOB,
    redeemed_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE sign_in (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_of_user ON sign_in (user_id);
CREATE INDEX sign_in_by_expiry ON sign_in (expires_at);
CREATE INDEX sign_in_revoked ON sign_in (revoked_at) WHERE revoked_at IS NOT NULL;

-- `rotated_at` is NULL for the one that is current. Rotated ones stay as long as their sign-in: a replay is known by them.
CREATE TABLE refresh_token (
    hash BLOB NOT NULL PRIMARY KEY,
    sign_in_id BLOB NOT NULL REFERENCES sign_in (id) ON DELETE CASCADE,
    rotated_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_token_of_sign_in ON refresh_token (sign_in_id);

CREATE TABLE used_ticket (
    hash BLOB NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX used_ticket_by_expiry ON used_ticket (expires_at);

-- A deleted chatbot leaves its row, emptied: a bot that came with the program must not come back at the next start.
CREATE TABLE chatbot (
    id BLOB NOT NULL PRIMARY KEY,
    owner_id BLOB,
    builtin TEXT UNIQUE,
    model TEXT,
    temperature REAL,
    colour TEXT NOT NULL,
    visibility TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    deleted_at INTEGER,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    system_prompt TEXT NOT NULL
) STRICT;
CREATE INDEX chatbot_of_owner ON chatbot (owner_id, created_at) WHERE deleted_at IS NULL;
CREATE INDEX chatbot_for_everyone ON chatbot (visibility, created_at) WHERE deleted_at IS NULL;

CREATE TABLE conversation (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL,
    chatbot_id BLOB NOT NULL,
    chatbot_name TEXT NOT NULL,
    title TEXT,
    active_leaf BLOB,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX conversation_latest ON conversation (user_id, chatbot_id, updated_at, id);
CREATE INDEX conversation_listed ON conversation (user_id, updated_at, id) WHERE active_leaf IS NOT NULL;
CREATE INDEX conversation_listed_of_chatbot ON conversation (user_id, chatbot_id, updated_at, id)
    WHERE active_leaf IS NOT NULL;
CREATE INDEX conversation_empty ON conversation (user_id, chatbot_id) WHERE active_leaf IS NULL;

CREATE TABLE message (
    id BLOB NOT NULL PRIMARY KEY,
    conversation_id BLOB NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    parent_id BLOB,
    position INTEGER NOT NULL,
    client_message_id BLOB,
    role TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX message_position ON message (conversation_id, position);
CREATE UNIQUE INDEX message_of_client ON message (conversation_id, client_message_id)
    WHERE client_message_id IS NOT NULL;

-- One row a user; `id` is NULL while no session is active. The fence outlives its sessions.
CREATE TABLE session (
    user_id BLOB NOT NULL PRIMARY KEY,
    id BLOB UNIQUE,
    fence INTEGER NOT NULL,
    sign_in_id BLOB NOT NULL,
    chatbot_id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    node_id TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_last_seen ON session (last_seen_at) WHERE id IS NOT NULL;

-- `sealed`: somebody took over from the writer. `log_collected`: the log is gone, its text is in the message.
CREATE TABLE generation (
    id BLOB NOT NULL PRIMARY KEY,
    message_id BLOB NOT NULL,
    conversation_id BLOB NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    user_id BLOB NOT NULL,
    session_id BLOB NOT NULL,
    node_id TEXT NOT NULL,
    fence INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    outcome TEXT,
    usage TEXT,
    settled INTEGER NOT NULL,
    sealed INTEGER NOT NULL DEFAULT 0,
    log_collected INTEGER NOT NULL DEFAULT 0,
    CHECK ((ended_at IS NULL) = (outcome IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX generation_of_conversation ON generation (conversation_id, ended_at, started_at);
CREATE INDEX generation_unsettled ON generation (started_at, id) WHERE settled = 0;
CREATE INDEX generation_with_old_log ON generation (ended_at) WHERE settled = 1 AND log_collected = 0;

-- The chunk log: one row a batch, never changed. The row without text is the seal, and its fence says who took over.
-- Rows of one log lie side by side, and adding one touches this table alone: the generation's row is not written.
CREATE TABLE chunk_batch (
    generation_id BLOB NOT NULL REFERENCES generation (id) ON DELETE CASCADE,
    first_seq INTEGER NOT NULL,
    next_seq INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    lengths BLOB,
    text TEXT,
    PRIMARY KEY (generation_id, first_seq),
    CHECK ((lengths IS NULL) = (text IS NULL))
) STRICT, WITHOUT ROWID;

-- Written by `ping`: only a write shows that the disk takes writes.
CREATE TABLE heartbeat (
    only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    beats INTEGER NOT NULL
) STRICT;
INSERT INTO heartbeat (only, beats) VALUES (1, 0);
