-- Batches: the tasks of one POST /tasks/batch, so that GET /tasks?batch_id= can list them. One row holds up to 2,000 ids.
CREATE TABLE task_batches (
  id       TEXT    NOT NULL, -- UUIDv7
  part     INTEGER NOT NULL, -- 0, 1, …
  task_ids TEXT    NOT NULL, -- JSON array
  PRIMARY KEY (id, part)
) WITHOUT ROWID;
