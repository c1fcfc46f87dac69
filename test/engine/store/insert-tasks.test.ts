// The rows of new tasks: each at most once, with everything that was asked for.

import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { findTask, listTasks } from '../../../src/engine/manage.ts';
import type { DedupeKey, NewTask } from '../../../src/engine/new-task.ts';
import { Batch } from '../../../src/engine/store/batch.ts';
import { acceptedTask, insertTasks } from '../../../src/engine/store/insert-tasks.ts';
import { makeEngine, rowOf, statesOf, type TestEngine } from '../../support/engine.ts';

const aNewTask = (change: Partial<NewTask> = {}): NewTask => ({
  id: uuidv7(),
  name: 'test.scripted',
  queue: 'default',
  input: { json: '{}' },
  tags: [],
  maxRetries: 3,
  createdAt: 1000,
  dueAt: 1000,
  wakeAt: 2000,
  expiresAt: null,
  concurrencyKey: null,
  callback: null,
  dedupeKeys: [],
  asks: [],
  ...change,
});

const aDedupeKey = (key: string): DedupeKey => ({
  key: `unique:test.scripted:${key}`,
  inputHash: '',
  expiresAt: 1e15,
  until: 'forever',
  replaces: false,
});

async function insert(engine: TestEngine, tasks: NewTask[]): Promise<void> {
  const batch = new Batch(engine);
  insertTasks(batch, tasks, engine.clock.now());
  await batch.commit({ repeatable: true });
}

/** A task that is due later has a wake-up of its own. */
const LATER = 9_000_000_000_000;

describe('inserted tasks', () => {
  it('have their own values, also beside a plain one that comes first', async () => {
    const engine = await makeEngine([]);
    const plain = aNewTask();
    const rich = aNewTask({
      name: 'test.other',
      queue: 'low',
      input: { key: 'payloads/x/input.json' },
      tags: ['a', 'b'],
      maxRetries: 0,
      dueAt: LATER,
      wakeAt: LATER + 1000,
      expiresAt: LATER + 4000,
      concurrencyKey: 'test.other:x',
      callback: '{"url":"https://x.example/"}',
    });
    await insert(engine, [plain, rich, aNewTask({ dueAt: 7000 })]);
    expect(await rowOf(plain.id)).toMatchObject({
      input: '{}',
      tags: null,
      max_retries: 3,
      due_at: 1000,
      callback: null,
    });
    expect(await rowOf(rich.id)).toMatchObject({
      name: 'test.other',
      queue: 'low',
      state: 'PENDING',
      input: null,
      input_key: 'payloads/x/input.json',
      tags: '["a","b"]',
      max_retries: 0,
      created_at: 1000,
      due_at: LATER,
      wake_at: LATER + 1000,
      expires_at: LATER + 4000,
      concurrency_key: 'test.other:x',
      callback: '{"url":"https://x.example/"}',
    });
    const found = await listTasks(engine, { tag: 'b' }, { limit: 9, before: undefined });
    expect(found.map(({ id }) => id)).toEqual([rich.id]);
  });

  it('are inserted once, however often the batch runs', async () => {
    const engine = await makeEngine([]);
    const tasks = [aNewTask({ tags: ['again'] }), aNewTask({ dedupeKeys: [aDedupeKey(uuidv7())] })];
    await insert(engine, tasks);
    await insert(
      engine,
      tasks.map((task) => ({ ...task, maxRetries: 9 })),
    );
    expect(await Promise.all(tasks.map(({ id }) => rowOf(id)))).toMatchObject([{ max_retries: 3 }, { max_retries: 3 }]);
  });

  it('are left out when another task holds one of their dedupe keys, with their tags', async () => {
    const engine = await makeEngine([]);
    const [one, two] = [aDedupeKey(uuidv7()), aDedupeKey(uuidv7())];
    const first = aNewTask({ dedupeKeys: [one] });
    const tag = uuidv7();
    const second = aNewTask({ dedupeKeys: [two, one], tags: [tag] });
    await insert(engine, [first]);
    await insert(engine, [second, aNewTask({ tags: [tag] })]);
    expect(await statesOf([first.id, second.id])).toEqual(['PENDING']);
    expect(await listTasks(engine, { tag }, { limit: 9, before: undefined })).toHaveLength(1);
  });

  it('with open parents wait for them', async () => {
    const engine = await makeEngine([]);
    const place = { workflowId: uuidv7(), openParents: 2, receives: 'results' } as const;
    const task = aNewTask({ place });
    await insert(engine, [task]);
    const row = { state: 'WAITING', open_parents: 2, workflow_id: place.workflowId, receives: 'results' };
    expect(await rowOf(task.id)).toMatchObject(row);
  });
});

it('an accepted task is what its row says', async () => {
  const engine = await makeEngine([]);
  const task = aNewTask({ tags: ['x'], expiresAt: 9000 });
  await insert(engine, [task]);
  expect(acceptedTask(task)).toMatchObject(await findTask(engine, task.id));
});
