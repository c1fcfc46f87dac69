// The circuit breaker: a dead dependency makes tasks wait, not fail.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../../../src/engine/index.ts';
import { callBehindCircuit, enqueue, sweep } from '../../../src/engine/manage.ts';
import { makeEngine, rowOf, statesOf } from '../../support/engine.ts';

beforeEach(async () => {
  await env.DB.prepare('DELETE FROM circuits').run();
});

/** D1 that does not take one statement. */
function brokenFor(sql: string, db: D1Database): D1Database {
  return new Proxy(db, {
    get(target, property) {
      if (property === 'prepare')
        return (text: string) => {
          if (text.startsWith(sql)) throw new Error('D1_ERROR: away');
          return target.prepare(text);
        };
      const value = Reflect.get(target, property) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const service = { alive: true, calls: 0 };

const calling = defineTask({
  name: 'test.calling',
  input: z.object({}),
  output: z.object({}),
  async run(_, ctx) {
    return ctx.circuit('service', async () => {
      service.calls++;
      if (!service.alive) throw new Error('down');
      return {};
    });
  },
});

describe('a circuit', () => {
  it('opens after five faults in a row; tasks then wait for the probe and keep their attempts, however long', async () => {
    Object.assign(service, { alive: false, calls: 0 });
    const engine = await makeEngine([calling]);
    const receipts = await enqueue(
      engine,
      Array.from({ length: 20 }, () => ({ definition: calling, input: {} })),
    );
    await engine.deliver();
    const atFirst = service.calls; // side by side, before any isolate knows
    for (let second = 0; second < 1800; second += 5) {
      engine.advance(5);
      if (second % 60 === 0) await sweep(engine);
      await engine.deliver();
    }
    // One probe per half minute, and none of them costs an attempt.
    expect(service.calls).toBeGreaterThan(atFirst + 20);
    expect(service.calls).toBeLessThanOrEqual(atFirst + 60);
    const ids = receipts.map(({ taskId }) => taskId);
    expect(new Set(await statesOf(ids))).toEqual(new Set(['RETRY']));
    const probed = (await Promise.all(ids.map(rowOf))).filter(({ error }) => String(error).includes('down'));
    expect(probed.length).toBeGreaterThan(0);

    service.alive = true;
    await engine.drain(60);
    expect(new Set(await statesOf(ids))).toEqual(new Set(['SUCCESS']));
    expect(Math.max(...(await Promise.all(ids.map(async (id) => (await rowOf(id)).attempt as number))))).toBe(2);
    expect(await env.DB.prepare('SELECT count(*) AS n FROM circuits').first('n')).toBe(0);
  }, 60_000);

  it('lets one caller probe, over all isolates, and closes with its success', async () => {
    const engine = await makeEngine([]);
    const other = { ...engine };
    const fail = () => Promise.reject(new Error('down'));
    for (let fault = 0; fault < 5; fault++)
      await expect(callBehindCircuit(engine, 'api', fail)).rejects.toThrow('down');
    await expect(callBehindCircuit(engine, 'api', async () => 1)).rejects.toMatchObject({
      name: 'Snooze',
      dependency: 'api',
    });
    engine.advance(31);
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const probe = callBehindCircuit(engine, 'api', () => gate.then(() => 'alive'));
    await expect
      .poll(() => callBehindCircuit(other, 'api', async () => 2).catch((error: Error) => error.name))
      .toBe('Snooze');
    release();
    expect(await probe).toBe('alive');
    engine.advance(6); // what the other isolate believes is read again after a few seconds
    expect(await callBehindCircuit(other, 'api', async () => 3)).toBe(3);
  });

  it('stays open when the probe fails', async () => {
    const engine = await makeEngine([]);
    const fail = () => Promise.reject(new Error('down'));
    for (let fault = 0; fault < 5; fault++) await callBehindCircuit(engine, 'api', fail).catch(() => {});
    engine.advance(31);
    await expect(callBehindCircuit(engine, 'api', fail)).rejects.toMatchObject({
      name: 'Snooze',
      seconds: 30,
      cause: new Error('down'),
    });
    engine.advance(6);
    await expect(callBehindCircuit(engine, 'api', async () => 1)).rejects.toThrow('the circuit of api is open');
  });

  it('does not make a failure of a success that cannot be written down', async () => {
    const engine = await makeEngine([]);
    await callBehindCircuit(engine, 'api', () => Promise.reject(new Error('down'))).catch(() => {});
    const away = { ...engine, db: brokenFor('DELETE FROM circuits', engine.db) };
    expect(await callBehindCircuit(away, 'api', async () => 1)).toBe(1);
    expect(engine.complaints).toMatchObject([{ message: 'circuit not noted', fields: { dependency: 'api' } }]);
  });

  it('does not count errors that are not the dependency’s, and forgets faults after a success', async () => {
    const engine = await makeEngine([]);
    const fail = () => Promise.reject(new Error('bad input'));
    for (let n = 0; n < 9; n++) await callBehindCircuit(engine, 'api', fail, () => false).catch(() => {});
    for (let n = 0; n < 4; n++) await callBehindCircuit(engine, 'api', fail).catch(() => {});
    expect(await callBehindCircuit(engine, 'api', async () => 1)).toBe(1);
    for (let n = 0; n < 4; n++) await callBehindCircuit(engine, 'api', fail).catch(() => {});
    expect(await callBehindCircuit(engine, 'api', async () => 2)).toBe(2);
  });

  it('costs a healthy dependency one read in five seconds', async () => {
    const engine = await makeEngine([]);
    engine.batches.splice(0);
    for (let n = 0; n < 100; n++) await callBehindCircuit(engine, 'api', async () => n);
    expect(engine.batches).toHaveLength(1);
  });

  it('closes after an error that is no fault of the dependency', async () => {
    const engine = await makeEngine([]);
    engine.settings.circuit = { faults: 2, probeSeconds: 30 };
    const down = async () => {
      throw new Error('down');
    };
    for (let i = 0; i < 2; i++) await callBehindCircuit(engine, 'api', down).catch(() => {});
    engine.advance(31);
    await callBehindCircuit(
      engine,
      'api',
      async () => {
        throw new Error('422 bad address');
      },
      (e) => !String(e).includes('422'),
    ).catch(() => {});
    await expect(callBehindCircuit(engine, 'api', async () => 'fine')).resolves.toBe('fine');
  });
});
