-- The engine's tables. D1 holds the truth; a queue message only names tasks to look at. docs/storage.md explains each column and
-- index and what each costs. CHECKs use OR instead of IN: SQLite puts the values of a longer IN into a table of its own, and every
-- write of a row would read that table.

CREATE TABLE tasks (
  id          TEXT PRIMARY KEY,            -- UUIDv7, so the primary key is in the order of time
  name        TEXT NOT NULL,
  queue       TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state = 'WAITING' OR state = 'PENDING' OR state = 'STARTED' OR state = 'RETRY'
              OR state = 'SUCCESS' OR state = 'FAILURE' OR state = 'REVOKED'),
  input       TEXT,                        -- JSON, unless it is in R2
  input_key   TEXT,                        -- payload key of a large input in R2
  result      TEXT,                        -- JSON, unless it is in R2
  result_key  TEXT,                        -- payload key of a large result in R2
  error       TEXT,                        -- JSON { code, type, message, traceback }
  progress    TEXT,                        -- JSON { percent, message, current, total }
  tags        TEXT,                        -- JSON array; the same tags are rows of task_tags
  attempt     INTEGER NOT NULL DEFAULT 0,  -- attempts that count; a snoozed attempt does not
  crashes     INTEGER NOT NULL DEFAULT 0,
  max_retries INTEGER NOT NULL,
  fence       INTEGER NOT NULL DEFAULT 0,  -- the number of claims; only the latest may write
  lease_id    TEXT,
  created_at  INTEGER NOT NULL,            -- all instants: epoch milliseconds
  due_at      INTEGER NOT NULL,            -- the task does not start before this time
  wake_at     INTEGER NOT NULL,            -- when the sweep looks at the task, if it is still waiting
  expires_at  INTEGER,
  started_at  INTEGER,
  finished_at INTEGER,
  CHECK ((finished_at IS NOT NULL) = (state = 'SUCCESS' OR state = 'FAILURE' OR state = 'REVOKED')),
  CHECK ((lease_id IS NOT NULL) = (state = 'STARTED')),
  CHECK (input IS NULL OR input_key IS NULL),
  CHECK (result IS NULL OR result_key IS NULL)
) WITHOUT ROWID;

-- For the sweep: waiting tasks whose wake_at has passed.
CREATE INDEX tasks_wake ON tasks (wake_at) WHERE state IN ('PENDING', 'RETRY');
-- For lists by status and by queue. STARTED tasks are found through leases; leaving them out lets a claim write one row, not two.
CREATE INDEX tasks_status ON tasks (state, queue, id) WHERE state <> 'STARTED';
CREATE INDEX tasks_name ON tasks (name, id);

-- One row per invocation that runs tasks. It is renewed while the invocation lives.
CREATE TABLE leases (
  id       TEXT PRIMARY KEY,
  queue    TEXT NOT NULL,
  task_ids TEXT NOT NULL,                  -- JSON array: the tasks that it runs or has tried to claim
  until    INTEGER NOT NULL
) WITHOUT ROWID;

-- Attempts that failed or wrote log lines. Other attempts need no row besides that of the task.
CREATE TABLE attempts (
  task_id     TEXT NOT NULL,
  number      INTEGER NOT NULL,            -- the fence of the claim under which the attempt ran
  outcome     TEXT NOT NULL CHECK (outcome IN ('SUCCESS', 'FAILURE', 'RETRY', 'REVOKED', 'SNOOZED', 'CRASHED')),
  started_at  INTEGER NOT NULL,
  finished_at INTEGER NOT NULL,
  error       TEXT,
  logs        TEXT,                        -- JSON array of { at, message, fields }
  PRIMARY KEY (task_id, number)
) WITHOUT ROWID;

-- Dedupe keys (idempotency keys and unique keys): which task holds each of them, and until when.
CREATE TABLE task_keys (
  key        TEXT PRIMARY KEY,             -- 'idempotency:…' or 'unique:<task name>:…'
  task_id    TEXT NOT NULL,                -- must be NOT NULL: writing NULL aborts a batch whose key was used with another input
  input_hash TEXT NOT NULL,                -- SHA-256 of name and input; '' for unique keys
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX task_keys_expiry ON task_keys (expires_at);
CREATE INDEX task_keys_task ON task_keys (task_id);

CREATE TABLE task_tags (
  tag     TEXT NOT NULL,
  task_id TEXT NOT NULL,
  PRIMARY KEY (tag, task_id)
) WITHOUT ROWID;

-- Counters: one row per minute, definition and queue, written by the batch that settles attempts.
CREATE TABLE task_stats (
  minute     INTEGER NOT NULL,             -- start of the minute, epoch milliseconds
  name       TEXT NOT NULL,
  queue      TEXT NOT NULL,
  succeeded  INTEGER NOT NULL DEFAULT 0,
  failed     INTEGER NOT NULL DEFAULT 0,
  revoked    INTEGER NOT NULL DEFAULT 0,
  retried    INTEGER NOT NULL DEFAULT 0,
  crashed    INTEGER NOT NULL DEFAULT 0,
  runtime_ms INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (minute, name, queue)
) WITHOUT ROWID;

-- The time at which each chore of the sweep last ran.
CREATE TABLE sweeps (
  chore  TEXT PRIMARY KEY,
  ran_at INTEGER NOT NULL
) WITHOUT ROWID;
