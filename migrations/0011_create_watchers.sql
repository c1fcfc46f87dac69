-- A row means that clients are connected to the live feed. Without a row whose `until` is in the future, no updates are published.

CREATE TABLE watchers (
  name  TEXT PRIMARY KEY,                  -- the Durable Object that passes the updates on
  until INTEGER NOT NULL                   -- epoch milliseconds; renewed while a client is connected
) WITHOUT ROWID;
