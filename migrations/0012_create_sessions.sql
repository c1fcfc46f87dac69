-- Who is signed in to the dashboard: a random token in a cookie, standing for an API key.

CREATE TABLE sessions (
  hash       TEXT PRIMARY KEY,             -- SHA-256 of the token, hex: the token itself is never stored
  key_hash   TEXT NOT NULL,                -- of the API key it stands for: no session outlives its key
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_expiry ON sessions (expires_at);
