-- The engine's tables. D1 is the truth; a queue message only says "look at these ids".
-- docs/storage.md explains each column and index, and what each costs. CHECKs spell their lists out with OR: SQLite puts the
-- values of a longer IN into a table of its own, and every write of a row would read it.

CREATE TABLE tasks (
  id          TEXT PRIMARY KEY,            -- UUIDv7: the primary key lists by time
  name        TEXT NOT NULL,
  queue       TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state = 'WAITING' OR state = 'PENDING' OR state = 'STARTED' OR state = 'RETRY'
              OR state = 'SUCCESS' OR state = 'FAILURE' OR state = 'REVOKED'),
  input       TEXT,                        -- JSON, or
  input_key   TEXT,                        -- the R2 key of a large one
  result      TEXT,                        -- JSON, or
  result_key  TEXT,                        -- the R2 key of a large one
  error       TEXT,                        -- JSON { code, type, message, traceback }
  progress    TEXT,                        -- JSON { percent, message, current, total }
  tags        TEXT,                        -- JSON array, also rows of task_tags
  attempt     INTEGER NOT NULL DEFAULT 0,  -- attempts that count: a snooze gives its attempt back
  crashes     INTEGER NOT NULL DEFAULT 0,
  max_retries INTEGER NOT NULL,
  fence       INTEGER NOT NULL DEFAULT 0,  -- grows by one with every claim
  lease_id    TEXT,
  created_at  INTEGER NOT NULL,            -- all instants: epoch milliseconds
  due_at      INTEGER NOT NULL,            -- not to be started before
  wake_at     INTEGER NOT NULL,            -- when the sweep looks at it, if nothing else happened before
  expires_at  INTEGER,
  started_at  INTEGER,
  finished_at INTEGER,
  CHECK ((finished_at IS NOT NULL) = (state = 'SUCCESS' OR state = 'FAILURE' OR state = 'REVOKED')),
  CHECK ((lease_id IS NOT NULL) = (state = 'STARTED')),
  CHECK (input IS NULL OR input_key IS NULL),
  CHECK (result IS NULL OR result_key IS NULL)
) WITHOUT ROWID;

-- The sweep's question: who waits and has not been looked at for too long?
CREATE INDEX tasks_wake ON tasks (wake_at) WHERE state IN ('PENDING', 'RETRY');
-- Lists by status and by queue. STARTED is left out (found through leases), so that a claim writes one row, not two.
CREATE INDEX tasks_status ON tasks (state, queue, id) WHERE state <> 'STARTED';
CREATE INDEX tasks_name ON tasks (name, id);

-- One row per invocation that runs tasks; renewed while it lives.
CREATE TABLE leases (
  id       TEXT PRIMARY KEY,
  queue    TEXT NOT NULL,
  task_ids TEXT NOT NULL,                  -- JSON array: what it runs, or asked to run
  until    INTEGER NOT NULL
) WITHOUT ROWID;

-- Attempts that have more to tell than the task's row: they failed, or they wrote log lines.
CREATE TABLE attempts (
  task_id     TEXT NOT NULL,
  number      INTEGER NOT NULL,            -- the fence it ran under
  outcome     TEXT NOT NULL CHECK (outcome IN ('SUCCESS', 'FAILURE', 'RETRY', 'REVOKED', 'SNOOZED', 'CRASHED')),
  started_at  INTEGER NOT NULL,
  finished_at INTEGER NOT NULL,
  error       TEXT,
  logs        TEXT,                        -- JSON array of { at, message, fields }
  PRIMARY KEY (task_id, number)
) WITHOUT ROWID;

-- Idempotency keys and unique keys: who holds a key until when.
CREATE TABLE task_keys (
  key        TEXT PRIMARY KEY,             -- 'idempotency:…' or 'unique:<task name>:…'
  task_id    TEXT NOT NULL,                -- NOT NULL is load-bearing: writing NULL aborts a batch whose key was used with another input
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

-- Counters, one row per minute, definition and queue, written by the batch that settles.
CREATE TABLE task_stats (
  minute     INTEGER NOT NULL,             -- epoch milliseconds of the minute's start
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

-- When each chore of the sweep ran last.
CREATE TABLE sweeps (
  chore  TEXT PRIMARY KEY,
  ran_at INTEGER NOT NULL
) WITHOUT ROWID;
