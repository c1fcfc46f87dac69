// The heartbeat of an invocation: renews its lease, writes the latest progress, and brings back which tasks it still holds.
import type { Engine } from '../engine.ts';
import type { Progress } from '../task.ts';
import { commit } from './commit.ts';

export interface Heartbeat {
  leaseId: string;
  running: readonly { id: string; fence: number; progress: Progress | undefined }[];
}

const RENEW = 'UPDATE leases SET until = ?2 WHERE id = ?1';

const HELD = `
  SELECT id, fence FROM tasks WHERE id IN (SELECT value FROM json_each(?1)) AND +state = 'STARTED' AND lease_id = ?2`;

const PROGRESS = `
  UPDATE tasks SET progress = s.value ->> 2 FROM json_each(?1) AS s
  WHERE tasks.id = s.value ->> 0 AND fence = s.value ->> 1 AND +state = 'STARTED'`;

/** The fences still held, by task id. A task missing from it was revoked, or taken back after the lease ran out. */
export async function renewLease(engine: Engine, { leaseId, running }: Heartbeat): Promise<Map<string, number>> {
  const until = engine.clock.now() + engine.settings.leaseSeconds * 1000;
  const news = running.filter(({ progress }) => progress !== undefined);
  const [, held] = await commit(
    engine,
    [
      engine.db.prepare(RENEW).bind(leaseId, until),
      engine.db.prepare(HELD).bind(JSON.stringify(running.map(({ id }) => id)), leaseId),
      ...(news.length > 0
        ? [
            engine.db
              .prepare(PROGRESS)
              .bind(JSON.stringify(news.map((r) => [r.id, r.fence, JSON.stringify(r.progress)]))),
          ]
        : []),
    ],
    { repeatable: true },
  );
  return new Map(((held?.results ?? []) as { id: string; fence: number }[]).map(({ id, fence }) => [id, fence]));
}
