-- The deployed version under which an attempt ran: JSON { id, tag }; NULL: not known. In `tasks` that of the last attempt, written by
-- the claim, which writes the row anyway. No index: one would write a row more for each task (docs/decisions/0050-versions.md).
ALTER TABLE tasks ADD COLUMN version TEXT;
ALTER TABLE attempts ADD COLUMN version TEXT;

-- Tasks that keep their place of a concurrency limit while a step sleeps or waits: 1 for a task that has done so, or still does. It
-- counts while the task is RETRY. Other tasks are not in the index.
ALTER TABLE tasks ADD COLUMN keeps_place INTEGER NOT NULL DEFAULT 0;
CREATE INDEX tasks_places ON tasks (concurrency_key) WHERE keeps_place = 1 AND state = 'RETRY';
