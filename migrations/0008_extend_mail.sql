-- Mail: an attempt is recorded before a provider is asked, and addresses that must get no more mail are stored.

CREATE TABLE sent_mails_with_attempts (
  idempotency_key TEXT PRIMARY KEY,
  provider        TEXT NOT NULL,           -- the provider that accepted the mail, or was asked last
  message_id      TEXT,                    -- NULL: a provider was asked and its answer is not known
  attempted_at    INTEGER NOT NULL,        -- when a provider was first asked without a clear answer
  sent_at         INTEGER,
  suppressed      TEXT,                    -- JSON array of recipients that were left out
  CHECK ((message_id IS NULL) = (sent_at IS NULL))
) WITHOUT ROWID;

INSERT INTO sent_mails_with_attempts (idempotency_key, provider, message_id, attempted_at, sent_at)
SELECT idempotency_key, provider, message_id, sent_at, sent_at FROM sent_mails;

DROP TABLE sent_mails;
ALTER TABLE sent_mails_with_attempts RENAME TO sent_mails;

CREATE TABLE suppressions (
  address    TEXT PRIMARY KEY,             -- lower case
  reason     TEXT NOT NULL CHECK (reason = 'bounce' OR reason = 'complaint' OR reason = 'provider'),
  detail     TEXT,                         -- in the words of the provider
  provider   TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  lifted_at  INTEGER                       -- set: the address gets mail again, until a newer event
) WITHOUT ROWID;
