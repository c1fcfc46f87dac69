-- What GET /tasks/{id} needs to say why a task waits.

-- The name of the API key that paused the queue; NULL: it was paused without one, in open mode.
ALTER TABLE paused_queues ADD COLUMN paused_by TEXT;

-- Why a snoozed attempt did not go on: JSON { code, of, message }.
ALTER TABLE attempts ADD COLUMN reason TEXT;

-- When the task was due before its rate limit made it later; NULL: the limit has not, since the task began to wait.
ALTER TABLE tasks ADD COLUMN paced_from INTEGER; -- epoch milliseconds
