// What the explanation of a wait costs: one statement, and rows that do not grow with the number of tasks.
import { env } from 'cloudflare:workers';
import { beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../../../src/engine/index.ts';
import { enqueue, enqueueOne, findTask, findTaskWithWait } from '../../../src/engine/manage.ts';
import { aTask } from '../../support/a-task.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

beforeEach(async () => {
  await env.DB.prepare('DELETE FROM tasks').run();
});

/** What one look at the task read, and what it said. */
async function look(engine: TestEngine, id: string) {
  engine.batches.splice(0);
  const { waiting } = await findTaskWithWait(engine, id);
  const read = engine.batches.flat().reduce((sum, { meta }) => sum + meta.rows_read, 0);
  return { waiting, read, roundTrips: engine.batches.length };
}

const some = (definition: typeof scripted, count: number, options = {}) =>
  Array.from({ length: count }, () => ({ definition, input: {}, options }));

it('asks D1 once, for a waiting task and for a final one', async () => {
  const engine = await makeEngine([scripted]);
  const { taskId } = await enqueueOne(engine, { definition: scripted, input: {} });
  const { id } = await aTask({ state: 'SUCCESS' });
  expect(await look(engine, taskId)).toMatchObject({ roundTrips: 1, waiting: { reason: 'queue' } });
  expect(await look(engine, id)).toMatchObject({ roundTrips: 1, waiting: undefined, read: 1 });
});

it('counts up to 1,000 tasks before one, of any number', async () => {
  const engine = await makeEngine([scripted]);
  for (let portion = 0; portion < 3; portion++) await enqueue(engine, some(scripted, 1000));
  engine.advance(1);
  const { taskId } = await enqueueOne(engine, { definition: scripted, input: {} });
  const { waiting, read } = await look(engine, taskId);
  expect(waiting).toMatchObject({ reason: 'queue', ahead: 1000 });
  expect(read).toBeLessThan(2500);
});

it('counts no task that becomes due later, and tasks that wait for a retry as well', async () => {
  const engine = await makeEngine([scripted]);
  await enqueue(engine, some(scripted, 3, { countdown: 60 }));
  const retried = await enqueueOne(engine, { definition: scripted, input: { do: ['throw'] } });
  await engine.deliver();
  engine.advance(10);
  const { taskId } = await enqueueOne(engine, { definition: scripted, input: {} });
  expect((await findTask(engine, retried.taskId)).state).toBe('RETRY');
  expect((await look(engine, taskId)).waiting).toMatchObject({ reason: 'queue', ahead: 1 });
  const other = await enqueueOne(engine, { definition: scripted, input: {}, options: { queue: 'low' } });
  expect((await look(engine, other.taskId)).waiting).toMatchObject({ of: 'low', ahead: 0 });
});

it('counts up to 1,000 tasks with the same concurrency key', async () => {
  const placed = defineTask({
    name: 'test.placed',
    input: z.object({}),
    output: z.object({}),
    concurrency: { limit: 1 },
    run: () => ({}),
  });
  const engine = await makeEngine([placed]);
  for (let portion = 0; portion < 3; portion++)
    await enqueue(
      engine,
      Array.from({ length: 1000 }, () => ({ definition: placed, input: {} })),
    );
  const [{ id: first = '' } = {}] = (
    await env.DB.prepare('SELECT id FROM tasks ORDER BY id LIMIT 1').all<{ id: string }>()
  ).results;
  const started = "UPDATE tasks SET state = 'STARTED', lease_id = 'x', fence = 1, started_at = 1 WHERE id = ?";
  await env.DB.prepare(started).bind(first).run();
  engine.advance(1);
  const { taskId } = await enqueueOne(engine, { definition: placed, input: {} });
  const { waiting, read } = await look(engine, taskId);
  expect(waiting).toMatchObject({ reason: 'concurrency', of: 'test.placed', ahead: 1000 });
  expect(read).toBeLessThan(4500);
});
