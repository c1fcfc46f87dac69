-- By lane, so that a sweep does not read its way through the backlog of a paused one.
DROP INDEX tasks_wake;
CREATE INDEX tasks_wake ON tasks (queue, wake_at) WHERE state IN ('PENDING', 'RETRY');
