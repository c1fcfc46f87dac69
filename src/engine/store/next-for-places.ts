// Finds the tasks that wait for a place that became free, per concurrency key. A ring too many does no harm, because the
// claim counts places; the sweep makes good a ring that was lost.
import type { Engine } from '../engine.ts';
import type { Ring } from '../ring.ts';
import type { Batch } from './batch.ts';

/** The place that an ended task held. */
export interface FreedPlace {
  concurrencyKey: string;
  /** The definition's. */
  name: string;
}

/** The first ones in the order of the index, and no more than the limit for each concurrency key and state. */
const arm = (state: 'PENDING' | 'RETRY') => `
  SELECT waiting.id FROM json_each(?1) AS place JOIN tasks AS waiting ON waiting.id IN (
    SELECT id FROM tasks AS other
    WHERE other.concurrency_key = place.value AND other.state = '${state}' AND other.finished_at IS NULL AND other.due_at <= ?2
      AND other.queue NOT IN (SELECT queue FROM paused_queues)
    ORDER BY other.due_at LIMIT ?3)`;

const NEXT = `
  SELECT tasks.id, name, queue, due_at AS dueAt, crashes > 0 AS alone FROM tasks
  WHERE id IN (${arm('PENDING')} UNION ALL ${arm('RETRY')})`;

type Row = Omit<Ring, 'alone' | 'returning'> & { alone: number };

/**
 * Adds the search behind the statement that freed the places. It finds as many tasks as may run at once, and not only as
 * many as places became free: a ring for another place may be under way to the same task. Returns their rings, readable
 * after the commit.
 */
export function nextForPlaces(batch: Batch, engine: Engine, freed: readonly FreedPlace[]): () => Ring[] {
  if (freed.length === 0) return () => [];
  const concurrencyKeys = [...new Set(freed.map((place) => place.concurrencyKey))];
  const limits = freed.map(({ name }) => engine.registry.get(name)?.concurrency?.limit ?? 1);
  const next = batch.add<Row>(NEXT, JSON.stringify(concurrencyKeys), engine.clock.now(), Math.max(...limits));
  return () =>
    next.rows.map(({ alone, ...task }) => ({ ...task, returning: true, ...(alone === 1 && { alone: true }) }));
}
