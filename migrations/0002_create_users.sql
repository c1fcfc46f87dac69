-- The users, and the API keys.

CREATE TABLE users (
  id            TEXT PRIMARY KEY,
  email         TEXT NOT NULL UNIQUE,      -- trimmed and in lower case
  password_hash TEXT NOT NULL,             -- scrypt, with its parameters and salt
  created_at    INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE api_keys (
  hash         TEXT PRIMARY KEY,           -- SHA-256 of the API key in hex; the API key itself is never stored
  prefix       TEXT NOT NULL,              -- the first characters of the API key, to recognise it
  name         TEXT NOT NULL,
  scopes       TEXT NOT NULL,              -- JSON array of tasks:write, tasks:read, admin
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER,
  last_used_at INTEGER,
  revoked_at   INTEGER
) WITHOUT ROWID;
