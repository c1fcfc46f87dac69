-- Schedules: rules that enqueue tasks at times. One row each, whether the entry comes from code or from the API.

CREATE TABLE schedules (
  name            TEXT PRIMARY KEY,
  source          TEXT NOT NULL CHECK (source = 'code' OR source = 'api'),
  entry           TEXT NOT NULL,           -- JSON: task, input, cron or every, timezone, catchup, overlap, jitterSeconds
  paused          INTEGER NOT NULL DEFAULT 0 CHECK (paused = 0 OR paused = 1),
  next_at         INTEGER NOT NULL,        -- the firing not yet done; all instants: epoch milliseconds
  last_at         INTEGER,                 -- the time of the latest firing
  last_task_id    TEXT,                    -- the task it enqueued
  last_error      TEXT,                    -- why the latest firing enqueued nothing, if so
  skipped         INTEGER NOT NULL DEFAULT 0, -- firings left out because the one before was still unfinished
  created_at      INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX schedules_next ON schedules (next_at) WHERE paused = 0;
