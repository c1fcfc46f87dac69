-- The batch in which an attempt ran: JSON { id, tasks }; NULL: its definition has none. In `tasks` that of the last attempt, written by
-- the statement that settles it, which writes the row anyway. No index: one would write a row more for each task
-- (docs/decisions/0057-batches.md).
ALTER TABLE tasks ADD COLUMN batch TEXT;
ALTER TABLE attempts ADD COLUMN batch TEXT;
