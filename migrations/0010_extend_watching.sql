-- How many tasks a chore of the sweep has handled since the beginning. Only the chore `redeliver` counts them.
ALTER TABLE sweeps ADD COLUMN tasks INTEGER NOT NULL DEFAULT 0;

-- Sums per hour of all minutes up to that in the row 'rollup' of sweeps, for charts of several days.
CREATE TABLE task_hours (
  hour           INTEGER NOT NULL,         -- start of the hour, epoch milliseconds
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

-- Fills in the minutes that were summed up before. Only counters: the bounds of the histograms are in the code.
INSERT INTO task_hours
SELECT minute - minute % 3600000, name, queue, sum(succeeded), sum(failed), sum(revoked), sum(retried), sum(crashed),
       sum(runtime_ms), sum(attempts), sum(first_attempts), '[]', '[]'
FROM task_stats WHERE minute <= coalesce((SELECT ran_at FROM sweeps WHERE chore = 'rollup'), 0) GROUP BY 1, 2, 3;
