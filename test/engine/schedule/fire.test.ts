// Schedules against the real database: what fires, once, whatever the sweep does.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chain, defineTask } from '../../../src/engine/index.ts';
import { changeSchedule, createSchedule, findSchedule, findTask, sweep } from '../../../src/engine/manage.ts';
import { storeNode } from '../../../src/engine/workflow/stored.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { anEngine, clearSchedules, HOUR, tasks, tick } from '../../support/schedules.ts';
import { scripted } from '../../support/scripted.ts';

beforeEach(clearSchedules);

describe('a schedule', () => {
  it('enqueues its task at its time, with its input, and moves on', async () => {
    const engine = await anEngine();
    const request = { task: 'test.tick', input: { of: 'day' }, cron: '0 * * * *' };
    const { nextAt: at } = await createSchedule(engine, 'hourly', request);
    engine.advance(HOUR - 60);
    expect((await sweep(engine)).fire).toBe(0);
    engine.advance(61);
    expect((await sweep(engine)).fire).toBe(1);
    await engine.drain();
    expect(await tasks()).toMatchObject([{ state: 'SUCCESS', input: '{"of":"day"}' }]);
    const schedule = await findSchedule(engine, 'hourly');
    expect(schedule).toMatchObject({
      lastAt: at,
      lastTaskId: (await tasks())[0]?.id,
      lastState: 'SUCCESS',
    });
    expect(schedule.nextAt).toBe((schedule.lastAt ?? 0) + HOUR * 1000);
  });

  it('fires once, however many sweeps run at the same time or later', async () => {
    const engine = await anEngine();
    await createSchedule(engine, 'hourly', { task: 'test.tick', cron: '0 * * * *' });
    engine.advance(HOUR + 5);
    const other: TestEngine = { ...engine };
    await Promise.all([sweep(engine), sweep(other), sweep(engine), sweep(other)]);
    await sweep(engine);
    expect(await tasks()).toHaveLength(1);
  });

  it('fires once when its row is set back, as a restored database would', async () => {
    const engine = await anEngine();
    const { nextAt } = await createSchedule(engine, 'hourly', { task: 'test.tick', cron: '0 * * * *' });
    engine.advance(HOUR + 5);
    await sweep(engine);
    await env.DB.prepare('UPDATE schedules SET next_at = ?').bind(nextAt).run();
    await sweep(engine);
    expect(await tasks()).toHaveLength(1);
    expect((await findSchedule(engine, 'hourly')).nextAt).toBe(nextAt + HOUR * 1000);
  });

  it('has neither a task nor a new time when the commit fails, and fires with the next sweep', async () => {
    const engine = await anEngine();
    const { nextAt } = await createSchedule(engine, 'hourly', { task: 'test.tick', cron: '0 * * * *' });
    engine.advance(HOUR + 5);
    const { db } = engine;
    let failures = 0;
    engine.db = new Proxy(db, {
      get: (target, property) =>
        property === 'batch'
          ? async (statements: D1PreparedStatement[]) => {
              if (statements.length > 2 && failures++ === 0) throw new Error('D1_ERROR: overloaded');
              return target.batch(statements);
            }
          : (Reflect.get(target, property) as () => void).bind(target),
    });
    expect((await sweep(engine)).fire).toBe(-1);
    expect(await tasks()).toEqual([]);
    expect((await findSchedule(engine, 'hourly')).nextAt).toBe(nextAt);
    expect((await sweep(engine)).fire).toBe(1);
  });

  it('catches up with the latest missed time, or with all', async () => {
    const engine = await anEngine();
    await createSchedule(engine, 'latest', { task: 'test.tick', input: { of: 'latest' }, cron: '0 * * * *' });
    await createSchedule(engine, 'all', { task: 'test.tick', input: { of: 'all' }, cron: '0 * * * *', catchup: 'all' });
    await createSchedule(engine, 'none', {
      task: 'test.tick',
      input: { of: 'none' },
      cron: '0 * * * *',
      catchup: 'none',
    });
    engine.advance(5 * HOUR + 1800);
    await sweep(engine);
    const fired = (await tasks()).map(({ input }) => (JSON.parse(input) as { of: string }).of).sort();
    expect(fired).toEqual(['all', 'all', 'all', 'all', 'all', 'latest']);
  });

  it('with overlap "skip" leaves a time out while its last task is unfinished, and counts it', async () => {
    const engine = await anEngine();
    await createSchedule(engine, 'hourly', { task: 'test.tick', cron: '0 * * * *', overlap: 'skip' });
    engine.advance(HOUR + 1);
    await sweep(engine);
    engine.advance(HOUR);
    expect((await sweep(engine)).fire).toBe(0);
    expect(await findSchedule(engine, 'hourly')).toMatchObject({ skipped: 1, lastState: 'PENDING' });
    await engine.drain();
    engine.advance(HOUR);
    expect((await sweep(engine)).fire).toBe(1);
  });

  it('spreads its tasks by the jitter', async () => {
    const engine = await anEngine();
    engine.random = () => 0.999;
    await createSchedule(engine, 'hourly', { task: 'test.tick', cron: '0 * * * *', jitterSeconds: 600 });
    engine.advance(HOUR + 1);
    await sweep(engine);
    const schedule = await findSchedule(engine, 'hourly');
    expect((await tasks())[0]?.due_at).toBe((schedule.lastAt ?? 0) + 600_000);
  });

  it('of every ten seconds has six tasks a minute, each at its time', async () => {
    const engine = await anEngine();
    await createSchedule(engine, 'often', { task: 'test.tick', every: 10 });
    for (let minute = 0; minute < 5; minute++) {
      await sweep(engine);
      engine.advance(60);
    }
    const times = (await tasks()).map(({ due_at }) => due_at);
    expect(times).toHaveLength(30);
    expect(new Set(times.map((at, index) => at - (times[0] ?? 0) - index * 10_000))).toEqual(new Set([0]));
  });

  it('does not fire while paused, and goes on with the next time to come', async () => {
    const engine = await anEngine();
    await createSchedule(engine, 'hourly', { task: 'test.tick', cron: '0 * * * *', catchup: 'all' });
    await changeSchedule(engine, 'hourly', { paused: true });
    engine.advance(3 * HOUR + 60);
    await sweep(engine);
    await changeSchedule(engine, 'hourly', { paused: false });
    await sweep(engine);
    expect(await tasks()).toEqual([]);
    engine.advance(HOUR);
    expect((await sweep(engine)).fire).toBe(1);
  });

  it('says why it enqueued no task, and goes on', async () => {
    const engine = await anEngine([tick(), tick({}, 'test.gone')]);
    await createSchedule(engine, 'gone', { task: 'test.gone', cron: '0 * * * *' });
    await createSchedule(engine, 'well', { task: 'test.tick', cron: '0 * * * *' });
    const later = await makeEngine([tick()], { clock: engine.clock });
    engine.advance(HOUR + 1);
    expect((await sweep(later)).fire).toBe(1);
    const gone = await findSchedule(later, 'gone');
    expect(gone.lastError).toBe('no task is named "test.gone" in this deployment');
    expect(gone.nextAt).toBeGreaterThan(engine.clock.now());
  });

  it('whose task is refused does not stop the others', async () => {
    const rejecting = defineTask({
      name: 'test.rejecting',
      input: z.object({}),
      output: z.object({}),
      unique: { forSeconds: 7200, onConflict: 'reject' },
      run: () => ({}),
    });
    const engine = await makeEngine([rejecting, scripted]);
    await createSchedule(engine, 'bad', { task: 'test.rejecting', cron: '* * * * *' });
    await createSchedule(engine, 'good', { task: 'test.scripted', cron: '* * * * *' });
    const fired: number[] = [];
    for (let minute = 0; minute < 10; minute++) {
      engine.advance(60);
      fired.push((await sweep(engine)).fire);
    }
    expect(fired.slice(1).every((n) => n >= 1)).toBe(true);
  });

  it('names a task that exists when a unique key made its firing a duplicate', async () => {
    const unique = defineTask({
      name: 'test.unique',
      input: z.object({}),
      output: z.object({}),
      unique: { forSeconds: 7200 },
      run: () => ({}),
    });
    const engine = await makeEngine([unique]);
    await createSchedule(engine, 'twice', { task: 'test.unique', cron: '* * * * *' });
    engine.advance(60);
    await sweep(engine);
    engine.advance(60);
    await sweep(engine);
    const { lastTaskId } = await findSchedule(engine, 'twice');
    await expect(findTask(engine, lastTaskId!)).resolves.toBeDefined();
  });

  it('that cannot be read any more does not stop the others', async () => {
    const engine = await makeEngine([scripted]);
    await createSchedule(engine, 'bad', { task: 'test.scripted', cron: '* * * * *' });
    await createSchedule(engine, 'good', { task: 'test.scripted', cron: '* * * * *' });
    await env.DB.prepare(
      `UPDATE schedules SET entry = json_set(entry, '$.timezone', 'Atlantis/Capital') WHERE name = 'bad'`,
    ).run();
    engine.advance(61);
    expect((await sweep(engine)).fire).toBe(1);
  });

  it('with overlap "skip" enqueues one task for several missed times, also with catchup "all"', async () => {
    const engine = await makeEngine([scripted]);
    await createSchedule(engine, 'both', { task: 'test.scripted', cron: '* * * * *', catchup: 'all', overlap: 'skip' });
    engine.advance(600);
    expect((await sweep(engine)).fire).toBe(1);
  });
});

