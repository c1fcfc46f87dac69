// The chore that takes tasks back from invocations that died.
import { describe, expect, it } from 'vitest';
import { findTask, listAttempts } from '../../../src/engine/manage.ts';
import { rescue } from '../../../src/engine/sweep/rescue.ts';
import { claimAndDie, enqueueOne } from '../../support/dying.ts';
import { makeEngine, statesOf } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

describe('the chore', () => {
  it('leaves tasks alone while their lease runs', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine);
    await claimAndDie(engine, [id]);
    engine.advance(engine.settings.leaseSeconds);
    expect(await rescue(engine)).toBe(0);
    engine.advance(1);
    expect(await rescue(engine)).toBe(1);
    expect(await statesOf([id])).toEqual(['RETRY']);
    expect(engine.complaints).toMatchObject([
      { message: 'tasks rescued from a lost invocation', fields: { count: 1 } },
    ]);
  });

  it('records a crash as an attempt, and ends the task at the last crash that it may have', async () => {
    const engine = await makeEngine([scripted]);
    engine.settings.maxCrashes = 2;
    const id = await enqueueOne(engine);
    for (let crash = 0; crash < 2; crash++) {
      await claimAndDie(engine, [id], true);
      engine.advance(60);
      await rescue(engine);
    }
    const task = await findTask(engine, id);
    expect(task).toMatchObject({ state: 'FAILURE', crashes: 2, error: { code: 'poisoned', type: 'WorkerLostError' } });
    expect(task.error?.message).toBe('crashed 2 times; not run again');
    expect((await listAttempts(engine, id)).map(({ outcome }) => outcome)).toEqual(['CRASHED', 'CRASHED']);
  });
});
