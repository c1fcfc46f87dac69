-- Limits: paused queues, places per key, circuits, and how long a unique key is held.

CREATE TABLE paused_queues (
  queue     TEXT PRIMARY KEY,
  paused_at INTEGER NOT NULL               -- epoch milliseconds
) WITHOUT ROWID;

-- Tasks that share a limit on how many of them run at once. NULL, and in no index, for all others.
ALTER TABLE tasks ADD COLUMN concurrency_key TEXT;
CREATE INDEX tasks_concurrency ON tasks (concurrency_key, state, due_at)
  WHERE concurrency_key IS NOT NULL AND finished_at IS NULL;

-- What a dependency's failures have come to. No row: all is well.
CREATE TABLE circuits (
  name      TEXT PRIMARY KEY,
  failures  INTEGER NOT NULL,              -- in a row
  failed_at INTEGER NOT NULL,              -- the latest; all instants: epoch milliseconds
  probe_at  INTEGER                        -- set while open: when one caller may try again
) WITHOUT ROWID;

-- Of a unique key: `success` until its task has ended, `start` until it started, `forever` until expires_at.
ALTER TABLE task_keys ADD COLUMN until TEXT NOT NULL DEFAULT 'forever'
  CHECK (until = 'success' OR until = 'start' OR until = 'forever');