describe('a schedule of a workflow', () => {
  const hourly = (over: object = {}) => ({
    workflow: { root: storeNode(chain(tick().s({ of: '{{scheduled_at}}' }), tick().si({ of: 'end' })).node) },
    cron: '0 * * * *',
    ...over,
  });
  const workflows = () => env.DB.prepare('SELECT count(*) AS n FROM workflows').first<number>('n');

  it('starts it once, however many sweeps run at the same time, and after its row was set back', async () => {
    const engine = await anEngine();
    const { nextAt } = await createSchedule(engine, 'hourly', hourly());
    engine.advance(HOUR + 5);
    const other: TestEngine = { ...engine };
    await Promise.all([sweep(engine), sweep(other), sweep(engine)]);
    await env.DB.prepare('UPDATE schedules SET next_at = ?').bind(nextAt).run();
    await sweep(engine);
    expect(await workflows()).toBe(1);
    await engine.drain();
    expect((await tasks()).map(({ input }) => input).toSorted()).toEqual(
      ['{"of":"end"}', `{"of":"${new Date(nextAt).toISOString()}"}`].toSorted(),
    );
    const schedule = await findSchedule(engine, 'hourly');
    expect(schedule).toMatchObject({
      lastAt: nextAt,
      lastState: 'SUCCESS',
      nextAt: nextAt + HOUR * 1000,
      lastError: undefined,
    });
  });

  it('starts one for each missed time if it catches up, and skips while the one before is unfinished', async () => {
    const engine = await anEngine();
    await createSchedule(engine, 'all', hourly({ catchup: 'all' }));
    await createSchedule(engine, 'one', hourly({ overlap: 'skip' }));
    engine.advance(3 * HOUR + 5);
    await sweep(engine);
    expect(await workflows()).toBe(4);
    engine.advance(HOUR);
    await sweep(engine);
    expect(await workflows()).toBe(5);
    expect(await findSchedule(engine, 'one')).toMatchObject({ skipped: 3 });
  });

  it('that catches up with many starts portions of them in order, each once', async () => {
    const engine = await anEngine();
    const step = tick().si({ of: '{{scheduled_at}}' });
    const root = storeNode(chain(...Array.from({ length: 30 }, () => step)).node);
    const { nextAt } = await createSchedule(engine, 'all', hourly({ workflow: { root }, catchup: 'all' }));
    engine.advance(150 * HOUR + 5);
    const other: TestEngine = { ...engine };
    await Promise.all([sweep(engine), sweep(other)]);
    await sweep(engine);
    expect(await workflows()).toBe(150);
    const { results } = await env.DB.prepare('SELECT DISTINCT input FROM tasks').all<{ input: string }>();
    expect(results).toHaveLength(150);
    expect(await findSchedule(engine, 'all')).toMatchObject({
      ...{ lastAt: nextAt + 149 * HOUR * 1000, nextAt: nextAt + 150 * HOUR * 1000, lastState: 'WAITING' },
    });
  }, 60_000);

  it('says why it could not start it, and leaves other schedules alone', async () => {
    const engine = await anEngine();
    await createSchedule(engine, 'bad', hourly());
    await createSchedule(engine, 'good', { task: 'test.tick', cron: '0 * * * *' });
    await env.DB.prepare(
      `UPDATE schedules SET entry = replace(entry, 'test.tick', 'test.gone') WHERE name = 'bad'`,
    ).run();
    engine.advance(HOUR + 5);
    await sweep(engine);
    expect(await findSchedule(engine, 'bad')).toMatchObject({
      lastError: 'no task is named "test.gone" in this deployment',
    });
    expect(await findSchedule(engine, 'good')).toMatchObject({ lastError: undefined, lastTaskId: expect.any(String) });
  });
});
