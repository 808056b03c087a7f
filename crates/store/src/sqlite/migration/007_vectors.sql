-- Vectors stand beside their passages, by model: another model's grow while questions are compared by the first's.
CREATE TABLE document_vector (
    document_id BLOB NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    fence INTEGER NOT NULL,
    model TEXT NOT NULL,
    number INTEGER NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (document_id, fence, model, number)
) STRICT, WITHOUT ROWID;

INSERT INTO document_vector (document_id, fence, model, number, vector)
SELECT chunk.document_id, chunk.fence, document.embedding_model, chunk.number, chunk.vector
FROM document JOIN document_chunk AS chunk ON chunk.document_id = document.id AND chunk.fence = document.ready_fence
WHERE document.embedding_model IS NOT NULL AND chunk.vector IS NOT NULL;

ALTER TABLE document_chunk DROP COLUMN vector;

-- Of each library the model by which questions are compared: so far the one of its documents.
ALTER TABLE library ADD COLUMN model TEXT;
UPDATE library SET model = (
    SELECT max(embedding_model) FROM document WHERE document.chatbot_id = library.chatbot_id
);

-- The models that all passages have vectors of, as JSON; and the number of the last change among the user's documents.
ALTER TABLE document ADD COLUMN models TEXT NOT NULL DEFAULT '[]';
UPDATE document SET models = json_array(embedding_model) WHERE embedding_model IS NOT NULL;
ALTER TABLE document DROP COLUMN embedding_model;
ALTER TABLE document ADD COLUMN change INTEGER NOT NULL DEFAULT 0;
CREATE INDEX document_changed ON document (user_id, change);

CREATE TABLE document_change (
    user_id BLOB NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the program keeps for itself, by name.
CREATE TABLE note (
    name TEXT NOT NULL PRIMARY KEY,
    text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
