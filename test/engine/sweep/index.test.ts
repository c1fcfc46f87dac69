// The sweep as a whole: its chores are independent of each other.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { lastSweep, readSweeps, sweep } from '../../../src/engine/manage.ts';
import { claimAndDie, enqueueOne } from '../../support/dying.ts';
import { makeEngine, statesOf } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

beforeEach(async () => {
  await env.DB.batch(['tasks', 'leases', 'sweeps'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

describe('the sweep', () => {
  it('takes a task back from a dead invocation and sends its message in the same run', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine);
    await engine.idle();
    engine.sent.default.splice(0);
    await claimAndDie(engine, [id]);
    engine.advance(60);
    expect(await sweep(engine)).toMatchObject({ rescue: 1, redeliver: 0 });
    await engine.deliver();
    expect(await statesOf([id])).toEqual(['SUCCESS']);
  });

  it('goes on after a chore that fails, and says which one did', async () => {
    const engine = await makeEngine([scripted]);
    await enqueueOne(engine);
    await engine.idle();
    engine.sent.default.splice(0);
    const { prepare } = engine.db;
    engine.db = new Proxy(engine.db, {
      get(target, property) {
        if (property !== 'prepare') return Reflect.get(target, property);
        return (sql: string) => prepare(sql.includes('FROM schedules') ? 'SELECT nothing' : sql);
      },
    });
    engine.advance(60);
    expect(await sweep(engine)).toMatchObject({ fire: -1, rescue: 0, redeliver: 1 });
    expect(engine.complaints).toMatchObject([{ message: 'chore failed', fields: { chore: 'fire' } }]);
  });

  it('never throws, also when D1 is away', async () => {
    const engine = await makeEngine([scripted]);
    engine.db = { ...engine.db, prepare: env.DB.prepare.bind(env.DB), batch: () => Promise.reject('away') } as never;
    expect(new Set(Object.values(await sweep(engine)))).toEqual(new Set([-1]));
    expect(engine.complaints.at(-1)?.message).toBe('sweep not recorded');
  });

  it('records when it ran, and how many messages it sent again', async () => {
    const engine = await makeEngine([scripted]);
    expect(await lastSweep(engine, 'sweep')).toBeUndefined();
    await enqueueOne(engine);
    engine.advance(60);
    await sweep(engine);
    const first = engine.clock.now();
    expect(await lastSweep(engine, 'sweep')).toBe(first);
    engine.advance(60);
    await sweep(engine);
    const records = await readSweeps(engine);
    expect(records.find(({ chore }) => chore === 'sweep')).toMatchObject({ ranAt: first + 60_000 });
    expect(records.find(({ chore }) => chore === 'redeliver')).toMatchObject({ tasks: 2 });
  });
});
