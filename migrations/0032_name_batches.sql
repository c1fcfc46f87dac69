-- The batch in which an attempt ran: JSON { id, tasks }; NULL: its definition has none. In `tasks` that of the last attempt, written by
-- the statement that settles it, which writes the row anyway. No index: one would write a row more for each task
-- (docs/decisions/0057-batches.md).
ALTER TABLE tasks ADD COLUMN batch TEXT;
ALTER TABLE attempts ADD COLUMN batch TEXT;

-- Calls of batch handlers, and the attempts that ran in them.
ALTER TABLE task_stats ADD COLUMN batches INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task_stats ADD COLUMN batched INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task_totals ADD COLUMN batches INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task_totals ADD COLUMN batched INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task_periods ADD COLUMN batches INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task_periods ADD COLUMN batched INTEGER NOT NULL DEFAULT 0;
