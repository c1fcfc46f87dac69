-- Events have an order of their own: the order in which they were stored. A task knows the last event before it. So the clocks of
-- isolates decide nothing between an event and a task.
CREATE TABLE event_order (
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  last INTEGER NOT NULL                    -- the number of the event that was stored last; no row: there was none
) WITHOUT ROWID;

ALTER TABLE events ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
UPDATE events SET number = ordered.number
FROM (SELECT id, row_number() OVER (ORDER BY at, id) AS number FROM events) AS ordered WHERE ordered.id = events.id;
INSERT INTO event_order (one, last) SELECT 1, max(number) FROM events HAVING count(*) > 0;

DROP INDEX events_type;
CREATE INDEX events_type ON events (type, key, number);

-- The number of the event that was stored last when the task was enqueued.
ALTER TABLE tasks ADD COLUMN events_before INTEGER NOT NULL DEFAULT 0;
UPDATE tasks SET events_before = (SELECT count(*) FROM events WHERE events.at < tasks.created_at)
WHERE finished_at IS NULL OR id IN (SELECT task_id FROM task_steps);
UPDATE task_steps SET since = NULL WHERE outcome = 'open' AND since = (SELECT created_at FROM tasks WHERE tasks.id = task_id);
