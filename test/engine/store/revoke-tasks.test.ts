// Revoking: rows, counters and what follows, together.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { readTotals } from '../../../src/engine/manage.ts';
import { revokeTaskRows } from '../../../src/engine/store/revoke-tasks.ts';
import { settleTasks } from '../../../src/engine/store/settle-tasks.ts';
import { aSettlement, claimAndDie, enqueueOne } from '../../support/dying.ts';
import { makeEngine, rowOf, statesOf } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

const error = { code: 'revoked', type: 'TaskRevokedError', message: 'revoked' };

beforeEach(async () => {
  await env.DB.batch(['tasks', 'leases', 'task_stats'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

describe('revoking', () => {
  it('ends waiting and running tasks, and counts the attempt of a running one', async () => {
    const engine = await makeEngine([scripted]);
    const [waiting, running] = [await enqueueOne(engine), await enqueueOne(engine)];
    await claimAndDie(engine, [running]);
    const { tasks } = await revokeTaskRows(engine, [waiting, running], error);
    expect(tasks.map(({ id }) => id).sort()).toEqual([waiting, running].sort());
    const row = { state: 'REVOKED', lease_id: null, finished_at: engine.clock.now(), error: JSON.stringify(error) };
    expect(await rowOf(running)).toMatchObject(row);
    expect(await readTotals(engine)).toMatchObject([{ revoked: 2, attempts: 1, firstAttempts: 2 }]);
  });

  it('lets no later settlement of a revoked task through', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine);
    const { tasks } = await claimAndDie(engine, [id]);
    await revokeTaskRows(engine, [id], error);
    await settleTasks(engine, [aSettlement(tasks[0]!)]);
    expect(await rowOf(id)).toMatchObject({ state: 'REVOKED', result: null });
  });

  it('leaves tasks alone that are final or do not exist, and counts nothing', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine);
    await revokeTaskRows(engine, [id], error);
    const again = { ...error, message: 'again' };
    expect(await revokeTaskRows(engine, [id, crypto.randomUUID()], again)).toEqual({ tasks: [], rings: [] });
    expect(await readTotals(engine)).toMatchObject([{ revoked: 1 }]);
  });

  it('by two callers at once counts each task once', async () => {
    const engine = await makeEngine([scripted]);
    const ids = [await enqueueOne(engine), await enqueueOne(engine), await enqueueOne(engine)];
    const both = await Promise.all([revokeTaskRows(engine, ids, error), revokeTaskRows(engine, ids.slice(1), error)]);
    expect(both.flatMap(({ tasks }) => tasks)).toHaveLength(3);
    expect(await readTotals(engine)).toMatchObject([{ revoked: 3 }]);
    expect(new Set(await statesOf(ids))).toEqual(new Set(['REVOKED']));
  });
});
