// Revokes tasks, queued or running, at once and durably. A running one learns of it from its next heartbeat, and can no
// longer settle: its fence holds nothing.
import type { Engine, LiveEvent } from '../engine.ts';
import type { QueueName } from '../queues.ts';
import { read } from './commit.ts';
import { nextForPlaces } from './next-for-places.ts';
import { type ReleasedTask, releasedOf, releaseEvents, releaseStatements } from './release-dependants.ts';
import type { TaskError } from './rows.ts';
import { commitWatched } from './watchers.ts';

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

/** Revoking ends the attempt that runs: what that does afterwards settles nothing, and so is not counted. */
const COUNT = `
  INSERT INTO task_stats (minute, name, queue, revoked, first_attempts, attempts)
  SELECT ?2, name, queue, count(*), sum(fence = 0 OR (fence = 1 AND state = 'STARTED')), sum(state = 'STARTED') FROM tasks
  WHERE id IN (SELECT value FROM json_each(?1)) AND finished_at IS NULL GROUP BY name, queue
  ON CONFLICT (minute, name, queue) DO UPDATE SET revoked = revoked + excluded.revoked,
    first_attempts = first_attempts + excluded.first_attempts, attempts = attempts + excluded.attempts`;

const REVOKE = `
  UPDATE tasks SET state = 'REVOKED', lease_id = NULL, finished_at = ?2, error = ?3
  WHERE id IN (SELECT value FROM json_each(?1)) AND finished_at IS NULL`;

/** Follows REVOKE of ?1 tasks: did one of them end meanwhile, then NULL aborts the batch, and nothing is released twice. */
const GUARD = `
  INSERT INTO sweeps (chore, ran_at) SELECT 'revoke', CASE WHEN changes() = ?1 THEN ?2 END WHERE true
  ON CONFLICT (chore) DO UPDATE SET ran_at = excluded.ran_at`;

export interface Revoked {
  tasks: { id: string; name: string }[];
  /** What may start because of it. */
  released: ReleasedTask[];
}

/** Revokes those of the tasks that are not final. Throws EngineError `store_unavailable`. */
export async function revokeTasks(engine: Engine, ids: readonly string[], error: TaskError): Promise<Revoked> {
  const { db } = engine;
  for (;;) {
    const now = engine.clock.now();
    const rows = await read<UnfinishedRow>(engine, db.prepare(UNFINISHED).bind(JSON.stringify(ids)));
    if (rows.length === 0) return { tasks: [], released: [] };
    const set = JSON.stringify(rows.map(({ id }) => id));
    const members = rows.filter(({ workflowId }) => workflowId !== null);
    const places = rows.flatMap(({ name, concurrencyKey: key }) => (key === null ? [] : [{ key, name }]));
    const statements = [
      db.prepare(COUNT).bind(set, now - (now % 60_000)),
      db.prepare(REVOKE).bind(set, now, JSON.stringify(error)),
      db.prepare(GUARD).bind(rows.length, now),
      ...(members.length > 0
        ? releaseStatements(
            engine,
            members.map(({ id }) => ({ id, state: 'REVOKED' })),
          )
        : []),
      ...nextForPlaces(engine, places),
    ];
    try {
      const eventsOf = (all: readonly D1Result[]) => [
        ...rows.map((row) => toEvent(row, now)),
        ...releaseEvents(all, now),
      ];
      const results = await commitWatched(engine, statements, { repeatable: false }, eventsOf);
      return { tasks: rows.map(({ id, name }) => ({ id, name })), released: releasedOf(results) };
    } catch (fault) {
      if (!(fault instanceof Error && fault.message.includes('NOT NULL constraint failed: sweeps.ran_at'))) throw fault;
    }
  }
}

function toEvent({ id, name, queue, workflowId }: UnfinishedRow, at: number): LiveEvent {
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
