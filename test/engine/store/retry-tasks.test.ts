// The retry by hand: which tasks run again, and what is reset.
import { describe, expect, it } from 'vitest';
import { listAttempts, useEngine } from '../../../src/engine/manage.ts';
import { retryTaskRows } from '../../../src/engine/store/retry-tasks.ts';
import { aTask } from '../../support/a-task.ts';
import { enqueueOne } from '../../support/dying.ts';
import { makeEngine, rowOf, statesOf } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

const wish = { endedBefore: Number.MAX_SAFE_INTEGER, wakeAt: 9000 };

describe('a task that is retried', () => {
  it('is as new: no attempts, result, error, progress or end; its input and history stay', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine, { do: ['fail'], value: 7 });
    await engine.deliver();
    const before = await rowOf(id);
    const { rings } = await retryTaskRows(engine, [id], wish);
    expect(rings).toEqual([{ id, name: 'test.scripted', queue: 'default', dueAt: engine.clock.now() }]);
    expect(await rowOf(id)).toMatchObject({
      ...{ state: 'PENDING', attempt: 0, crashes: 0, result: null, error: null, started_at: null, finished_at: null },
      ...{ input: before.input, fence: before.fence, created_at: before.created_at, wake_at: 9000 },
    });
    expect((await listAttempts(engine, id)).map(({ outcome }) => outcome)).toEqual(['FAILURE']);
  });

  it('keeps the latest attempt, also one that succeeded and has no row of its own', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine);
    await engine.deliver();
    await retryTaskRows(engine, [id], wish);
    expect((await listAttempts(engine, id)).map(({ outcome }) => outcome)).toEqual(['SUCCESS']);
  });

  it('names the payload of the result that it leaves behind', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine, { value: 'x'.repeat(50_000) });
    await engine.deliver();
    const { result_key } = await rowOf(id);
    expect((await retryTaskRows(engine, [id], wish)).payloadKeys).toEqual([result_key]);
    expect(await rowOf(id)).toMatchObject({ result_key: null });
  });

  it('goes into another queue when asked', async () => {
    const engine = await makeEngine([scripted]);
    const { id } = await aTask({ state: 'FAILURE', createdAt: 1 });
    expect((await retryTaskRows(engine, [id], { ...wish, queue: 'low' })).rings).toMatchObject([{ queue: 'low' }]);
    expect((await rowOf(id)).queue).toBe('low');
  });
});

it('unfinished tasks, members of workflows and tasks that ended later stay as they are', async () => {
  const engine = await makeEngine([scripted]);
  useEngine(engine);
  const { taskIds } = await scripted.s({ do: ['fail'] }).enqueue();
  await engine.deliver();
  const waiting = await enqueueOne(engine);
  const late = await aTask({ state: 'FAILURE', createdAt: 1, finishedAt: 2000 });
  const early = await aTask({ state: 'FAILURE', createdAt: 1, finishedAt: 1999 });
  const ids = [taskIds[0]!, waiting, late.id, early.id];
  const { rings } = await retryTaskRows(engine, ids.slice(1), { ...wish, endedBefore: 2000 });
  expect(rings.map(({ id }) => id)).toEqual([early.id]);
  expect((await retryTaskRows(engine, ids.slice(0, 1), wish)).rings).toEqual([]);
  expect(await statesOf(ids)).toEqual(['FAILURE', 'PENDING', 'FAILURE', 'PENDING']);
});
