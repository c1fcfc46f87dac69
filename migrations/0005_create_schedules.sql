-- Schedules: rules that enqueue tasks at certain times. One row per schedule, from code or from the API.

CREATE TABLE schedules (
  name            TEXT PRIMARY KEY,
  source          TEXT NOT NULL CHECK (source = 'code' OR source = 'api'),
  entry           TEXT NOT NULL,           -- JSON: task, input, cron or every, timezone, catchup, overlap, jitterSeconds
  paused          INTEGER NOT NULL DEFAULT 0 CHECK (paused = 0 OR paused = 1),
  next_at         INTEGER NOT NULL,        -- time of the next firing; all instants: epoch milliseconds
  last_at         INTEGER,                 -- time of the latest firing
  last_task_id    TEXT,                    -- the task that the latest firing enqueued
  last_error      TEXT,                    -- why the latest firing enqueued no task; NULL if it did
  skipped         INTEGER NOT NULL DEFAULT 0, -- firings skipped because the task of the previous one was not final
  created_at      INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX schedules_next ON schedules (next_at) WHERE paused = 0;
