-- Steps: named parts of a task whose outcome is recorded, so that no other attempt runs them again. One row a step.
CREATE TABLE task_steps (
  task_id    TEXT NOT NULL,
  name       TEXT NOT NULL,
  occurrence INTEGER NOT NULL,             -- 1 for the first step of this name in the task, 2 for the second
  position   INTEGER NOT NULL,             -- the order in which the code first asked for the steps
  kind       TEXT NOT NULL CHECK (kind = 'do' OR kind = 'sleep' OR kind = 'event' OR kind = 'approval' OR kind = 'each'),
  outcome    TEXT NOT NULL CHECK (outcome = 'open' OR outcome = 'done' OR outcome = 'failed' OR outcome = 'timed_out'),
  result     TEXT,                         -- JSON, unless it is in R2 or of an event
  result_key TEXT,                         -- payload key of a large result in R2
  error      TEXT,                         -- JSON { code, type, message, traceback }
  about      TEXT,                         -- JSON: what an approval is about
  started_at INTEGER NOT NULL,             -- all instants: epoch milliseconds
  ended_at   INTEGER,                      -- NULL while it is open
  until      INTEGER,                      -- while it is open: when its sleep ends, its wait times out, or its next try begins
  attempt    INTEGER NOT NULL,             -- the fence of the attempt that recorded it
  tries      INTEGER NOT NULL,             -- how often its body has run, as far as is recorded
  wait_type  TEXT,                         -- for events: the type and the key that are waited for, and since when
  wait_key   TEXT,
  since      INTEGER,
  event_id   TEXT,                         -- the event that ended the wait
  undo       TEXT CHECK (undo = 'offered' OR undo = 'done' OR undo = 'failed'), -- NULL: it has none
  undo_error TEXT,
  undo_tries INTEGER NOT NULL DEFAULT 0,
  undone_at  INTEGER,
  PRIMARY KEY (task_id, name, occurrence)
) WITHOUT ROWID;

-- An event finds those who wait for it. Other steps are in none of these indexes, so each costs one row.
CREATE INDEX task_steps_waits ON task_steps (wait_type, wait_key) WHERE outcome = 'open' AND wait_type IS NOT NULL;
CREATE INDEX task_steps_events ON task_steps (event_id, task_id) WHERE event_id IS NOT NULL;
CREATE INDEX task_steps_approvals ON task_steps (started_at, task_id) WHERE kind = 'approval' AND outcome = 'open';

-- What was sent to Errand from outside, for tasks that wait for it now or later.
CREATE TABLE events (
  id          TEXT PRIMARY KEY,            -- the sender's, else a UUIDv7
  type        TEXT NOT NULL,
  key         TEXT NOT NULL,               -- '' for an event without a key
  payload     TEXT,                        -- JSON, unless it is in R2
  payload_key TEXT,
  at          INTEGER NOT NULL,
  expires_at  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX events_type ON events (type, key, at);
CREATE INDEX events_expiry ON events (expires_at);
CREATE INDEX events_payload ON events (payload_key) WHERE payload_key IS NOT NULL;

ALTER TABLE tasks ADD COLUMN has_undo INTEGER NOT NULL DEFAULT 0; -- 1: a recorded step has an undo
-- Set while the undos of a task run that has ended otherwise: JSON { state, error }, which it becomes when they have run.
ALTER TABLE tasks ADD COLUMN undoing TEXT;
ALTER TABLE tasks ADD COLUMN forked_from TEXT;     -- the task whose first steps it began with
ALTER TABLE tasks ADD COLUMN deadline_at INTEGER;  -- set with the first attempt's end, for definitions with a deadline
