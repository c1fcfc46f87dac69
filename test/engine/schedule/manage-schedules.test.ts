import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../../../src/engine/index.ts';
import {
  changeSchedule,
  comingTimes,
  createSchedule,
  deleteSchedule,
  findSchedule,
  findSchedules,
  runSchedule,
  sweep,
} from '../../../src/engine/manage.ts';
import { makeEngine } from '../../support/engine.ts';
import { anEngine, clearSchedules, tasks } from '../../support/schedules.ts';

beforeEach(clearSchedules);

describe('a schedule', () => {
  it('runs now when asked, and keeps its times', async () => {
    const engine = await anEngine();
    const { nextAt } = await createSchedule(engine, 'hourly', { task: 'test.tick', cron: '0 * * * *' });
    await runSchedule(engine, 'hourly');
    await runSchedule(engine, 'hourly');
    expect(await tasks()).toHaveLength(2);
    expect((await findSchedule(engine, 'hourly')).nextAt).toBe(nextAt);
  });

  it('can be changed and deleted, and shows its next times', async () => {
    const engine = await anEngine();
    await createSchedule(engine, 'hourly', { task: 'test.tick', cron: '0 * * * *' });
    await changeSchedule(engine, 'hourly', { every: 120 });
    const times = await comingTimes(engine, 'hourly', 10);
    expect(times).toHaveLength(10);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBe(120_000);
    expect((await findSchedule(engine, 'hourly')).entry).toMatchObject({ every: 120, task: 'test.tick' });
    await deleteSchedule(engine, 'hourly');
    await expect(findSchedule(engine, 'hourly')).rejects.toMatchObject({ code: 'schedule_not_found' });
  });

  it.each([
    [{ task: 'test.tik', cron: '@daily' }, 'unknown_task', 'no task is named "test.tik"; did you mean "test.tick"?'],
    [{ task: 'test.tick', cron: '61 * * * *' }, 'invalid_schedule', 'the schedule is not valid'],
    [{ task: 'test.tick', cron: '@daily', input: { of: 7 } }, 'invalid_schedule', 'the schedule is not valid'],
  ])('is refused: %j', async (request, code, message) => {
    const engine = await anEngine();
    await expect(createSchedule(engine, 'bad', request)).rejects.toMatchObject({ code, message });
    expect(await findSchedules(engine, { after: undefined, limit: 1000 })).toEqual([]);
  });

  it('may have a name that stood in code once', async () => {
    const withIt = defineTask({
      name: 'test.tick',
      input: z.object({}),
      output: z.object({}),
      schedules: { nightly: { cron: '0 0 * * *' } },
      run: () => ({}),
    });
    const without = defineTask({ name: 'test.tick', input: z.object({}), output: z.object({}), run: () => ({}) });
    await sweep(await makeEngine([withIt]));
    const engine = await makeEngine([without]);
    await expect(findSchedule(engine, 'nightly')).rejects.toMatchObject({ code: 'schedule_not_found' });
    await expect(createSchedule(engine, 'nightly', { task: 'test.tick', cron: '0 0 * * *' })).resolves.toBeDefined();
  });
});
