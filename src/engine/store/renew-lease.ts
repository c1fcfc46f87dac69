// The heartbeat of an invocation: renews its lease, writes the latest progress, and brings back which tasks it still holds.
import type { Engine, LiveEvent } from '../engine.ts';
import type { Progress } from '../task.ts';
import type { ClaimedTask } from './claim-tasks.ts';
import { commit } from './commit.ts';
import { commitWatched } from './watchers.ts';

/** A task the invocation runs, with progress if that has not been written yet. */
export interface Beating extends Pick<ClaimedTask, 'id' | 'fence' | 'name' | 'queue' | 'workflowId'> {
  progress: Progress | undefined;
}

export interface Heartbeat {
  leaseId: string;
  running: readonly Beating[];
}

const RENEW = 'UPDATE leases SET until = ?2 WHERE id = ?1';

const HELD = `
  SELECT id, fence FROM tasks WHERE id IN (SELECT value FROM json_each(?1)) AND +state = 'STARTED' AND lease_id = ?2`;

const PROGRESS = `
  UPDATE tasks SET progress = s.value ->> 2 FROM json_each(?1) AS s
  WHERE tasks.id = s.value ->> 0 AND fence = s.value ->> 1 AND +state = 'STARTED'`;

/** The fences still held, by task id. A task missing from it was revoked, or taken back after the lease ran out. */
export async function renewLease(engine: Engine, { leaseId, running }: Heartbeat): Promise<Map<string, number>> {
  const { db } = engine;
  const now = engine.clock.now();
  const news = running.filter(({ progress }) => progress !== undefined);
  const statements = [
    db.prepare(RENEW).bind(leaseId, now + engine.settings.leaseSeconds * 1000),
    db.prepare(HELD).bind(JSON.stringify(running.map(({ id }) => id)), leaseId),
  ];
  if (news.length === 0) return heldOf(await commit(engine, statements, { repeatable: true }));
  const progress = JSON.stringify(news.map((one) => [one.id, one.fence, JSON.stringify(one.progress)]));
  statements.push(db.prepare(PROGRESS).bind(progress));
  const eventsOf = (results: readonly D1Result[]) => {
    const held = heldOf(results);
    return news.filter(({ id, fence }) => held.get(id) === fence).map((one) => toEvent(one, now));
  };
  return heldOf(await commitWatched(engine, statements, { repeatable: true }, eventsOf));
}

function heldOf([, held]: readonly D1Result[]): Map<string, number> {
  return new Map(((held?.results ?? []) as { id: string; fence: number }[]).map(({ id, fence }) => [id, fence]));
}

function toEvent({ id, name, queue, workflowId, progress }: Beating, at: number): LiveEvent {
  return { taskId: id, name, queue, state: 'STARTED', progress, workflowId, at };
}
