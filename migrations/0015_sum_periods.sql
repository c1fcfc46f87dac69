-- Sums per period of two lengths instead of one hour: a week in hours is a thousand rows, and most of their size is histograms.
CREATE TABLE task_periods (
  seconds        INTEGER NOT NULL,         -- length of the period: 3600 or 14400 seconds
  start          INTEGER NOT NULL,         -- start of the period, epoch milliseconds
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
  rows_read      INTEGER NOT NULL DEFAULT 0,
  rows_written   INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (seconds, start, name, queue)
) WITHOUT ROWID;

INSERT INTO task_periods SELECT 3600, task_hours.* FROM task_hours;

-- Only counters: the bounds of the histograms are in the code.
INSERT INTO task_periods
SELECT 14400, hour - hour % 14400000, name, queue, sum(succeeded), sum(failed), sum(revoked), sum(retried), sum(crashed),
       sum(runtime_ms), sum(attempts), sum(first_attempts), '[]', '[]', sum(rows_read), sum(rows_written)
FROM task_hours GROUP BY 2, 3, 4;

DROP TABLE task_hours;
