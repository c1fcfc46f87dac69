-- Statistics for dashboards: histograms beside the counters, totals since the beginning, and failures by error class.

ALTER TABLE task_stats ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0; -- attempts that ended, with any outcome
ALTER TABLE task_stats ADD COLUMN first_attempts INTEGER NOT NULL DEFAULT 0; -- of these, the first attempts of their tasks
ALTER TABLE task_stats ADD COLUMN runtimes TEXT; -- JSON array: a histogram of attempts by runtime, one count per bucket
ALTER TABLE task_stats ADD COLUMN waits TEXT;    -- the same by the time from due to start

-- Sums of all minutes up to that in the row 'rollup' of sweeps, so that a scrape of metrics does not read every minute.
CREATE TABLE task_totals (
  name           TEXT NOT NULL,
  queue          TEXT NOT NULL,
  succeeded      INTEGER NOT NULL,
  failed         INTEGER NOT NULL,
  revoked        INTEGER NOT NULL,
  retried        INTEGER NOT NULL,
  crashed        INTEGER NOT NULL,
  runtime_ms     INTEGER NOT NULL,
  attempts       INTEGER NOT NULL,
  first_attempts INTEGER NOT NULL,
  runtimes       TEXT NOT NULL,
  waits          TEXT NOT NULL,
  PRIMARY KEY (name, queue)
) WITHOUT ROWID;

-- Failures by the class of the error, since the beginning.
CREATE TABLE failure_stats (
  name         TEXT NOT NULL,
  queue        TEXT NOT NULL,
  exception    TEXT NOT NULL,
  failures     INTEGER NOT NULL,
  code         TEXT NOT NULL,              -- of the latest failure, as are the columns below
  message      TEXT NOT NULL,
  last_at      INTEGER NOT NULL,
  last_task_id TEXT NOT NULL,
  PRIMARY KEY (name, queue, exception)
) WITHOUT ROWID;
CREATE INDEX failure_stats_last ON failure_stats (last_at);
