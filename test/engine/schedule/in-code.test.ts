import { beforeEach, describe, expect, it } from 'vitest';
import { chain, chunks, dag } from '../../../src/engine/index.ts';
import {
  changeSchedule,
  comingTimes,
  createSchedule,
  deleteSchedule,
  findSchedule,
  findSchedules,
  listWorkflows,
  sweep,
  useEngine,
} from '../../../src/engine/manage.ts';
import { makeEngine } from '../../support/engine.ts';
import { anEngine, clearSchedules, HOUR, tasks, tick } from '../../support/schedules.ts';

beforeEach(clearSchedules);

describe('a schedule in code', () => {
  const daily = { 'every-day': { cron: '0 2 * * *', input: { of: 'code' } } };

  it('is there after the first sweep, fires, and keeps its time from one isolate to the next', async () => {
    const engine = await anEngine([tick(daily)]);
    await sweep(engine);
    const before = await findSchedule(engine, 'every-day');
    expect(before).toMatchObject({ source: 'code', entry: { task: 'test.tick', cron: '0 2 * * *' } });
    engine.advance(25 * HOUR);
    const next = await makeEngine([tick(daily)], { clock: engine.clock });
    expect((await sweep(next)).fire).toBe(1);
    expect((await tasks())[0]).toMatchObject({ input: '{"of":"code"}' });
    expect((await findSchedule(next, 'every-day')).lastAt).toBe(before.nextAt);
  });

  it('starts again when the code changes, stays paused, and does not fire in a deployment without it', async () => {
    const engine = await anEngine([tick(daily)]);
    await sweep(engine);
    await changeSchedule(engine, 'every-day', { paused: true });
    const changed = await makeEngine([tick({ 'every-day': { cron: '0 3 * * *' } })], { clock: engine.clock });
    await sweep(changed);
    expect(await findSchedule(changed, 'every-day')).toMatchObject({ paused: true, entry: { cron: '0 3 * * *' } });
    await changeSchedule(changed, 'every-day', { paused: false });
    const without = await makeEngine([tick()], { clock: engine.clock });
    engine.advance(25 * HOUR);
    expect((await sweep(without)).fire).toBe(0);
    expect(await findSchedules(without, { after: undefined, limit: 1000 })).toEqual([]);
  });

  it('counts the seconds of a changed `every` from the change', async () => {
    const engine = await anEngine([tick({ often: { every: 3600 } as never })]);
    await sweep(engine);
    engine.advance(1234);
    const changed = await makeEngine([tick({ often: { every: 7200 } as never })], { clock: engine.clock });
    const from = engine.clock.now();
    await sweep(changed);
    expect(await comingTimes(changed, 'often', 3)).toEqual([1, 2, 3].map((time) => from + time * 7_200_000));
  });

  it('can be paused, but not changed or deleted, and its name is taken', async () => {
    const engine = await anEngine([tick(daily)]);
    const change = changeSchedule(engine, 'every-day', { cron: '0 4 * * *' });
    await expect(change).rejects.toMatchObject({ code: 'schedule_in_code' });
    await expect(deleteSchedule(engine, 'every-day')).rejects.toMatchObject({ code: 'schedule_in_code' });
    const taken = createSchedule(engine, 'every-day', { task: 'test.tick', cron: '@daily' });
    await expect(taken).rejects.toMatchObject({ code: 'schedule_exists' });
  });

  it('stops the start-up when it is malformed', async () => {
    const bad = (rule: object) => makeEngine([tick({ bad: rule as never })]);
    await expect(bad({ cron: '0 25 * * *' })).rejects.toThrow('schedule "bad": cron:');
    await expect(bad({ cron: '@daily', input: { of: 3 } })).rejects.toThrow('schedule "bad": of:');
    await expect(bad({ cron: '@daily', input: { of: 3n } })).rejects.toThrow('schedule "bad": input.of is a BigInt');
  });

  it('may start a workflow, also one of chunks, and stops the start-up when that is malformed', async () => {
    const step = tick({}, 'test.step');
    const nightly = (workflow: () => unknown) => tick({ nightly: { cron: '0 0 * * *', workflow } as never });
    const whole = () => chain(step.si({ of: '{{scheduled_date}}' }), chunks(step, [{ of: 'x' }, { of: 'y' }], 2));
    const engine = await anEngine([nightly(whole), step]);
    useEngine(engine);
    await sweep(engine);
    engine.advance(25 * HOUR);
    expect((await sweep(engine)).fire).toBe(1);
    await engine.drain();
    const [workflow] = await listWorkflows(engine, 1, undefined, { name: 'nightly' });
    expect(workflow).toMatchObject({ status: 'SUCCESS', done: 3, total: 3 });
    expect((await findSchedule(engine, 'nightly')).lastTaskId).toBe(workflow?.resultTaskId);
    await expect(makeEngine([nightly(whole)])).rejects.toThrow('schedule "nightly": no task is named "test.step"');
    const cycle = () => dag({ a: { run: step.si({}), after: ['b'] }, b: { run: step.si({}), after: ['a'] } });
    await expect(makeEngine([nightly(cycle), step])).rejects.toThrow(
      'schedule "nightly": workflow.dag.a.after: The nodes form a cycle',
    );
  });

  it('costs a sweep with nothing to do at most ten rows', async () => {
    const engine = await anEngine([tick(daily)]);
    await sweep(engine);
    engine.batches.splice(0);
    await sweep(engine);
    const read = engine.batches.flat().reduce((sum, { meta }) => sum + meta.rows_read, 0);
    expect(read).toBeLessThanOrEqual(10);
  });
});
