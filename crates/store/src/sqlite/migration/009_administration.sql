-- What an administrator said about a user: since when they are locked, and as JSON the limits of their own.
CREATE TABLE standing (
    user_id BLOB NOT NULL PRIMARY KEY,
    locked_at INTEGER,
    limits TEXT NOT NULL DEFAULT '{}'
) STRICT, WITHOUT ROWID;

-- Links for a new password. `mark`: a sum over the hash of the password that they replace.
CREATE TABLE password_link (
    code_hash BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL,
    mark BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX password_link_by_end ON password_link (expires_at);

-- What the models were asked for: a counter a day (days since 1970), user and model.
CREATE TABLE usage (
    day INTEGER NOT NULL,
    user_id BLOB NOT NULL,
    model TEXT NOT NULL,
    prompts INTEGER NOT NULL,
    answers INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    PRIMARY KEY (day, user_id, model)
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_of_user ON usage (user_id, day);

-- Who did what, when, from where. `about`: another's account that it was done to.
CREATE TABLE audit (
    id BLOB NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    actor BLOB,
    email TEXT NOT NULL,
    about BLOB,
    detail TEXT NOT NULL,
    address TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_kind ON audit (kind, id);
CREATE INDEX audit_actor ON audit (actor, id) WHERE actor IS NOT NULL;
CREATE INDEX audit_about ON audit (about, id) WHERE about IS NOT NULL;
CREATE INDEX audit_at ON audit (at);
