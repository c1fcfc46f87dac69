import { describe, expect, it } from 'vitest';
import { createRegistry, enqueue, findTask, useEngine } from '../../src/engine/manage.ts';
import { allTasks, filterOf, retryByFilter, revokeByFilter, someFilter } from '../../src/tasks/index.ts';
import { makeEngine, rowOf, statesOf, type TestEngine } from '../support/engine.ts';

async function anEngine(): Promise<TestEngine> {
  const engine = await makeEngine([], { registry: createRegistry(allTasks({ demo: true })) });
  useEngine(engine);
  return engine;
}

async function enqueueMany(engine: TestEngine, name: string, input: object, options: object): Promise<string[]> {
  const definition = engine.registry.get(name)!;
  const requests = Array.from({ length: 3 }, () => ({ definition, input, options }));
  return (await enqueue(engine, requests)).map(({ taskId }) => taskId);
}

/** Runs the bulk task, and returns its result. */
async function bulk(engine: TestEngine, definition: typeof revokeByFilter, tag: string) {
  const [receipt] = await enqueue(engine, [{ definition, input: { filter: { tag } } }]);
  await engine.deliver();
  const { result } = await findTask(engine, receipt!.taskId);
  return JSON.parse((result as { json: string }).json);
}

describe('tasks.revoke', () => {
  it('revokes all tasks that the filter finds, and no others', async () => {
    const engine = await anEngine();
    const later = { countdown: 3600 };
    const found = await enqueueMany(engine, 'demo.echo', { value: 1 }, { ...later, tags: ['a'] });
    const others = await enqueueMany(engine, 'demo.echo', { value: 1 }, { ...later, tags: ['b'] });
    engine.advance(1);

    expect(await bulk(engine, revokeByFilter, 'a')).toEqual({ changed: 3, continued_by: null });

    expect(await statesOf(found)).toEqual(['REVOKED', 'REVOKED', 'REVOKED']);
    expect(await statesOf(others)).not.toContain('REVOKED');
    expect(await bulk(engine, revokeByFilter, 'a')).toEqual({ changed: 0, continued_by: null });
  });
});

describe('tasks.retry', () => {
  it('runs the failed tasks that the filter finds once more', async () => {
    const engine = await anEngine();
    const failed = await enqueueMany(engine, 'demo.fail', { message: 'no', permanent: true }, { tags: ['c'] });
    await engine.drain();
    engine.advance(1);

    expect(await bulk(engine, retryByFilter, 'c')).toMatchObject({ changed: 3 });
    await engine.drain();

    const rows = await Promise.all(failed.map(rowOf));
    expect(rows.map(({ fence }) => fence)).toEqual([2, 2, 2]);
  });
});

describe('a filter', () => {
  it('must not be empty', () => {
    expect(someFilter().safeParse({}).success).toBe(false);
    expect(someFilter().safeParse({ tag: 'a' }).success).toBe(true);
    expect(someFilter().safeParse({ nothing: 'a' }).success).toBe(false);
  });

  it('is translated to the names and instants of the engine', () => {
    const filter = { status: 'FAILURE' as const, since: '2026-11-24T12:00:00Z', tag: 'a' };

    expect(filterOf(filter)).toEqual({
      ...{ state: 'FAILURE', workflowId: undefined, tag: 'a' },
      ...{ since: Date.parse('2026-11-24T12:00:00Z'), until: undefined },
    });
  });
});
