-- Limits: paused queues, places per concurrency key, circuits, and how long a unique key is held.

CREATE TABLE paused_queues (
  queue     TEXT PRIMARY KEY,
  paused_at INTEGER NOT NULL               -- epoch milliseconds
) WITHOUT ROWID;

-- Tasks with the same concurrency key share a concurrency limit. NULL for all other tasks, which are then in no index.
ALTER TABLE tasks ADD COLUMN concurrency_key TEXT;
CREATE INDEX tasks_concurrency ON tasks (concurrency_key, state, due_at)
  WHERE concurrency_key IS NOT NULL AND finished_at IS NULL;

-- The circuit of each dependency that failed lately. No row: the circuit is closed and counts no failures.
CREATE TABLE circuits (
  name      TEXT PRIMARY KEY,
  failures  INTEGER NOT NULL,              -- failures in a row
  failed_at INTEGER NOT NULL,              -- time of the latest failure; all instants: epoch milliseconds
  probe_at  INTEGER                        -- set while the circuit is open: when one caller may probe
) WITHOUT ROWID;

-- How long a unique key is held: `success` until its task is final, `start` until its task has started, `forever` until expires_at.
ALTER TABLE task_keys ADD COLUMN until TEXT NOT NULL DEFAULT 'forever'
  CHECK (until = 'success' OR until = 'start' OR until = 'forever');
