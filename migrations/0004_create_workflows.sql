-- Workflows: tasks that depend on each other in chains, groups and chords. They are stored as one graph: edges, and the number of
-- unfinished parents of each task.

CREATE TABLE workflows (
  id             TEXT PRIMARY KEY,         -- UUIDv7
  result_task_id TEXT NOT NULL,            -- the task whose result and state are those of the workflow
  total          INTEGER NOT NULL,         -- the number of its tasks
  done           INTEGER NOT NULL DEFAULT 0, -- how many of them are final
  created_at     INTEGER NOT NULL
) WITHOUT ROWID;

-- A table instead of an index of tasks: every write of a task would have to update that index.
CREATE TABLE workflow_tasks (
  workflow_id TEXT NOT NULL,
  task_id     TEXT NOT NULL,
  PRIMARY KEY (workflow_id, task_id)
) WITHOUT ROWID;

CREATE TABLE edges (
  parent_id TEXT NOT NULL,
  child_id  TEXT NOT NULL,
  position  INTEGER NOT NULL,              -- position of the parent among the parents of the child
  runs_on   TEXT NOT NULL CHECK (runs_on IN ('success', 'any', 'failure')),
  PRIMARY KEY (parent_id, child_id)
) WITHOUT ROWID;
CREATE INDEX edges_child ON edges (child_id, position);

ALTER TABLE tasks ADD COLUMN workflow_id TEXT;
ALTER TABLE tasks ADD COLUMN open_parents INTEGER NOT NULL DEFAULT 0;
-- How the parents' results are put into the input. NULL: they are not.
ALTER TABLE tasks ADD COLUMN receives TEXT CHECK (receives = 'output' OR receives = 'results' OR receives = 'list' OR receives = 'error');
