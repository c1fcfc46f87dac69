-- Workflows: tasks tied by chain, group and chord. One graph underneath: edges, and a count of open parents per task.

CREATE TABLE workflows (
  id             TEXT PRIMARY KEY,         -- UUIDv7
  result_task_id TEXT NOT NULL,            -- its result is the workflow's, its state decides the workflow's
  total          INTEGER NOT NULL,         -- tasks that make it up
  done           INTEGER NOT NULL DEFAULT 0, -- of these, the final ones
  created_at     INTEGER NOT NULL
) WITHOUT ROWID;

-- A table and not an index of tasks, which every task would have to pass.
CREATE TABLE workflow_tasks (
  workflow_id TEXT NOT NULL,
  task_id     TEXT NOT NULL,
  PRIMARY KEY (workflow_id, task_id)
) WITHOUT ROWID;

CREATE TABLE edges (
  parent_id TEXT NOT NULL,
  child_id  TEXT NOT NULL,
  position  INTEGER NOT NULL,              -- of the parent among the child's parents
  runs_on   TEXT NOT NULL CHECK (runs_on IN ('success', 'any', 'failure')),
  PRIMARY KEY (parent_id, child_id)
) WITHOUT ROWID;
CREATE INDEX edges_child ON edges (child_id, position);

ALTER TABLE tasks ADD COLUMN workflow_id TEXT;
ALTER TABLE tasks ADD COLUMN open_parents INTEGER NOT NULL DEFAULT 0;
-- How what the parents left is put into the input; NULL: not at all.
ALTER TABLE tasks ADD COLUMN receives TEXT CHECK (receives = 'output' OR receives = 'results' OR receives = 'list' OR receives = 'error');
