// Takes back tasks whose lease ran out: each such attempt is a crash. Below the limit of crashes the task waits again;
// at the limit it is FAILURE `poisoned`, so that no task can take its isolate down for ever.
import type { Engine } from '../engine.ts';
import type { QueueName } from '../queues.ts';
import type { Ring } from '../ring.ts';
import type { TaskError, TaskUpdate } from '../task.ts';
import { Batch, read, UnexpectedChanges } from './batch.ts';
import { nextForPlaces } from './next-for-places.ts';
import { releaseDependants } from './release-dependants.ts';

/** Tasks still held by a lease that ran out before ?1. */
const LOST = `
  tasks WHERE id IN (SELECT value FROM leases, json_each(leases.task_ids) WHERE leases.until < ?1)
    AND +state = 'STARTED' AND lease_id IN (SELECT id FROM leases WHERE until < ?1)`;

/** A task with undos is not ended by its crashes, but undone; crashes of its undos end it. ?N: the limit of crashes. */
const endsAt = (limit: string) => `
  CASE WHEN undoing IS NOT NULL THEN crashes + 1 >= 2 * ${limit} WHEN has_undo = 1 THEN 0 ELSE crashes + 1 >= ${limit} END`;

const COUNT = `
  INSERT INTO task_stats (minute, name, queue, crashed, failed, attempts, first_attempts)
  SELECT ?2, name, queue, count(*), sum(${endsAt('?3')}), count(*), sum(fence = 1) FROM ${LOST} GROUP BY name, queue
  ON CONFLICT (minute, name, queue) DO UPDATE SET crashed = crashed + excluded.crashed, failed = failed + excluded.failed,
    attempts = attempts + excluded.attempts, first_attempts = first_attempts + excluded.first_attempts`;

const COUNT_FAILURES = `
  INSERT INTO failure_stats (name, queue, exception, failures, code, message, last_at, last_task_id)
  SELECT name, queue, ?3 ->> 'type', count(*), ?3 ->> 'code', ?3 ->> 'message', ?1, max(id) FROM ${LOST}
    AND ${endsAt('?2')} GROUP BY name, queue
  ON CONFLICT (name, queue, exception) DO UPDATE SET failures = failures + excluded.failures, code = excluded.code,
    message = excluded.message, last_at = excluded.last_at, last_task_id = excluded.last_task_id`;

const RECORD_ATTEMPTS = `
  INSERT INTO attempts (task_id, number, outcome, started_at, finished_at, error, version)
  SELECT id, fence, 'CRASHED', started_at, ?1, ?2, version FROM ${LOST}
  ON CONFLICT DO NOTHING`;

const RESCUE = `
  UPDATE tasks SET crashes = crashes + 1, lease_id = NULL, keeps_place = 0, due_at = ?1, wake_at = ?5,
    state = CASE WHEN ${endsAt('?2')} THEN 'FAILURE' ELSE 'RETRY' END,
    finished_at = CASE WHEN ${endsAt('?2')} THEN ?1 END,
    error = CASE WHEN ${endsAt('?2')} THEN ?3 ELSE ?4 END,
    undoing = CASE WHEN ${endsAt('?2')} THEN NULL WHEN undoing IS NOT NULL THEN undoing
      WHEN has_undo = 1 AND crashes + 1 >= ?2 THEN json_object('state', 'FAILURE', 'error', json(?3)) END
  WHERE id IN (SELECT id FROM ${LOST})
  RETURNING id, name, queue, state, workflow_id AS workflowId`;

/** The lost tasks, the concurrency keys of their places, and whether this crash ends a member of a workflow. */
const LOST_TASKS = `
  SELECT id, name, concurrency_key AS concurrencyKey, ${endsAt('?2')} AND workflow_id IS NOT NULL AS endsMember FROM ${LOST}`;

const EXPIRED_LEASE = 'SELECT 1 FROM leases WHERE until < ?1 LIMIT 1';
const FORGET_LEASES = 'DELETE FROM leases WHERE until < ?1';

export interface RescueErrors {
  crashed: TaskError;
  poisoned: TaskError;
}

interface LostTask {
  id: string;
  name: string;
  concurrencyKey: string | null;
  endsMember: number;
}

interface RescuedRow {
  id: string;
  name: string;
  queue: QueueName;
  state: 'RETRY' | 'FAILURE';
  workflowId: string | null;
}

export interface Rescued {
  /** Ids of the tasks taken back. */
  ids: string[];
  /** For the tasks taken back, for tasks of workflows that may start because one of them failed, and for tasks that waited for a place. */
  rings: Ring[];
}

/** Takes back what is lost. Also forgets leases that ran out holding no task. */
export async function rescueTasks(engine: Engine, errors: RescueErrors): Promise<Rescued> {
  const now = engine.clock.now();
  const none = { ids: [], rings: [] };
  if ((await read(engine, EXPIRED_LEASE, now)).length === 0) return none;
  const lost = await read<LostTask>(engine, LOST_TASKS, now, engine.settings.maxCrashes);
  try {
    return await takeBack(engine, lost, errors, now);
  } catch (error) {
    if (!(error instanceof UnexpectedChanges)) throw error;
    engine.logger.warn('lost tasks changed while they were taken back; the next sweep looks again');
    return none;
  }
}

async function takeBack(
  engine: Engine,
  lost: readonly LostTask[],
  errors: RescueErrors,
  now: number,
): Promise<Rescued> {
  const { maxCrashes, ringGraceSeconds } = engine.settings;
  const wakeAt = now + ringGraceSeconds * 1000;
  const [crashed, poisoned] = [JSON.stringify(errors.crashed), JSON.stringify(errors.poisoned)];
  const batch = new Batch(engine);
  batch.add(COUNT, now, now - (now % 60_000), maxCrashes);
  batch.add(COUNT_FAILURES, now, maxCrashes, poisoned);
  batch.add(RECORD_ATTEMPTS, now, crashed);
  const rescued = batch.add<RescuedRow>(RESCUE, now, maxCrashes, poisoned, crashed, wakeAt);
  batch.expectChanges(lost.length);
  const ended = lost.filter(({ endsMember }) => endsMember).map(({ id }) => ({ id, state: 'FAILURE' as const }));
  const released = releaseDependants(batch, engine, ended);
  const places = lost.flatMap(({ name, concurrencyKey }) =>
    concurrencyKey === null ? [] : [{ concurrencyKey, name }],
  );
  const next = nextForPlaces(batch, engine, places);
  batch.add(FORGET_LEASES, now);
  const updates = () => [...rescued.rows.map((row) => toUpdate(row, now)), ...released.updates(now)];
  await batch.commit({ repeatable: true, updates });
  const again = rescued.rows.filter(({ state }) => state === 'RETRY').map((row) => toRing(row, now));
  return { ids: rescued.rows.map(({ id }) => id), rings: [...again, ...released.rings(), ...next()] };
}

function toRing({ id, name, queue }: RescuedRow, dueAt: number): Ring {
  return { id, name, queue, dueAt, alone: true, returning: true };
}

function toUpdate({ id, workflowId, ...task }: RescuedRow, at: number): TaskUpdate {
  return { ...task, taskId: id, progress: undefined, workflowId: workflowId ?? undefined, at };
}
