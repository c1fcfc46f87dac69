-- Recipients unsubscribe from mail that is not transactional. An address may have unsubscribed and, besides, be suppressed for all
-- mail, because it bounced: each has a row of its own, so that releasing one keeps the other.
CREATE TABLE suppressions_with_unsubscriptions (
  address    TEXT NOT NULL,                -- lower case, its domain in ASCII
  holds_for  TEXT NOT NULL DEFAULT 'all' CHECK (holds_for = 'all' OR holds_for = 'not_transactional'),
  reason     TEXT NOT NULL CHECK (reason = 'bounce' OR reason = 'complaint' OR reason = 'provider' OR reason = 'unsubscribe'),
  detail     TEXT,                         -- in the words of the provider
  provider   TEXT NOT NULL,                -- 'errand': not reported by a provider
  created_at INTEGER NOT NULL,
  lifted_at  INTEGER,                      -- set: the address gets mail again, until a newer event
  PRIMARY KEY (address, holds_for),
  CHECK ((holds_for = 'not_transactional') = (reason = 'unsubscribe'))
) WITHOUT ROWID;

INSERT INTO suppressions_with_unsubscriptions (address, holds_for, reason, detail, provider, created_at, lifted_at)
SELECT address, 'all', reason, detail, provider, created_at, lifted_at FROM suppressions;

DROP TABLE suppressions;
ALTER TABLE suppressions_with_unsubscriptions RENAME TO suppressions;
