// Revokes tasks, queued or running, at once and durably. A running task hears of it with its invocation's next heartbeat and
// can no longer be settled: its fence holds no row.
import type { Engine } from '../engine.ts';
import type { QueueName } from '../queues.ts';
import type { Ring } from '../ring.ts';
import type { TaskError, TaskUpdate } from '../task.ts';
import { Batch, read, UnexpectedChanges } from './batch.ts';
import { nextForPlaces } from './next-for-places.ts';
import { releaseDependants } from './release-dependants.ts';

interface UnfinishedRow {
  id: string;
  name: string;
  queue: QueueName;
  workflowId: string | null;
  concurrencyKey: string | null;
}

const UNFINISHED = `
  SELECT tasks.id, name, queue, workflow_id AS workflowId, concurrency_key AS concurrencyKey
  FROM json_each(?1) AS wanted JOIN tasks ON tasks.id = wanted.value WHERE finished_at IS NULL`;

/** Revoking ends the running attempt, which is counted here: it can no longer be settled. */
const COUNT = `
  INSERT INTO task_stats (minute, name, queue, revoked, first_attempts, attempts)
  SELECT ?2, name, queue, count(*), sum(fence = 0 OR (fence = 1 AND state = 'STARTED')), sum(state = 'STARTED') FROM tasks
  WHERE id IN (SELECT value FROM json_each(?1)) AND finished_at IS NULL GROUP BY name, queue
  ON CONFLICT (minute, name, queue) DO UPDATE SET revoked = revoked + excluded.revoked,
    first_attempts = first_attempts + excluded.first_attempts, attempts = attempts + excluded.attempts`;

const REVOKE = `
  UPDATE tasks SET state = 'REVOKED', lease_id = NULL, finished_at = ?2, error = ?3
  WHERE id IN (SELECT value FROM json_each(?1)) AND finished_at IS NULL`;

export interface Revoked {
  tasks: { id: string; name: string }[];
  /** For tasks that may start because of it. */
  rings: Ring[];
}

/** Revokes those of the tasks that are not final. Throws EngineError `store_unavailable`. */
export async function revokeTaskRows(engine: Engine, ids: readonly string[], error: TaskError): Promise<Revoked> {
  for (;;) {
    const rows = await read<UnfinishedRow>(engine, UNFINISHED, JSON.stringify(ids));
    if (rows.length === 0) return { tasks: [], rings: [] };
    try {
      return { tasks: rows.map(({ id, name }) => ({ id, name })), rings: await revoke(engine, rows, error) };
    } catch (fault) {
      // One of them ended meanwhile: its dependants must not be released twice.
      if (!(fault instanceof UnexpectedChanges)) throw fault;
    }
  }
}

async function revoke(engine: Engine, rows: readonly UnfinishedRow[], error: TaskError): Promise<Ring[]> {
  const now = engine.clock.now();
  const batch = new Batch(engine);
  const set = JSON.stringify(rows.map(({ id }) => id));
  batch.add(COUNT, set, now - (now % 60_000));
  batch.add(REVOKE, set, now, JSON.stringify(error));
  batch.expectChanges(rows.length);
  const members = rows.filter(({ workflowId }) => workflowId !== null);
  const released = releaseDependants(
    batch,
    engine,
    members.map(({ id }) => ({ id, state: 'REVOKED' })),
  );
  const places = rows.flatMap(({ name, concurrencyKey }) =>
    concurrencyKey === null ? [] : [{ concurrencyKey, name }],
  );
  const next = nextForPlaces(batch, engine, places);
  const updates = () => [...rows.map((row) => toUpdate(row, now)), ...released.updates(now)];
  await batch.commit({ repeatable: false, updates });
  return [...released.rings(), ...next()];
}

function toUpdate({ id, name, queue, workflowId }: UnfinishedRow, at: number): TaskUpdate {
  return {
    taskId: id,
    name,
    queue,
    state: 'REVOKED',
    progress: undefined,
    workflowId: workflowId ?? undefined,
    at,
  };
}
