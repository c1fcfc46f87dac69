// Who waits for a place that became free, per concurrency key: to be rung for. A ring too many does no harm, for the claim
// counts; a ring that gets lost is made good by the sweep.
import type { Engine } from '../engine.ts';

/** Both arms read in the order of the index, and no more than the limit for each key. */
const NEXT = `
  SELECT tasks.id, name, queue, due_at AS dueAt, 'PENDING' AS released FROM tasks
  WHERE id IN (
    SELECT waiting.id FROM json_each(?1) AS place JOIN tasks AS waiting ON waiting.id IN (
      SELECT id FROM tasks AS other
      WHERE other.concurrency_key = place.value AND other.state = 'PENDING' AND other.finished_at IS NULL AND other.due_at <= ?2
      ORDER BY other.due_at LIMIT ?3)
    UNION ALL
    SELECT waiting.id FROM json_each(?1) AS place JOIN tasks AS waiting ON waiting.id IN (
      SELECT id FROM tasks AS other
      WHERE other.concurrency_key = place.value AND other.state = 'RETRY' AND other.finished_at IS NULL AND other.due_at <= ?2
      ORDER BY other.due_at LIMIT ?3))`;

/** Belongs behind the statement that freed the places; its rows are read by `releasedOf`. */
export function nextForPlaces(engine: Engine, keys: readonly string[]): D1PreparedStatement {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return engine.db.prepare(NEXT).bind(JSON.stringify([...counts.keys()]), engine.clock.now(), most);
}
