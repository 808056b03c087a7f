-- A document that is deleted is marked first, and found by nobody; what it holds then goes in slices.
ALTER TABLE document ADD COLUMN deleting INTEGER NOT NULL DEFAULT 0;
CREATE INDEX document_deleting ON document (id) WHERE deleting = 1;
CREATE INDEX chatbot_deleted ON chatbot (deleted_at) WHERE deleted_at IS NOT NULL;

-- When its turn comes, among all that wait: every file that its user has waiting already puts it off.
ALTER TABLE document ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
UPDATE document SET turn = created_at;
DROP INDEX document_waiting;
CREATE INDEX document_waiting ON document (turn, id)
    WHERE sealed = 1 AND status IN ('queued', 'extracting', 'chunking', 'embedding');
CREATE INDEX document_waiting_of_user ON document (user_id)
    WHERE sealed = 1 AND status IN ('queued', 'extracting', 'chunking', 'embedding');
