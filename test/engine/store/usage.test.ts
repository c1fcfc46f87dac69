// What an engine uses of D1 in this isolate.
import { expect, it } from 'vitest';
import { Batch, read } from '../../../src/engine/store/batch.ts';
import { queriesSoFar, takeRowsUsed } from '../../../src/engine/store/usage.ts';
import { aTask } from '../../support/a-task.ts';
import { makeEngine } from '../../support/engine.ts';

it('statements are counted, each of a batch', async () => {
  const engine = await makeEngine([]);
  const batch = new Batch(engine);
  batch.add('SELECT 1');
  batch.add('SELECT 2');
  await batch.commit({ repeatable: true });
  await read(engine, 'SELECT 3');
  expect(queriesSoFar(engine)).toBe(3);
  expect(queriesSoFar(await makeEngine([]))).toBe(0);
});

it('rows are counted until they are taken', async () => {
  const engine = await makeEngine([]);
  const { id } = await aTask();
  await read(engine, 'SELECT * FROM tasks WHERE id = ?1', id);
  await read(engine, 'UPDATE tasks SET wake_at = wake_at WHERE id = ?1', id);
  const { rowsRead, rowsWritten } = takeRowsUsed(engine);
  expect(rowsRead).toBeGreaterThanOrEqual(2);
  expect(rowsWritten).toBeGreaterThanOrEqual(1);
  expect(takeRowsUsed(engine)).toEqual({ rowsRead: 0, rowsWritten: 0 });
});
