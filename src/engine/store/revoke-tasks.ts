// Revokes tasks, queued or running, at once and durably. A running task hears of it with its invocation's next heartbeat and
// can no longer be settled: its fence holds no row.
import type { Engine } from '../engine.ts';
import type { QueueName } from '../queues.ts';
import type { Ring } from '../ring.ts';
import type { TaskError, TaskUpdate } from '../task.ts';
import { Batch, read, UnexpectedChanges } from './batch.ts';
import { type CountedEnd, countOutcomes } from './count-outcomes.ts';
import { nextForPlaces } from './next-for-places.ts';
import { releaseDependants } from './release-dependants.ts';
import { undoFirst } from './undo-first.ts';

interface UnfinishedRow {
  id: string;
  name: string;
  queue: QueueName;
  workflowId: string | null;
  concurrencyKey: string | null;
  fence: number;
  /** Of the attempt that runs; null when none does. */
  startedAt: number | null;
  dueAt: number;
  /** A recorded step has an undo: it is final only after that. */
  hasUndo: number;
}

const UNFINISHED = `
  SELECT tasks.id, name, queue, workflow_id AS workflowId, concurrency_key AS concurrencyKey, fence, due_at AS dueAt, has_undo AS hasUndo,
         CASE WHEN state = 'STARTED' THEN started_at END AS startedAt
  FROM json_each(?1) AS wanted JOIN tasks ON tasks.id = wanted.value
  WHERE finished_at IS NULL AND undoing IS NULL`;

const REVOKE = `
  UPDATE tasks SET state = 'REVOKED', lease_id = NULL, finished_at = ?2, error = ?3
  WHERE id IN (SELECT value FROM json_each(?1)) AND finished_at IS NULL AND has_undo = 0`;

const IS_WAITING = " AND +state <> 'STARTED'";

const EXPIRED = `
  SELECT id FROM tasks WHERE expires_at <= ?1 AND finished_at IS NULL AND undoing IS NULL ${IS_WAITING} ORDER BY expires_at LIMIT ?2`;

/** Tasks that have expired and have not started. */
export async function findExpired(engine: Engine, now: number, limit: number): Promise<string[]> {
  return (await read<{ id: string }>(engine, EXPIRED, now, limit)).map(({ id }) => id);
}

export interface Revoked {
  tasks: { id: string; name: string }[];
  /** For tasks that may start because of it. */
  rings: Ring[];
}

export interface RevokeOptions {
  /** Leave running tasks alone. Default: false. */
  onlyWaiting?: boolean;
}

/** Revokes those of the tasks that are not final. Throws EngineError `store_unavailable`. */
export async function revokeTaskRows(
  engine: Engine,
  ids: readonly string[],
  error: TaskError,
  { onlyWaiting = false }: RevokeOptions = {},
): Promise<Revoked> {
  const condition = onlyWaiting ? IS_WAITING : '';
  for (;;) {
    const rows = await read<UnfinishedRow>(engine, UNFINISHED + condition, JSON.stringify(ids));
    if (rows.length === 0) return { tasks: [], rings: [] };
    try {
      return { tasks: rows.map(({ id, name }) => ({ id, name })), rings: await revoke(engine, rows, error, condition) };
    } catch (fault) {
      // One of them ended or started meanwhile. Its dependants must not be released twice.
      if (!(fault instanceof UnexpectedChanges)) throw fault;
    }
  }
}

async function revoke(
  engine: Engine,
  rows: readonly UnfinishedRow[],
  error: TaskError,
  condition: string,
): Promise<Ring[]> {
  const now = engine.clock.now();
  const batch = new Batch(engine);
  const ended = rows.filter(({ hasUndo }) => hasUndo === 0);
  const undone = rows.filter(({ hasUndo }) => hasUndo === 1);
  if (ended.length > 0) {
    batch.add(REVOKE + condition, setOf(ended), now, JSON.stringify(error));
    batch.expectChanges(ended.length);
    countOutcomes(
      batch,
      engine,
      ended.map((row) => toCounted(row, now)),
      now,
    );
  }
  if (undone.length > 0) {
    const ids = 'SELECT value FROM json_each(?1)';
    undoFirst(batch, engine, { ids, condition, set: setOf(undone), error: JSON.stringify(error) }, now);
    batch.expectChanges(undone.length);
  }
  const members = ended.filter(({ workflowId }) => workflowId !== null);
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
  const undoing = undone.map(({ id, name, queue }) => ({ id, name, queue, dueAt: now, returning: true }));
  return [...released.rings(), ...next(), ...undoing];
}

function setOf(rows: readonly UnfinishedRow[]): string {
  return JSON.stringify(rows.map(({ id }) => id));
}

/** Revoking ends the running attempt, which is counted here: it can no longer be settled. */
function toCounted({ name, queue, fence, startedAt, dueAt }: UnfinishedRow, now: number): CountedEnd {
  const isFirst = fence === 0 || (fence === 1 && startedAt !== null);
  return {
    name,
    queue,
    outcome: 'REVOKED',
    startedAt: startedAt ?? undefined,
    finishedAt: now,
    dueAtStart: dueAt,
    isFirst,
  };
}

function toUpdate({ id, name, queue, workflowId, hasUndo }: UnfinishedRow, at: number): TaskUpdate {
  return {
    taskId: id,
    name,
    queue,
    state: hasUndo === 1 ? 'RETRY' : 'REVOKED',
    progress: undefined,
    workflowId: workflowId ?? undefined,
    at,
  };
}
