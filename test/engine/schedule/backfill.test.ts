// Backfills: the times that a schedule has missed, each once.
import { env } from 'cloudflare:workers';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { dag, defineTask } from '../../../src/engine/index.ts';
import { createSchedule, enqueue, findMissedTimes, findTask, sweep } from '../../../src/engine/manage.ts';
import { backfill } from '../../../src/engine/schedule/backfill.ts';
import { storeNode } from '../../../src/engine/workflow/stored.ts';
import { backfillSchedule } from '../../../src/tasks/index.ts';
import type { TestEngine } from '../../support/engine.ts';
import { anEngine, clearSchedules, HOUR, tick } from '../../support/schedules.ts';

const DAY = 24 * HOUR;
const day = defineTask({
  name: 'test.day',
  input: z.object({ date: z.iso.date(), at: z.iso.datetime() }),
  output: z.object({ date: z.string() }),
  run: ({ date }) => ({ date }),
});
const definitions = [tick(), day, backfillSchedule];

beforeEach(async () => {
  await clearSchedules();
  await env.DB.batch(['workflows', 'workflow_tasks', 'edges'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

const hourly = { task: 'test.tick', input: { of: '{{scheduled_at}}' }, cron: '0 * * * *' };
const nothing = () => {};
/** The times that were enqueued, from the inputs of the tasks. */
async function enqueued(name = 'test.tick'): Promise<string[]> {
  const { results } = await env.DB.prepare(
    "SELECT coalesce(input ->> 'of', input ->> 'date') AS at FROM tasks WHERE name = ? ORDER BY 1",
  )
    .bind(name)
    .all<{ at: string }>();
  return results.map(({ at }) => at);
}
const since = (engine: TestEngine, seconds: number) => engine.clock.now() - seconds * 1000;
const run = (engine: TestEngine, name: string, from: number, to = engine.clock.now()) =>
  backfill(engine, name, { from, to }, nothing);

describe('a backfill', () => {
  it('fires the times of the range once, also those before the schedule was made', async () => {
    const engine = await anEngine(definitions);
    await createSchedule(engine, 'hourly', hourly);
    const from = since(engine, 3 * HOUR);
    expect(await run(engine, 'hourly', from)).toEqual({ enqueued: 4, done: 4, total: 4, next: undefined });
    expect(await run(engine, 'hourly', from)).toMatchObject({ enqueued: 0, total: 4 });
    const times = [0, 1, 2, 3].map((hours) => new Date(from + hours * HOUR * 1000).toISOString());
    expect(await enqueued()).toEqual(times);
    await engine.drain();
  });

  it('does not repeat what has fired regularly, also long after the tasks and their keys are gone', async () => {
    const engine = await anEngine(definitions);
    await createSchedule(engine, 'hourly', hourly);
    for (let hour = 0; hour < 3; hour++) {
      engine.advance(HOUR);
      await sweep(engine);
    }
    await env.DB.batch(['tasks', 'task_keys'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
    engine.advance(30 * DAY);
    const from = since(engine, 30 * DAY + 4 * HOUR);
    const to = since(engine, 30 * DAY);
    expect(await findMissedTimes(engine, 'hourly', { from, to })).toMatchObject({ missed: [from, from + HOUR * 1000] });
    expect(await run(engine, 'hourly', from, to)).toMatchObject({ enqueued: 2, total: 5 });
  });

  it('leaves a time to the schedule that fires it at the same moment', async () => {
    const engine = await anEngine(definitions);
    await createSchedule(engine, 'hourly', hourly);
    engine.advance(HOUR);
    await Promise.all([
      sweep(engine),
      run(engine, 'hourly', engine.clock.now()),
      run(engine, 'hourly', engine.clock.now()),
    ]);
    expect(await enqueued()).toHaveLength(1);
  });

  it('fires in portions, tells how far it is, and ends between two of them', async () => {
    const engine = await anEngine(definitions);
    await createSchedule(engine, 'minutely', { ...hourly, cron: '* * * * *' });
    const range = { from: since(engine, 20 * HOUR), to: engine.clock.now() };
    const told: number[] = [];
    const stopped = backfill(engine, 'minutely', range, (done, total) => {
      told.push(done);
      expect(total).toBe(1201);
      if (done >= 1000) throw new Error('stop');
    });
    await expect(stopped).rejects.toThrow('stop');
    expect(told).toEqual([0, 500, 1000]);
    expect(await enqueued()).toHaveLength(1000);
    expect(await backfill(engine, 'minutely', range, nothing)).toMatchObject({ enqueued: 201, done: 1201 });
  });

  it('starts the workflow of each time once, with the date in the zone of the schedule', async () => {
    const engine = await anEngine(definitions);
    const at = '{{scheduled_at}}';
    const root = storeNode(
      dag({ day: day.s({ date: '{{scheduled_date}}', at }), next: { run: tick().si({ of: at }), after: ['day'] } })
        .node,
    );
    const daily = { workflow: { root }, cron: '0 22 * * *', timezone: 'Asia/Tokyo' };
    await createSchedule(engine, 'daily', daily);
    const from = since(engine, 3 * DAY);
    const [first, second] = await Promise.all([run(engine, 'daily', from), run(engine, 'daily', from)]);
    expect(first.enqueued + second.enqueued).toBe(3);
    await engine.drain();
    const { results } = await env.DB.prepare('SELECT name, done, total FROM workflows').all();
    expect(results).toEqual(Array(3).fill({ name: 'daily', done: 3, total: 3 }));
    const dates = await enqueued('test.day');
    expect(new Set(dates).size).toBe(3);
    const [input] = (await env.DB.prepare("SELECT input FROM tasks WHERE name = 'test.day'").all<{ input: string }>())
      .results;
    const given = JSON.parse(input?.input ?? '{}') as { date: string; at: string };
    expect(given.at).toMatch(/T13:00:00\.000Z$/);
    expect(given.date).toBe(given.at.slice(0, 10));
  });

  it.each([
    ['in the future', 0, 1, 'to'],
    ['that ends before it begins', 0, -1, 'from'],
    ['from before the firings that are known', -401 * DAY, 0, 'from'],
  ])('of a range %s is refused', async (_, from, to, path) => {
    const engine = await anEngine(definitions);
    await createSchedule(engine, 'hourly', hourly);
    const now = engine.clock.now();
    const range = { from: now + from * 1000, to: now + to * 1000 };
    await expect(findMissedTimes(engine, 'hourly', range)).rejects.toMatchObject({
      code: 'invalid_backfill',
      issues: [{ path }],
    });
  });

  it('has at most 10,000 times', async () => {
    const engine = await anEngine(definitions);
    await createSchedule(engine, 'minutely', { ...hourly, cron: '* * * * *' });
    const from = since(engine, 10_000 * 60);
    const refused = findMissedTimes(engine, 'minutely', { from, to: engine.clock.now() });
    await expect(refused).rejects.toMatchObject({ code: 'invalid_backfill', issues: [{ path: 'to' }] });
    const missed = await findMissedTimes(engine, 'minutely', { from: from + 60_000, to: engine.clock.now() });
    expect(missed.missed).toHaveLength(10_000);
  });
});

describe('the task of a backfill', () => {
  it('fires everything, shows its progress, and goes on in another task when its queries are used up', async () => {
    const engine = await anEngine(definitions);
    const root = storeNode(tick().s({ of: '{{scheduled_at}}' }).node);
    await createSchedule(engine, 'hourly', { workflow: { root }, cron: '0 * * * *' });
    const range = {
      from: new Date(since(engine, 199 * HOUR)).toISOString(),
      to: new Date(engine.clock.now()).toISOString(),
    };
    const [receipt] = await enqueue(engine, [
      { definition: backfillSchedule, input: { schedule: 'hourly', ...range } },
    ]);
    await engine.drain(60);
    const first = await findTask(engine, receipt?.taskId ?? '');
    expect(first).toMatchObject({ state: 'SUCCESS', progress: { total: 200 } });
    const { results } = await env.DB.prepare(
      "SELECT result ->> 'enqueued' AS enqueued, result ->> 'continued_by' IS NULL AS last FROM tasks WHERE name = 'schedules.backfill' ORDER BY id",
    ).all<{ enqueued: number; last: number }>();
    expect(results.length).toBeGreaterThan(1);
    expect(results.at(-1)).toEqual({ enqueued: 200, last: 1 });
    expect(new Set(await enqueued()).size).toBe(200);
  });

  it('waits while the queue is full, and fails for a range that is refused', async () => {
    const engine = await anEngine(definitions);
    await createSchedule(engine, 'hourly', hourly);
    const to = new Date(engine.clock.now()).toISOString();
    const input = { schedule: 'hourly', from: to, to };
    engine.settings.maxBacklog = 5;
    const { backlogOf } = engine.doorbell;
    engine.doorbell.backlogOf = async () => ({ messages: 0, oldestAt: undefined }) as never;
    const [waits, gone] = await enqueue(engine, [
      { definition: backfillSchedule, input },
      { definition: backfillSchedule, input: { ...input, schedule: 'none' } },
    ]);
    engine.doorbell.backlogOf = async () => ({ messages: 6, oldestAt: undefined }) as never;
    engine.advance(10);
    await engine.deliver();
    expect(await findTask(engine, waits?.taskId ?? '')).toMatchObject({ state: 'RETRY' });
    expect(await findTask(engine, gone?.taskId ?? '')).toMatchObject({
      state: 'FAILURE',
      error: { message: 'no schedule is named "none"' },
    });
    engine.doorbell.backlogOf = backlogOf;
    engine.advance(60);
    await engine.drain();
    expect(await findTask(engine, waits?.taskId ?? '')).toMatchObject({ state: 'SUCCESS' });
    expect(await enqueued()).toHaveLength(1);
  });
});

it('each time fires once, in any order of maintenance runs and backfills', async () => {
  const Act = fc.record({ hours: fc.nat(6), back: fc.nat(12), sweeps: fc.boolean(), twice: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(Act, { minLength: 1, maxLength: 6 }), async (acts) => {
      await clearSchedules();
      const engine = await anEngine(definitions);
      await createSchedule(engine, 'hourly', { ...hourly, catchup: 'none' });
      const start = since(engine, 12 * HOUR);
      for (const { hours, back, sweeps, twice } of acts) {
        engine.advance(hours * HOUR);
        const backfills = () => run(engine, 'hourly', since(engine, back * HOUR));
        await Promise.all([sweeps ? sweep(engine) : undefined, backfills(), twice ? backfills() : undefined]);
      }
      const { times } = await findMissedTimes(engine, 'hourly', { from: start, to: engine.clock.now() });
      await run(engine, 'hourly', start);
      expect(await enqueued()).toEqual(times.map((at) => new Date(at).toISOString()));
    }),
    { numRuns: 25 },
  );
}, 60_000);
