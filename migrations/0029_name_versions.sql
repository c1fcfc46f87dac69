-- The deployed version under which an attempt ran: JSON { id, tag }; NULL: not known. In `tasks` that of the last attempt, written by
-- the claim, which writes the row anyway. No index: one would write a row more for each task (docs/decisions/0050-versions.md).
ALTER TABLE tasks ADD COLUMN version TEXT;
ALTER TABLE attempts ADD COLUMN version TEXT;
