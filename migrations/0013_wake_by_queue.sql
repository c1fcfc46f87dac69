-- By queue, so that the sweep does not read all waiting tasks of a paused queue.
DROP INDEX tasks_wake;
CREATE INDEX tasks_wake ON tasks (queue, wake_at) WHERE state IN ('PENDING', 'RETRY');
