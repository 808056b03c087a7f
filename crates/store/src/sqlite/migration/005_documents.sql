-- Documents of a chatbot: the file in parts, its text and its passages under the fence of the worker that made them.
-- What an answer rests on, as JSON; NULL: nothing.
ALTER TABLE message ADD COLUMN citations TEXT;

ALTER TABLE chatbot ADD COLUMN documents_only INTEGER NOT NULL DEFAULT 0;

CREATE TABLE document (
    id BLOB NOT NULL PRIMARY KEY,
    chatbot_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    sealed INTEGER NOT NULL,
    status TEXT NOT NULL,
    progress_done INTEGER,
    progress_total INTEGER,
    fault TEXT,
    pages INTEGER,
    chunks INTEGER,
    embedding_model TEXT,
    fence INTEGER NOT NULL,
    ready_fence INTEGER,
    node_id TEXT,
    lease_until INTEGER,
    attempts INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    media_type TEXT,
    name TEXT NOT NULL,
    failure TEXT,
    CHECK ((fault IS NULL) = (failure IS NULL)),
    CHECK ((node_id IS NULL) = (lease_until IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX document_content ON document (chatbot_id, sha256) WHERE sealed = 1;
CREATE INDEX document_of_chatbot ON document (chatbot_id, created_at, id);
CREATE INDEX document_of_user ON document (user_id, bytes);
CREATE INDEX document_waiting ON document (created_at, id)
    WHERE sealed = 1 AND status IN ('queued', 'extracting', 'chunking', 'embedding');
CREATE INDEX document_unsealed ON document (created_at) WHERE sealed = 0;
CREATE INDEX document_by_status ON document (status, created_at, id);

CREATE TABLE document_part (
    document_id BLOB NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    part INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (document_id, part)
) STRICT, WITHOUT ROWID;

CREATE TABLE document_text (
    document_id BLOB NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    fence INTEGER NOT NULL,
    part INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (document_id, fence, part)
) STRICT, WITHOUT ROWID;

-- `start` and `finish` are characters of the document's text; `vector` is 32-bit floats, little-endian.
CREATE TABLE document_chunk (
    document_id BLOB NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    fence INTEGER NOT NULL,
    number INTEGER NOT NULL,
    start INTEGER NOT NULL,
    finish INTEGER NOT NULL,
    pages TEXT NOT NULL,
    tokens INTEGER NOT NULL,
    headings TEXT NOT NULL,
    context TEXT NOT NULL,
    vector BLOB,
    PRIMARY KEY (document_id, fence, number)
) STRICT, WITHOUT ROWID;

-- One row a chatbot that ever had a document: raised by everything that changes what it is answered from.
CREATE TABLE library (
    chatbot_id BLOB NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
