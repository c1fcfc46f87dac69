// The line of a rate-limited definition: new work stands at its end, wherever it comes from; work that has had its turn goes
// first.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chain, defineTask, fixed } from '../../../src/engine/index.ts';
import { createSchedule, enqueue, retryTask, retryTasks, sweep, useEngine } from '../../../src/engine/manage.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { deliverInTime } from '../../support/in-time.ts';

/** The labels of the tasks of `paced`, in the order in which they started. */
const starts: string[] = [];

const paced = defineTask({
  name: 'test.paced',
  input: z.object({ label: z.string(), first: z.enum(['succeed', 'throw', 'snooze']).default('succeed') }),
  output: z.object({}),
  rateLimit: '1/s',
  retry: { max: 1, backoff: fixed(5) },
  run({ label, first }, ctx) {
    starts.push(label);
    const runs = starts.filter((start) => start === label).length;
    if (first === 'throw' && runs === 1) throw new Error('thrown on purpose');
    if (first === 'snooze' && runs === 1) ctx.snooze({ for: 5 });
    return {};
  },
});

const free = defineTask({ name: 'test.free', input: z.object({}), output: z.object({}), run: () => ({}) });

const LINE = 50;

beforeEach(async () => {
  const tables = ['tasks', 'leases', 'schedules', 'task_keys', 'workflows', 'workflow_tasks', 'edges'];
  await env.DB.batch(tables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
  starts.splice(0);
});

async function anEngine(): Promise<TestEngine> {
  const engine = await makeEngine([paced, free]);
  useEngine(engine);
  return engine;
}

/** Enqueues 50 tasks and lets the first few start: the others have been told when to come back. */
async function aLine(engine: TestEngine): Promise<void> {
  const line = Array.from({ length: LINE }, (_, index) => ({ definition: paced, input: { label: `line ${index}` } }));
  await enqueue(engine, line);
  await deliverInTime(engine, 3);
  expect(starts.length).toBeGreaterThan(0);
  expect(starts.length).toBeLessThan(10);
}

/** A task of `paced` that has ended. */
async function anEnded(engine: TestEngine, label: string): Promise<string> {
  const [receipt] = await enqueue(engine, [{ definition: paced, input: { label } }]);
  await deliverInTime(engine);
  starts.splice(0);
  engine.advance(10);
  return receipt!.taskId;
}

const inLine = Array.from({ length: LINE }, (_, index) => `line ${index}`);

describe('at the end of the line stands', () => {
  it('a new task', async () => {
    const engine = await anEngine();
    await aLine(engine);
    await enqueue(engine, [{ definition: paced, input: { label: 'late' } }]);
    await deliverInTime(engine);
    expect(starts).toEqual([...inLine, 'late']);
  });

  it('the task of a schedule', async () => {
    const engine = await anEngine();
    await createSchedule(engine, 'minutely', { task: 'test.paced', input: { label: 'late' }, every: 60 });
    engine.advance(58);
    await aLine(engine);
    expect((await sweep(engine)).fire).toBe(1);
    await deliverInTime(engine);
    expect(starts).toEqual([...inLine, 'late']);
  });

  it('a task of a schedule that fires more often than the sweep runs, and is enqueued ahead', async () => {
    const engine = await anEngine();
    await createSchedule(engine, 'often', { task: 'test.paced', input: { label: 'late' }, every: 30 });
    engine.advance(15);
    await aLine(engine);
    expect((await sweep(engine)).fire).toBe(2);
    await deliverInTime(engine);
    expect(starts.slice(0, LINE)).toEqual(inLine);
    expect(starts.slice(LINE)).toEqual(['late', 'late']);
  });

  it('a released member of a workflow', async () => {
    const engine = await anEngine();
    await aLine(engine);
    await chain(free.s({}), paced.si({ label: 'late' })).enqueue();
    await deliverInTime(engine);
    expect(starts).toEqual([...inLine, 'late']);
  });

  it('a task that is retried by hand', async () => {
    const engine = await anEngine();
    const id = await anEnded(engine, 'late');
    await aLine(engine);
    await retryTask(engine, id);
    await deliverInTime(engine);
    expect(starts).toEqual([...inLine, 'late']);
  });

  it('every task of a bulk retry', async () => {
    const engine = await anEngine();
    const ids = [await anEnded(engine, 'late 1'), await anEnded(engine, 'late 2')];
    await aLine(engine);
    expect(await retryTasks(engine, ids, engine.clock.now())).toBe(2);
    await deliverInTime(engine);
    expect(starts.slice(0, LINE)).toEqual(inLine);
    expect(starts.slice(LINE).sort()).toEqual(['late 1', 'late 2']);
  });
});

describe('before the tasks of the line goes', () => {
  it.each(['throw', 'snooze'] as const)('a task whose first attempt ended with a %s', async (first) => {
    const engine = await anEngine();
    await enqueue(engine, [{ definition: paced, input: { label: 'again', first } }]);
    await deliverInTime(engine, 1);
    expect(starts).toEqual(['again']);
    await aLine(engine);
    await deliverInTime(engine);
    expect(starts.filter((label) => label === 'again')).toHaveLength(2);
    expect(starts.lastIndexOf('again')).toBeLessThan(12);
    expect(starts).toHaveLength(LINE + 2);
  });

  it('a task whose time has come', async () => {
    const engine = await anEngine();
    await enqueue(engine, [{ definition: paced, input: { label: 'timed' }, options: { countdown: 8 } }]);
    await aLine(engine);
    await deliverInTime(engine);
    expect(starts.indexOf('timed')).toBeLessThan(15);
  });
});
