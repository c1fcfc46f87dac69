// Statements made from the list of queues must run however many queues there are. D1 allows five terms in one compound SELECT.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../../../src/engine/index.ts';
import { EngineError, QUEUE_NAMES, type TaskFilter } from '../../../src/engine/manage.ts';
import { read, SqlFault } from '../../../src/engine/store/batch.ts';
import { listQuery } from '../../../src/engine/store/list-tasks.ts';
import { nest } from '../../../src/engine/store/nest.ts';
import { overdueSql } from '../../../src/engine/store/waiting-tasks.ts';
import { aTask } from '../../support/a-task.ts';
import { makeEngine } from '../../support/engine.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, n) => `SELECT ${n} AS n`);
const NINE = [...QUEUE_NAMES, 'reports', 'video', 'imports', 'exports'];

describe('nested queries', () => {
  it.each([1, 5, 6, 9, 25, 26, 80])('of %i terms run on D1 and yield each row', async (count) => {
    const engine = await makeEngine([]);
    const rows = await read<{ n: number }>(engine, `${nest(numbers(count), 'n')} ORDER BY n`);
    expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: count }, (_, n) => n));
  });

  it('are needed: D1 refuses six terms side by side', async () => {
    const engine = await makeEngine([]);
    const flat = read(engine, numbers(6).join(' UNION ALL '));
    await expect(flat).rejects.toBeInstanceOf(SqlFault);
    await expect(flat).rejects.not.toBeInstanceOf(EngineError);
  });
});

describe('with nine queues', () => {
  /** Nine definitions with "dead" in their names, which is also the beginning of an id. */
  const definitions = [...'abcdefghi'].map((letter) =>
    defineTask({ name: `test.dead_${letter}`, input: z.object({}), output: z.object({}), run: () => ({}) }),
  );

  it('has nine of them', () => {
    expect(new Set(NINE).size).toBe(9);
  });

  it('the search for overdue tasks finds tasks of every queue, the longest overdue first', async () => {
    const engine = await makeEngine([]);
    const now = engine.clock.now();
    const tasks = [];
    for (const [index, queue] of [...QUEUE_NAMES].reverse().entries())
      tasks.push(await aTask({ queue, createdAt: now - 100_000 + index }));
    const found = await read<{ id: string }>(engine, overdueSql(NINE), now, 100);
    expect(found.map(({ id }) => id)).toEqual(tasks.map(({ id }) => id));
  });

  it.each<[string, TaskFilter]>([
    ['no filter', {}],
    ['a state', { state: 'FAILURE' }],
    ['the running tasks', { state: 'STARTED' }],
    ['a queue', { queue: 'low' }],
    ['a state and a text', { state: 'FAILURE', text: 'dead' }],
    ['a queue and a text', { queue: 'low', text: 'dead' }],
    ['a state, a queue, a text and a span', { state: 'FAILURE', queue: 'low', text: 'dead', since: 1, until: 1e14 }],
    ['a tag, a workflow, a state and a text', { tag: 't', workflowId: 'w', state: 'PENDING', text: 'dead' }],
  ])('a list runs on D1 with %s', async (_, filter) => {
    const engine = await makeEngine(definitions);
    const query = listQuery(engine, filter, { limit: 10, before: 'g' }, NINE);
    expect(query).toBeDefined();
    await expect(read(engine, query!.sql, ...query!.values)).resolves.toBeInstanceOf(Array);
  });

  it('a list by state and text finds a task by the name of its definition', async () => {
    const engine = await makeEngine(definitions);
    const { id } = await aTask({ queue: 'files', state: 'FAILURE', name: 'test.dead_c' });
    await aTask({ queue: 'files', state: 'SUCCESS', name: 'test.dead_c' });
    const query = listQuery(engine, { state: 'FAILURE', text: 'dead' }, { limit: 10, before: undefined }, NINE)!;
    const found = await read<{ id: string }>(engine, query.sql, ...query.values);
    expect(found.map((row) => row.id)).toEqual([id]);
  });
});
