-- How far the clean-up has come. Each chore goes through its rows or files in passes, from a cursor, over as many invocations as
-- it takes.
CREATE TABLE clean_ups (
  chore      TEXT PRIMARY KEY,
  as_of      INTEGER,                      -- the pass that runs deletes what was due by then; NULL: none runs
  cursor     TEXT,                         -- where it goes on; NULL: at the beginning
  deleted    INTEGER NOT NULL DEFAULT 0,   -- by the pass that runs, or by the last one
  done_as_of INTEGER                       -- all that was due by then is deleted
) WITHOUT ROWID;

-- From now on, a clean-up that never ran counts as late.
INSERT INTO clean_ups (chore, done_as_of) VALUES ('tasks', unixepoch() * 1000);
