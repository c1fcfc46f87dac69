-- Statistics for boards: histograms beside the counters, totals since the beginning, and what failures say.

ALTER TABLE task_stats ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0; -- that ended, in whatever way
ALTER TABLE task_stats ADD COLUMN first_attempts INTEGER NOT NULL DEFAULT 0; -- of these, tasks' first ones
ALTER TABLE task_stats ADD COLUMN runtimes TEXT; -- JSON array: attempts by runtime, one count a bucket
ALTER TABLE task_stats ADD COLUMN waits TEXT;    -- the same by the time from due to started

-- Sums of all minutes up to the one that sweeps.'rollup' names: what a scrape reads, whatever the number of minutes.
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
  code         TEXT NOT NULL,              -- of the latest; so are the rest
  message      TEXT NOT NULL,
  last_at      INTEGER NOT NULL,
  last_task_id TEXT NOT NULL,
  PRIMARY KEY (name, queue, exception)
) WITHOUT ROWID;
CREATE INDEX failure_stats_last ON failure_stats (last_at);
