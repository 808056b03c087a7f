-- Refresh tokens that were rotated: forgotten when nobody can be told apart by them any more.
CREATE INDEX refresh_token_rotated ON refresh_token (rotated_at) WHERE rotated_at IS NOT NULL;
