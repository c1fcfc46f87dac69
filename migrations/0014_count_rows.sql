-- Rows that D1 read and wrote, as its answers report them. Each isolate adds what it used since its last write to the first row that
-- it writes, so only sums over all rows are meaningful, not the share of a definition or a minute.
ALTER TABLE task_stats ADD COLUMN rows_read INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task_stats ADD COLUMN rows_written INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task_totals ADD COLUMN rows_read INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task_totals ADD COLUMN rows_written INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task_hours ADD COLUMN rows_read INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task_hours ADD COLUMN rows_written INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sweeps ADD COLUMN rows_read INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sweeps ADD COLUMN rows_written INTEGER NOT NULL DEFAULT 0;
