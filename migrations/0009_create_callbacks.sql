-- Callbacks: a POST to the caller's URL when a task is final. A trigger enqueues the task that sends it, because many statements can
-- end a task (settling, revoking, expiry, crashes, the failure of a parent). It enqueues in the same transaction as the end.

ALTER TABLE tasks ADD COLUMN callback TEXT; -- JSON { url, workflow_id }

-- One callback task per task: its id is the task's id as a UUID of version 8. If a person retries the task and it ends again, the
-- same callback task runs again.
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
