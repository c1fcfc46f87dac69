-- The guard of a batch: a row may only say that as many rows changed as were expected, so that anything else aborts the
-- transaction. The table stays empty (src/engine/store/batch.ts).
CREATE TABLE guards (
  expected INTEGER NOT NULL,
  found    INTEGER NOT NULL,
  CONSTRAINT expected_changes CHECK (expected = found)
);
