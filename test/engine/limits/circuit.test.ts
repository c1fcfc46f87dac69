// The circuit breaker: a dead dependency makes tasks wait, not fail.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask, enqueue, findTask, guard } from '../../../src/engine/index.ts';
import { makeEngine, rowOf } from '../../support/engine.ts';

beforeEach(async () => {
  await env.DB.prepare('DELETE FROM circuits').run();
});

const service = { alive: true, calls: 0 };

const calling = defineTask({
  name: 'test.calling',
  input: z.object({}),
  output: z.object({}),
  retry: { max: 10, backoff: () => 1 },
  async run(_, ctx) {
    return ctx.circuit('service', async () => {
      service.calls++;
      if (!service.alive) throw new Error('down');
      return {};
    });
  },
});

describe('a circuit', () => {
  it('opens after five faults in a row; tasks then wait for the probe and keep their attempts', async () => {
    Object.assign(service, { alive: false, calls: 0 });
    const engine = await makeEngine([calling]);
    const receipts = await enqueue(
      engine,
      Array.from({ length: 20 }, () => ({ definition: calling, input: {} })),
    );
    await engine.deliver();
    for (let second = 0; second < 60; second++) {
      engine.advance(1);
      await engine.deliver();
    }
    // The first delivery runs side by side before anybody knows; then one probe per half minute.
    const atFirst = 20;
    expect(service.calls).toBeLessThanOrEqual(atFirst + 3);
    service.alive = true;
    await engine.drain(60);
    for (const { taskId } of receipts) expect(await findTask(engine, taskId)).toMatchObject({ state: 'SUCCESS' });
    const attempts = await Promise.all(receipts.map(async ({ taskId }) => (await rowOf(taskId)).attempt as number));
    expect(Math.max(...attempts)).toBeLessThanOrEqual(5);
    expect(await env.DB.prepare('SELECT count(*) AS n FROM circuits').first('n')).toBe(0);
  });

  it('lets one caller probe, over all isolates, and closes with its success', async () => {
    const engine = await makeEngine([]);
    const other = { ...engine };
    const fail = () => Promise.reject(new Error('down'));
    for (let fault = 0; fault < 5; fault++) await expect(guard(engine, 'api', fail)).rejects.toThrow('down');
    await expect(guard(engine, 'api', async () => 1)).rejects.toMatchObject({ name: 'Snooze', dependency: 'api' });
    engine.advance(31);
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const probe = guard(engine, 'api', () => gate.then(() => 'alive'));
    await expect.poll(() => guard(other, 'api', async () => 2).catch((error: Error) => error.name)).toBe('Snooze');
    release();
    expect(await probe).toBe('alive');
    engine.advance(6); // what the other isolate believes is read again after a few seconds
    expect(await guard(other, 'api', async () => 3)).toBe(3);
  });

  it('stays open when the probe fails', async () => {
    const engine = await makeEngine([]);
    const fail = () => Promise.reject(new Error('down'));
    for (let fault = 0; fault < 5; fault++) await guard(engine, 'api', fail).catch(() => {});
    engine.advance(31);
    await expect(guard(engine, 'api', fail)).rejects.toThrow('down');
    engine.advance(6);
    await expect(guard(engine, 'api', async () => 1)).rejects.toThrow('the circuit of api is open');
  });

  it('is not moved by errors that are not the dependency’s, and forgets faults after a success', async () => {
    const engine = await makeEngine([]);
    const fail = () => Promise.reject(new Error('bad input'));
    for (let n = 0; n < 9; n++) await guard(engine, 'api', fail, () => false).catch(() => {});
    for (let n = 0; n < 4; n++) await guard(engine, 'api', fail).catch(() => {});
    expect(await guard(engine, 'api', async () => 1)).toBe(1);
    for (let n = 0; n < 4; n++) await guard(engine, 'api', fail).catch(() => {});
    expect(await guard(engine, 'api', async () => 2)).toBe(2);
  });

  it('costs a healthy dependency one read in five seconds', async () => {
    const engine = await makeEngine([]);
    engine.batches.splice(0);
    for (let n = 0; n < 100; n++) await guard(engine, 'api', async () => n);
    expect(engine.batches).toHaveLength(1);
  });
});
