-- Finds tasks that expire while they wait. Only tasks with an expiry are in it, so others cost no more.
CREATE INDEX tasks_expiry ON tasks (expires_at) WHERE expires_at IS NOT NULL AND finished_at IS NULL;
