// What a heartbeat writes, and what it finds out.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { renewLease } from '../../../src/engine/store/renew-lease.ts';
import { revokeTaskRows } from '../../../src/engine/store/revoke-tasks.ts';
import { claimAndDie, enqueueOne } from '../../support/dying.ts';
import { makeEngine, rowOf } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

const progress = { percent: 40, message: null, current: null, total: null };
const error = { code: 'revoked', type: 'TaskRevokedError', message: 'revoked' };

async function aLease() {
  const engine = await makeEngine([scripted]);
  const { leaseId, tasks } = await claimAndDie(engine, [await enqueueOne(engine), await enqueueOne(engine)]);
  return { engine, leaseId, one: tasks[0]!, two: tasks[1]! };
}

describe('a heartbeat', () => {
  it('renews the lease and returns the fences of the tasks that are still held', async () => {
    const { engine, leaseId, one, two } = await aLease();
    await revokeTaskRows(engine, [two.id], error);
    engine.advance(20);
    const running = [one, two].map((task) => ({ ...task, progress: undefined }));
    expect(await renewLease(engine, { leaseId, running })).toEqual(new Map([[one.id, 1]]));
    const until = await env.DB.prepare('SELECT until FROM leases WHERE id = ?').bind(leaseId).first('until');
    expect(until).toBe(engine.clock.now() + engine.settings.leaseSeconds * 1000);
  });

  it('writes new progress, and only of tasks that are still held', async () => {
    const { engine, leaseId, one, two } = await aLease();
    await renewLease(engine, {
      leaseId,
      running: [
        { ...one, progress },
        { ...two, progress, fence: 0 },
      ],
    });
    expect((await rowOf(one.id)).progress).toBe(JSON.stringify(progress));
    expect((await rowOf(two.id)).progress).toBeNull();
  });

  it('holds no task of another lease', async () => {
    const { engine, one } = await aLease();
    const running = [{ ...one, progress: undefined }];
    expect(await renewLease(engine, { leaseId: crypto.randomUUID(), running })).toEqual(new Map());
  });
});
