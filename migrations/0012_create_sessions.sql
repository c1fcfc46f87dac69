-- Sessions of the dashboard: a random token in a cookie that stands for an API key.

CREATE TABLE sessions (
  hash       TEXT PRIMARY KEY,             -- SHA-256 of the token in hex; the token itself is never stored
  key_hash   TEXT NOT NULL,                -- hash of the API key; the session ends with the API key
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_expiry ON sessions (expires_at);
