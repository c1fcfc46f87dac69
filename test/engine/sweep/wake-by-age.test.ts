// Which tasks get a wake-up because of their age, and which one.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { enqueue, pauseQueue } from '../../../src/engine/manage.ts';
import { wakeByAge } from '../../../src/engine/sweep/wake-by-age.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

beforeEach(async () => {
  await env.DB.batch(['tasks', 'paused_queues'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

const add = (engine: TestEngine, count: number, queue: 'default' | 'low' = 'default') =>
  enqueue(
    engine,
    Array.from({ length: count }, () => ({ definition: scripted, input: {}, options: { queue } })),
  );

const wakes = async (): Promise<Record<string, number>> => {
  const count = 'SELECT queue, wake_at - due_at AS wake, count(*) AS tasks FROM tasks GROUP BY queue, wake';
  const { results } = await env.DB.prepare(count).all<{ queue: string; wake: number; tasks: number }>();
  return Object.fromEntries(results.map(({ queue, wake, tasks }) => [`${queue} ${wake < 0 ? 'none' : wake}`, tasks]));
};

const noMessages = async () => new Map();

describe('a waiting task without a wake-up', () => {
  it('gets one when its message should have arrived, however many there are', async () => {
    const engine = await makeEngine([scripted]);
    await add(engine, 9000);
    await add(engine, 2500);
    await add(engine, 3, 'low');
    await wakeByAge(engine, engine.clock.now() + 10_000, noMessages);
    expect(await wakes()).toEqual({ 'default none': 11_500, 'low none': 3 });
    engine.advance(60);
    await wakeByAge(engine, engine.clock.now(), noMessages);
    const graceMs = engine.settings.ringGraceSeconds * 1000;
    expect(await wakes()).toEqual({ [`default ${graceMs}`]: 11_500, [`low ${graceMs}`]: 3 });
  });

  it('gets one for the next sweep if its message may still be in its queue', async () => {
    const engine = await makeEngine([scripted]);
    await add(engine, 2);
    await add(engine, 3, 'low');
    const sentAt = engine.clock.now();
    engine.advance(60);
    const asked: string[] = [];
    await wakeByAge(engine, engine.clock.now(), async (queues) => {
      asked.push(...queues);
      return new Map([['low', sentAt]]);
    });
    expect(asked).toEqual(['default', 'low']);
    expect(await wakes()).toEqual({ 'default 15000': 2, 'low 60001': 3 });
  });

  it('gets none in a paused queue', async () => {
    const engine = await makeEngine([scripted]);
    await add(engine, 2);
    await add(engine, 3, 'low');
    await pauseQueue(engine, 'low');
    engine.advance(60);
    await wakeByAge(engine, engine.clock.now(), noMessages);
    expect(await wakes()).toEqual({ 'default 15000': 2, 'low none': 3 });
  });
});
