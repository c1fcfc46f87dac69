-- When the sweep last sent a message for a waiting task; NULL: it has not since the task began to wait. Says whether a message
-- may still be in the queue.
ALTER TABLE tasks ADD COLUMN rung_at INTEGER; -- epoch milliseconds
