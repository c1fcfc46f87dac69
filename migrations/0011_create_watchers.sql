-- Who watches the live feed. No row, or none that lasts: nobody does, and nothing is published.

CREATE TABLE watchers (
  name  TEXT PRIMARY KEY,                  -- of the object that passes the news on
  until INTEGER NOT NULL                   -- epoch milliseconds; renewed ahead of time while somebody is connected
) WITHOUT ROWID;
