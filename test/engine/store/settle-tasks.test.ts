// Settling: what the rows of a task say after its attempt has ended.
import { describe, expect, it } from 'vitest';
import { listAttempts } from '../../../src/engine/manage.ts';
import type { Settlement } from '../../../src/engine/settlement.ts';
import type { Batch } from '../../../src/engine/store/batch.ts';
import { settleTasks } from '../../../src/engine/store/settle-tasks.ts';
import { aSettlement, claimAndDie, enqueueOne } from '../../support/dying.ts';
import { makeEngine, rowOf, statesOf, type TestEngine } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

async function aClaimed(engine: TestEngine, change: Partial<Settlement> = {}): Promise<Settlement> {
  const { tasks } = await claimAndDie(engine, [await enqueueOne(engine)]);
  return { ...aSettlement(tasks[0]!), ...change };
}

const error = { code: 'error', type: 'TypeError', message: 'no' };

describe('a settled task', () => {
  it('that succeeded has its result, its end and no lease', async () => {
    const engine = await makeEngine([scripted]);
    const one = await aClaimed(engine);
    await settleTasks(engine, [one]);
    const row = {
      state: 'SUCCESS',
      result: '{"attempt":99}',
      lease_id: null,
      finished_at: one.finishedAt,
      error: null,
    };
    expect(await rowOf(one.id)).toMatchObject(row);
  });

  it('that failed has its error, progress and log lines', async () => {
    const engine = await makeEngine([scripted]);
    const progress = { percent: 40, message: null, current: null, total: null };
    const logs = [{ at: 1, message: 'half done' }];
    const one = await aClaimed(engine, {
      state: 'FAILURE',
      outcome: 'FAILURE',
      error,
      result: undefined,
      progress,
      logs,
    });
    await settleTasks(engine, [one]);
    const row = { state: 'FAILURE', error: JSON.stringify(error), progress: JSON.stringify(progress), result: null };
    expect(await rowOf(one.id)).toMatchObject(row);
    expect(await listAttempts(engine, one.id)).toMatchObject([{ number: 1, outcome: 'FAILURE', error, logs }]);
  });

  it('that is retried is due again, unfinished, and one attempt further', async () => {
    const engine = await makeEngine([scripted]);
    const times = { dueAt: 7000, wakeAt: 8000 };
    const retried = await aClaimed(engine, { ...times, state: 'RETRY', outcome: 'RETRY', error, result: undefined });
    const snoozed = await aClaimed(engine, { ...times, state: 'RETRY', outcome: 'SNOOZED', result: undefined });
    await settleTasks(engine, [retried, snoozed]);
    const row = { state: 'RETRY', due_at: 7000, wake_at: 8000, finished_at: null, lease_id: null, fence: 1 };
    expect(await rowOf(retried.id)).toMatchObject({ ...row, attempt: 1 });
    expect(await rowOf(snoozed.id)).toMatchObject({ ...row, attempt: 0 });
  });

  it('whose result is in the payload store has its payload key', async () => {
    const engine = await makeEngine([scripted]);
    const one = await aClaimed(engine, { result: { key: 'payloads/x/result-1.json' } });
    await settleTasks(engine, [one]);
    expect(await rowOf(one.id)).toMatchObject({ result: null, result_key: 'payloads/x/result-1.json' });
  });

  it('that had a slot started at it', async () => {
    const engine = await makeEngine([scripted]);
    const one = await aClaimed(engine);
    const startedAt = one.startedAt + 500;
    await settleTasks(engine, [{ ...one, slot: startedAt, startedAt, finishedAt: startedAt + 3 }]);
    expect(await rowOf(one.id)).toMatchObject({ started_at: startedAt, finished_at: startedAt + 3 });
  });
});

describe('a settlement', () => {
  it('whose fence was overtaken changes nothing, and the others are settled without it', async () => {
    const engine = await makeEngine([scripted]);
    const [late, good] = [await aClaimed(engine), await aClaimed(engine)];
    await settleTasks(engine, [{ ...late, fence: 0, logs: [{ at: 1, message: 'late' }] }, good]);
    expect(await statesOf([late.id, good.id])).toEqual(['STARTED', 'SUCCESS']);
    expect(await listAttempts(engine, late.id)).toMatchObject([{ outcome: 'STARTED', logs: [] }]);
  });

  it('of no task that is still held ends without an error', async () => {
    const engine = await makeEngine([scripted]);
    const one = await aClaimed(engine);
    await settleTasks(engine, [one]);
    expect(await settleTasks(engine, [one])).toEqual([]);
  });
});

describe('what is committed with a settling', () => {
  const aGuest = (id: string) => {
    let tries = 0;
    const add = (batch: Batch) => {
      tries++;
      batch.add('UPDATE tasks SET tags = \'["guest"]\' WHERE id = ?1', id);
    };
    return { add, updates: () => [], tries: () => tries };
  };

  it('is committed with the tasks that are still held, and once', async () => {
    const engine = await makeEngine([scripted]);
    const [held, lost, id] = [await aClaimed(engine), await aClaimed(engine, { fence: 7 }), await enqueueOne(engine)];
    const guest = aGuest(id);
    await settleTasks(engine, [held, lost], guest);
    expect(await statesOf([held.id, lost.id])).toEqual(['SUCCESS', 'STARTED']);
    expect(await rowOf(id)).toMatchObject({ tags: '["guest"]' });
    expect(guest.tries()).toBe(2);
  });

  it('is committed if no task is held any more', async () => {
    const engine = await makeEngine([scripted]);
    const [lost, id] = [await aClaimed(engine, { fence: 7 }), await enqueueOne(engine)];
    await settleTasks(engine, [lost], aGuest(id));
    expect(await rowOf(id)).toMatchObject({ tags: '["guest"]' });
  });
});
