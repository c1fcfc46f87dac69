-- The times at which schedules have fired, so that a backfill does not repeat them. Kept longer than the tasks.
CREATE TABLE firings (
  schedule TEXT    NOT NULL,
  at       INTEGER NOT NULL, -- epoch milliseconds
  PRIMARY KEY (schedule, at)
) WITHOUT ROWID;
