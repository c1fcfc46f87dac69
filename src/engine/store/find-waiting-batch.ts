// The tasks of a definition that wait and are due, among its newest: they may run in one batch. Each read looks at a number of rows
// that the size of the batch bounds, however many tasks there are.
import type { Engine } from '../engine.ts';
import type { QueueName } from '../queues.ts';
import { type Batch, read } from './batch.ts';
import { firstId } from './ids.ts';

interface Wanted {
  name: string;
  queue: QueueName;
  /** Only tasks that were enqueued at or after it. All instants: epoch milliseconds. */
  since: number;
  now: number;
  /** The most of the newest tasks to look at. */
  limit: number;
}

const WAITS = `(state = 'PENDING' OR state = 'RETRY') AND queue = ?2 AND due_at <= ?3 AND crashes = 0`;

/** The newest tasks of a definition, and of these the ones that wait. */
const NEWEST = `
  SELECT id FROM (
    SELECT id, state, queue, due_at, crashes FROM tasks INDEXED BY tasks_name WHERE name = ?1 AND id >= ?4 AND id < ?6 ORDER BY id DESC LIMIT ?5
  ) WHERE ${WAITS}`;

/** Adds the read of those with ids below `before`. The ids are readable after the commit, the oldest first. */
export function addFindNewest(
  batch: Batch,
  { name, queue, since, now, limit, before }: Wanted & { before: string },
): () => string[] {
  const found = batch.add<{ id: string }>(NEWEST, name, queue, now, firstId(since), limit, before);
  return () => found.rows.map(({ id }) => id).sort();
}

/** No id is above it. */
const ABOVE_ALL = 'g';

const COMPANY = `
  WITH own AS MATERIALIZED (
    SELECT tasks.id FROM json_each(?7) AS wanted JOIN tasks ON tasks.id = wanted.value WHERE ${WAITS}
  )
  SELECT id FROM own
  UNION
  SELECT id FROM (${NEWEST}) WHERE EXISTS (SELECT 1 FROM own)
  ORDER BY id`;

/** Those of the tasks `ids` that wait, and if there is one, the newest that wait beside them. The oldest first. */
export async function findCompany(engine: Engine, wanted: Wanted & { ids: readonly string[] }): Promise<string[]> {
  const { name, queue, since, now, limit, ids } = wanted;
  const values = [name, queue, now, firstId(since), 2 * limit, ABOVE_ALL, JSON.stringify(ids)];
  const rows = await read<{ id: string }>(engine, COMPANY, ...values);
  return rows.map(({ id }) => id);
}
