-- A task that is due when it is enqueued has no entry in the index of wake-ups: wake_at is 0. Its message starts it, and then the
-- entry would never have been used. The sweep finds by age the tasks that have not started, and writes their wake_at.
--
-- For the time in which the version before this one still runs: its sweep cannot use the index, logs `chore failed` for
-- `redeliver`, and does all else. The tasks that it enqueues have a wake_at, and are in the index.
DROP INDEX tasks_wake;
CREATE INDEX tasks_wake ON tasks (queue, wake_at) WHERE state IN ('PENDING', 'RETRY') AND wake_at > 0;

-- All waiting tasks of the queue with an id up to this one have a wake_at. A task is enqueued without one only if its id is above.
CREATE TABLE wake_marks (
  queue TEXT PRIMARY KEY,                  -- no row: no task of the queue was ever enqueued without a wake_at, and waited
  up_to TEXT NOT NULL                      -- an id, or a text to compare with ids
) WITHOUT ROWID;
INSERT INTO wake_marks (queue, up_to)
SELECT queues.value, newest.id
FROM json_each('["high", "default", "low", "email", "files"]') AS queues, (SELECT id FROM tasks ORDER BY id DESC LIMIT 1) AS newest;
