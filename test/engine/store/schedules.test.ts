// The rows of schedules: what a sweep reads, and how a schedule moves on.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { ScheduleTimes } from '../../../src/engine/schedule/entry.ts';
import { Batch } from '../../../src/engine/store/batch.ts';
import {
  type Fired,
  findDueSchedules,
  getSchedule,
  insertSchedule,
  listSchedules,
  moveOn,
  syncSchedules,
  updateSchedule,
} from '../../../src/engine/store/schedules.ts';
import { aTask } from '../../support/a-task.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';

beforeEach(async () => {
  await env.DB.exec('DELETE FROM schedules');
});

const entry = { task: 'test.task', input: {}, ...ScheduleTimes.parse({ every: 60 }) };
const namesOf = (schedules: readonly { name: string }[]) => schedules.map(({ name }) => name);

async function move(engine: TestEngine, change: Partial<Fired>): Promise<void> {
  const batch = new Batch(engine);
  const fired = { name: 's', from: 1000, nextAt: 2000, last: undefined, error: undefined, skipped: 0 };
  moveOn(batch, [{ ...fired, ...change }]);
  await batch.commit({ repeatable: true });
}

describe('schedules', () => {
  it('are due by a time, the earliest first, unless they are paused or stand in no known code', async () => {
    const engine = await makeEngine([]);
    for (const [name, nextAt] of Object.entries({ later: 2000, sooner: 1000, paused: 1, far: 9000 }))
      await insertSchedule(engine, { name, entry, nextAt });
    await updateSchedule(engine, 'paused', { paused: true });
    await syncSchedules(
      engine,
      ['known', 'unknown'].map((name) => ({ name, entry, nextAt: 3000 })),
    );
    expect(namesOf(await findDueSchedules(engine, ['known'], 5000, 10))).toEqual(['sooner', 'later', 'known']);
    expect(namesOf(await findDueSchedules(engine, ['known'], 5000, 1))).toEqual(['sooner']);
    expect(namesOf(await listSchedules(engine, [], { after: undefined, limit: 1000 }))).toEqual([
      'far',
      'later',
      'paused',
      'sooner',
    ]);
  });

  it('keep their next time when the code did not change', async () => {
    const engine = await makeEngine([]);
    await syncSchedules(engine, [{ name: 's', entry, nextAt: 1000 }]);
    await syncSchedules(engine, [{ name: 's', entry, nextAt: 5000 }]);
    expect((await getSchedule(engine, 's'))?.nextAt).toBe(1000);
    await syncSchedules(engine, [{ name: 's', entry: { ...entry, every: 120 }, nextAt: 5000 }]);
    expect(await getSchedule(engine, 's')).toMatchObject({ nextAt: 5000, entry: { every: 120 } });
  });

  it('are not made twice under one name', async () => {
    const engine = await makeEngine([]);
    expect(await insertSchedule(engine, { name: 's', entry, nextAt: 1000 })).toBe(true);
    expect(await insertSchedule(engine, { name: 's', entry, nextAt: 2000 })).toBe(false);
    expect((await getSchedule(engine, 's'))?.nextAt).toBe(1000);
  });
});

describe('a schedule that fired', () => {
  it('has its next time, its last task, and the count of skipped times', async () => {
    const engine = await makeEngine([]);
    await insertSchedule(engine, { name: 's', entry, nextAt: 1000 });
    const { id } = await aTask();
    await move(engine, { last: { at: 1000, taskId: id, keys: [] }, skipped: 2 });
    const moved = {
      nextAt: 2000,
      lastAt: 1000,
      lastTaskId: id,
      lastState: 'PENDING',
      skipped: 2,
      lastError: undefined,
    };
    expect(await getSchedule(engine, 's')).toMatchObject(moved);
    await move(engine, { from: 2000, nextAt: 3000, error: 'refused', skipped: 1 });
    expect(await getSchedule(engine, 's')).toMatchObject({ lastTaskId: id, lastError: 'refused', skipped: 3 });
  });

  it('stays as it is when another sweep has moved it on', async () => {
    const engine = await makeEngine([]);
    await insertSchedule(engine, { name: 's', entry, nextAt: 5000 });
    await move(engine, { skipped: 1 });
    expect(await getSchedule(engine, 's')).toMatchObject({ nextAt: 5000, skipped: 0 });
  });
});
