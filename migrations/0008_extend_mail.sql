-- Mail: an attempt is recorded before a provider is asked, and addresses that must not be mailed again.

CREATE TABLE sent_mails_with_attempts (
  idempotency_key TEXT PRIMARY KEY,
  provider        TEXT NOT NULL,           -- who took it, or was asked last
  message_id      TEXT,                    -- NULL: somebody was asked, and nobody knows what became of it
  attempted_at    INTEGER NOT NULL,        -- when somebody was first asked without a clear answer
  sent_at         INTEGER,
  suppressed      TEXT,                    -- JSON array of the recipients that were left out
  CHECK ((message_id IS NULL) = (sent_at IS NULL))
) WITHOUT ROWID;

INSERT INTO sent_mails_with_attempts (idempotency_key, provider, message_id, attempted_at, sent_at)
SELECT idempotency_key, provider, message_id, sent_at, sent_at FROM sent_mails;

DROP TABLE sent_mails;
ALTER TABLE sent_mails_with_attempts RENAME TO sent_mails;

CREATE TABLE suppressions (
  address    TEXT PRIMARY KEY,             -- lower case
  reason     TEXT NOT NULL CHECK (reason = 'bounce' OR reason = 'complaint' OR reason = 'provider'),
  detail     TEXT,                         -- in the provider's words
  provider   TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  lifted_at  INTEGER                       -- set: mail goes there again, unless something new happens
) WITHOUT ROWID;
