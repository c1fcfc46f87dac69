// Who waits for a place that became free, per concurrency key: to be rung for. A ring too many does no harm, for the claim
// counts; a ring that gets lost is made good by the sweep.
import type { Engine } from '../engine.ts';

/** What an ended task held. */
export interface FreedPlace {
  key: string;
  /** The definition's. */
  name: string;
}

/** The first ones in the order of the index, and no more than the limit for each key and state. */
const arm = (state: 'PENDING' | 'RETRY') => `
  SELECT waiting.id FROM json_each(?1) AS place JOIN tasks AS waiting ON waiting.id IN (
    SELECT id FROM tasks AS other
    WHERE other.concurrency_key = place.value AND other.state = '${state}' AND other.finished_at IS NULL AND other.due_at <= ?2
      AND other.queue NOT IN (SELECT queue FROM paused_queues)
    ORDER BY other.due_at LIMIT ?3)`;

const NEXT = `
  SELECT tasks.id, name, queue, due_at AS dueAt, crashes, 'PENDING' AS released FROM tasks
  WHERE id IN (${arm('PENDING')} UNION ALL ${arm('RETRY')})`;

/**
 * As many as may run at once, and not only as many as places became free: a ring for another place may be under way to the
 * same task. Belongs behind the statement that freed the places; its rows are read by `releasedOf`.
 */
export function nextForPlaces(engine: Engine, freed: readonly FreedPlace[]): D1PreparedStatement[] {
  if (freed.length === 0) return [];
  const keys = [...new Set(freed.map(({ key }) => key))];
  const limits = freed.map(({ name }) => engine.registry.get(name)?.concurrency?.limit ?? 1);
  return [engine.db.prepare(NEXT).bind(JSON.stringify(keys), engine.clock.now(), Math.max(...limits))];
}
