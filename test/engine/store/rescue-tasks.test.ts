// Taking back what a dead invocation held: rows, counters and leases together, once.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { readTotals, revokeTask } from '../../../src/engine/manage.ts';
import { rescueTasks } from '../../../src/engine/store/rescue-tasks.ts';
import { claimAndDie, enqueueOne } from '../../support/dying.ts';
import { makeEngine, rowOf, statesOf } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

const errors = {
  crashed: { code: 'crashed', type: 'WorkerLostError', message: 'crashed' },
  poisoned: { code: 'poisoned', type: 'WorkerLostError', message: 'poisoned' },
};

beforeEach(async () => {
  await env.DB.batch(['tasks', 'leases', 'task_stats'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

const countLeases = () => env.DB.prepare('SELECT count(*) AS n FROM leases').first<number>('n');

describe('a rescue', () => {
  it('makes lost tasks wait again, due at once, and forgets their lease', async () => {
    const engine = await makeEngine([scripted]);
    const ids = [await enqueueOne(engine), await enqueueOne(engine)];
    await claimAndDie(engine, ids);
    engine.advance(60);
    const now = engine.clock.now();
    const wakeAt = now + engine.settings.ringGraceSeconds * 1000;
    const { ids: rescued, rings } = await rescueTasks(engine, errors);
    expect(rescued.sort()).toEqual([...ids].sort());
    expect(rings.map(({ id, alone }) => [id, alone]).sort()).toEqual(ids.map((id) => [id, true]).sort());
    for (const id of ids)
      expect(await rowOf(id)).toMatchObject({
        state: 'RETRY',
        crashes: 1,
        due_at: now,
        wake_at: wakeAt,
        lease_id: null,
      });
    expect(await countLeases()).toBe(0);
    expect(await rescueTasks(engine, errors)).toEqual({ ids: [], rings: [] });
  });

  it('by several sweeps at once counts each crash once', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine);
    await claimAndDie(engine, [id]);
    engine.advance(60);
    await Promise.all([1, 2, 3].map(() => rescueTasks(engine, errors)));
    expect((await rowOf(id)).crashes).toBe(1);
    expect(await readTotals(engine)).toMatchObject([{ crashed: 1, attempts: 1, firstAttempts: 1 }]);
  });

  it('forgets a lease whose tasks have all ended, and touches none of them', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine);
    await claimAndDie(engine, [id]);
    await revokeTask(engine, id);
    engine.advance(60);
    expect((await rescueTasks(engine, errors)).ids).toEqual([]);
    expect(await statesOf([id])).toEqual(['REVOKED']);
    expect(await countLeases()).toBe(0);
  });

  it('leaves the tasks of other leases alone', async () => {
    const engine = await makeEngine([scripted]);
    const lost = await enqueueOne(engine);
    await claimAndDie(engine, [lost]);
    engine.advance(29);
    const held = await enqueueOne(engine);
    await claimAndDie(engine, [held]);
    engine.advance(2);
    expect((await rescueTasks(engine, errors)).ids).toEqual([lost]);
    expect(await statesOf([held])).toEqual(['STARTED']);
  });
});
