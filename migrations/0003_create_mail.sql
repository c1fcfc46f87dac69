-- Mail: the mails that were sent, so that no retry sends one again, and the mailbox for development.

CREATE TABLE sent_mails (
  idempotency_key TEXT PRIMARY KEY,
  provider        TEXT NOT NULL,
  message_id      TEXT NOT NULL,
  sent_at         INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE mailbox (
  id              TEXT PRIMARY KEY,        -- UUIDv7
  idempotency_key TEXT NOT NULL UNIQUE,
  mail            TEXT NOT NULL,           -- JSON of the whole mail
  received_at     INTEGER NOT NULL
) WITHOUT ROWID;
