-- What D1 read and wrote, as its answers say: counted in rows that are written anyway. Of a definition's or a minute's share
-- they say nothing, for an isolate adds up whatever it did since it last wrote such a row.
ALTER TABLE task_stats ADD COLUMN rows_read INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task_stats ADD COLUMN rows_written INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task_totals ADD COLUMN rows_read INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task_totals ADD COLUMN rows_written INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task_hours ADD COLUMN rows_read INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task_hours ADD COLUMN rows_written INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sweeps ADD COLUMN rows_read INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sweeps ADD COLUMN rows_written INTEGER NOT NULL DEFAULT 0;
