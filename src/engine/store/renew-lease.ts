// The heartbeat of an invocation: renews its lease, writes the latest progress, and returns which tasks it still holds.

import type { ClaimedTask } from '../claimed-task.ts';
import type { Engine } from '../engine.ts';
import type { Progress, TaskUpdate } from '../task.ts';
import { Batch } from './batch.ts';

/** A task that the invocation runs, with its progress if that has not been written yet. */
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

/** The fences still held, by task id. A task is missing when it was revoked, or taken back after the lease ran out. */
export async function renewLease(engine: Engine, { leaseId, running }: Heartbeat): Promise<Map<string, number>> {
  const now = engine.clock.now();
  const batch = new Batch(engine);
  batch.add(RENEW, leaseId, now + engine.settings.leaseSeconds * 1000);
  const found = batch.add<{ id: string; fence: number }>(HELD, JSON.stringify(running.map(({ id }) => id)), leaseId);
  const changed = running.filter(({ progress }) => progress !== undefined);
  const held = () => new Map(found.rows.map(({ id, fence }) => [id, fence]));
  if (changed.length === 0) {
    await batch.commit({ repeatable: true });
    return held();
  }
  batch.add(PROGRESS, JSON.stringify(changed.map((one) => [one.id, one.fence, JSON.stringify(one.progress)])));
  const updates = () => {
    const fences = held();
    return changed.filter(({ id, fence }) => fences.get(id) === fence).map((one) => toUpdate(one, now));
  };
  await batch.commit({ repeatable: true, updates });
  return held();
}

function toUpdate({ id, name, queue, workflowId, progress }: Beating, at: number): TaskUpdate {
  return { taskId: id, name, queue, state: 'STARTED', progress, workflowId, at };
}
