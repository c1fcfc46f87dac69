// Takes back what ran under leases that ran out: each such attempt is a crash. Below the limit the task waits again and is
// due for a ring; at the limit it is FAILURE `poisoned`, so that no task can take its isolate down for ever.
import type { Engine, LiveEvent } from '../engine.ts';
import type { QueueName } from '../queues.ts';
import { read } from './commit.ts';
import { nextForPlaces } from './next-for-places.ts';
import { type ReleasedTask, releasedOf, releaseEvents, releaseStatements } from './release-dependants.ts';
import type { TaskError } from './rows.ts';
import { commitWatched } from './watchers.ts';

/** Tasks still held by a lease that ran out before ?1. */
const LOST = `
  tasks WHERE id IN (SELECT value FROM leases, json_each(leases.task_ids) WHERE leases.until < ?1)
    AND +state = 'STARTED' AND lease_id IN (SELECT id FROM leases WHERE until < ?1)`;

const COUNT = `
  INSERT INTO task_stats (minute, name, queue, crashed, failed, attempts, first_attempts)
  SELECT ?2, name, queue, count(*), sum(crashes + 1 >= ?3), count(*), sum(fence = 1) FROM ${LOST} GROUP BY name, queue
  ON CONFLICT (minute, name, queue) DO UPDATE SET crashed = crashed + excluded.crashed, failed = failed + excluded.failed,
    attempts = attempts + excluded.attempts, first_attempts = first_attempts + excluded.first_attempts`;

const COUNT_FAILURES = `
  INSERT INTO failure_stats (name, queue, exception, failures, code, message, last_at, last_task_id)
  SELECT name, queue, ?3 ->> 'type', count(*), ?3 ->> 'code', ?3 ->> 'message', ?1, max(id) FROM ${LOST}
    AND crashes + 1 >= ?2 GROUP BY name, queue
  ON CONFLICT (name, queue, exception) DO UPDATE SET failures = failures + excluded.failures, code = excluded.code,
    message = excluded.message, last_at = excluded.last_at, last_task_id = excluded.last_task_id`;

const RECORD_ATTEMPTS = `
  INSERT INTO attempts (task_id, number, outcome, started_at, finished_at, error)
  SELECT id, fence, 'CRASHED', started_at, ?1, ?2 FROM ${LOST}
  ON CONFLICT DO NOTHING`;

const RESCUE = `
  UPDATE tasks SET crashes = crashes + 1, lease_id = NULL, due_at = ?1, wake_at = ?1,
    state = CASE WHEN crashes + 1 >= ?2 THEN 'FAILURE' ELSE 'RETRY' END,
    finished_at = CASE WHEN crashes + 1 >= ?2 THEN ?1 END,
    error = CASE WHEN crashes + 1 >= ?2 THEN ?3 ELSE ?4 END
  WHERE id IN (SELECT id FROM ${LOST})
  RETURNING id, name, queue, state, workflow_id AS workflowId`;

/** All that is lost, the places it held, and whether this crash ends a task of a workflow. */
const LOST_TASKS = `SELECT id, name, concurrency_key AS placeKey, crashes + 1 >= ?2 AND workflow_id IS NOT NULL AS endsMember FROM ${LOST}`;

/** Follows RESCUE: did that not change all ?1 tasks read before, then NULL aborts the batch; the next sweep looks again. */
const GUARD = `
  INSERT INTO sweeps (chore, ran_at) SELECT 'rescue', CASE WHEN changes() = ?1 THEN ?2 END WHERE true
  ON CONFLICT (chore) DO UPDATE SET ran_at = excluded.ran_at`;

const FORGET_LEASES = 'DELETE FROM leases WHERE until < ?1';

export interface RescueErrors {
  crashed: TaskError;
  poisoned: TaskError;
}

interface LostTask {
  id: string;
  name: string;
  placeKey: string | null;
  endsMember: number;
}

export interface Rescued {
  /** Ids of the tasks taken back. */
  ids: string[];
  /** Tasks of workflows that may start because one of them failed. */
  released: ReleasedTask[];
}

/** Takes back what is lost. Also forgets leases that ran out holding nothing. */
export async function rescueTasks(engine: Engine, errors: RescueErrors): Promise<Rescued> {
  const { db, settings } = engine;
  const now = engine.clock.now();
  const expired = await db.prepare('SELECT 1 FROM leases WHERE until < ?1 LIMIT 1').bind(now).first();
  if (!expired) return { ids: [], released: [] };
  const query = db.prepare(LOST_TASKS).bind(now, settings.maxCrashes);
  const lost = await read<LostTask>(engine, query);
  const ended = lost.filter(({ endsMember }) => endsMember).map(({ id }) => ({ id, state: 'FAILURE' as const }));
  const places = lost.flatMap(({ name, placeKey: key }) => (key === null ? [] : [{ name, key }]));
  const [crashed, poisoned] = [JSON.stringify(errors.crashed), JSON.stringify(errors.poisoned)];
  const eventsOf = ([, , , rescued, ...rest]: readonly D1Result[]) => [
    ...rescuedOf(rescued).map((row) => toEvent(row, now)),
    ...releaseEvents(rest, now),
  ];
  const [, , , rescued, ...rest] = await commitWatched(
    engine,
    [
      db.prepare(COUNT).bind(now, now - (now % 60_000), settings.maxCrashes),
      db.prepare(COUNT_FAILURES).bind(now, settings.maxCrashes, poisoned),
      db.prepare(RECORD_ATTEMPTS).bind(now, crashed),
      db.prepare(RESCUE).bind(now, settings.maxCrashes, poisoned, crashed),
      db.prepare(GUARD).bind(lost.length, now),
      ...(ended.length > 0 ? releaseStatements(engine, ended) : []),
      ...nextForPlaces(engine, places),
      db.prepare(FORGET_LEASES).bind(now),
    ],
    { repeatable: true },
    eventsOf,
  );
  return { ids: rescuedOf(rescued).map(({ id }) => id), released: releasedOf(rest) };
}

interface RescuedRow {
  id: string;
  name: string;
  queue: QueueName;
  state: 'RETRY' | 'FAILURE';
  workflowId: string | null;
}

function rescuedOf(result: D1Result | undefined): RescuedRow[] {
  return (result?.results ?? []) as unknown as RescuedRow[];
}

function toEvent({ id, workflowId, ...task }: RescuedRow, at: number): LiveEvent {
  return { ...task, taskId: id, progress: undefined, workflowId: workflowId ?? undefined, at };
}
