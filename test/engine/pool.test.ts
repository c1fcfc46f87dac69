// The tasks that one invocation holds: running, ended, settled.
import { describe, expect, it } from 'vitest';
import { Lost } from '../../src/engine/ending.ts';
import { Pool } from '../../src/engine/pool.ts';
import { aClaimedTask } from '../support/dying.ts';
import { makeEngine } from '../support/engine.ts';
import { runsOf, scripted } from '../support/scripted.ts';

const aTaskThat = (...steps: string[]) => aClaimedTask({ input: { json: JSON.stringify({ do: steps }) } });

async function aPool() {
  return new Pool(await makeEngine([scripted]));
}

describe('the pool', () => {
  it('holds a task until it is settled, and counts it as running until it has ended', async () => {
    const pool = await aPool();
    const task = aTaskThat('succeed');
    pool.start(task);
    expect([pool.running, pool.ended, pool.held.size]).toEqual([1, 0, 1]);
    await pool.nextEnd();
    expect([pool.running, pool.ended, pool.held.size]).toEqual([0, 1, 1]);
    const ended = pool.takeEnded();
    expect(ended).toMatchObject([{ task: { id: task.id }, settlement: { id: task.id, state: 'SUCCESS' } }]);
    expect([pool.ended, pool.held.size]).toEqual([0, 1]);
    pool.release(ended);
    expect(pool.held.size).toBe(0);
  });

  it('forgets a task that was lost: there is nothing to settle', async () => {
    const pool = await aPool();
    const task = aTaskThat('hang');
    pool.start(task);
    pool.held.get(task.id)?.abort(new Lost('revoked'));
    await pool.nextEnd();
    expect([pool.running, pool.ended, pool.held.size]).toEqual([0, 0, 0]);
  });

  it('aborts all tasks it holds with the same reason', async () => {
    const pool = await aPool();
    const tasks = [aTaskThat('hang'), aTaskThat('hang')];
    for (const task of tasks) pool.start(task);
    pool.abortAll(new Error('over'));
    while (pool.running > 0) await pool.nextEnd().then(() => scheduler.wait(0));
    expect(pool.takeEnded().map(({ settlement }) => settlement.error?.message)).toEqual(['over', 'over']);
  });

  it('does not wait for an end when no task runs, and wakes when it is told to', async () => {
    const pool = await aPool();
    await pool.nextEnd();
    pool.start(aTaskThat('ignore'));
    const waiting = pool.nextEnd();
    pool.wake();
    await waiting;
    expect(pool.running).toBe(1);
    pool.abortAll(new Lost('the test is over'));
  });

  it('runs tasks by another handler when it is given one', async () => {
    const run = () => ({ attempt: 7 });
    const pool = new Pool(await makeEngine([scripted]), { ...scripted.handler, run });
    const task = aTaskThat('fail');
    pool.start(task);
    await pool.nextEnd();
    expect(pool.takeEnded()).toMatchObject([{ settlement: { result: { json: '{"attempt":7}' } } }]);
    expect(runsOf(task.id)).toEqual([]);
  });
});
