-- How many tasks a chore of the sweep handled since the beginning; only `redeliver` counts them.
ALTER TABLE sweeps ADD COLUMN tasks INTEGER NOT NULL DEFAULT 0;

-- Sums by the hour of all minutes up to the one that sweeps.'rollup' names: what a series of days is read from.
CREATE TABLE task_hours (
  hour           INTEGER NOT NULL,         -- epoch milliseconds of the hour's start
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
  PRIMARY KEY (hour, name, queue)
) WITHOUT ROWID;

-- What was rolled up before: counters only, for the bounds of the histograms stand in code.
INSERT INTO task_hours
SELECT minute - minute % 3600000, name, queue, sum(succeeded), sum(failed), sum(revoked), sum(retried), sum(crashed),
       sum(runtime_ms), sum(attempts), sum(first_attempts), '[]', '[]'
FROM task_stats WHERE minute <= coalesce((SELECT ran_at FROM sweeps WHERE chore = 'rollup'), 0) GROUP BY 1, 2, 3;
