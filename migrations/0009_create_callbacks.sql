-- Callbacks: whoever asked is told of the end. A trigger, for a task may end in many ways: settled, revoked, expired, poisoned,
-- fallen with a parent. Whatever ends it also enqueues the task that tells of it, in the same transaction.

ALTER TABLE tasks ADD COLUMN callback TEXT; -- JSON { url, workflow_id }

-- One telling a task: its id is the task's, as a UUID of version 8. A task that ends again, after a retry by hand, is told of again.
CREATE TRIGGER tasks_callback AFTER UPDATE OF finished_at ON tasks
WHEN new.callback IS NOT NULL AND new.finished_at IS NOT NULL AND old.finished_at IS NULL
BEGIN
  INSERT INTO tasks (id, name, queue, state, input, max_retries, created_at, due_at, wake_at)
  VALUES (substr(new.id, 1, 14) || '8' || substr(new.id, 16), 'callback.deliver', 'default', 'PENDING',
    json_set(new.callback, '$.task_id', new.id), 12, new.finished_at, new.finished_at, new.finished_at)
  ON CONFLICT (id) DO UPDATE SET
    state = CASE WHEN state = 'STARTED' OR state = 'RETRY' THEN 'RETRY' ELSE 'PENDING' END, fence = fence + 1, lease_id = NULL,
    attempt = 0, crashes = 0, result = NULL, result_key = NULL, error = NULL, finished_at = NULL,
    due_at = excluded.due_at, wake_at = excluded.wake_at;
END;
