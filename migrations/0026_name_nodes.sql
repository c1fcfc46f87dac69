-- Graphs: nodes and dependencies have names. Workflows have names and tags.

-- The name under which the child receives the parent's result; '' if it does not receive it. NULL: the edge is not one between nodes
-- of a graph. Between nodes of a graph `runs_on` holds when the child runs, once all its parents have ended: 'success' (all have
-- succeeded), 'any' (always) or 'failure' (one has failed or was revoked).
ALTER TABLE edges ADD COLUMN label TEXT;

-- The name of the node that the task belongs to. NULL: it belongs to none.
ALTER TABLE workflow_tasks ADD COLUMN node TEXT;

ALTER TABLE workflows ADD COLUMN name TEXT;
ALTER TABLE workflows ADD COLUMN tags TEXT;   -- JSON array; the same tags are rows of workflow_tags
CREATE INDEX workflows_name ON workflows (name, id) WHERE name IS NOT NULL;

CREATE TABLE workflow_tags (
  tag         TEXT NOT NULL,
  workflow_id TEXT NOT NULL,
  PRIMARY KEY (tag, workflow_id)
) WITHOUT ROWID;
