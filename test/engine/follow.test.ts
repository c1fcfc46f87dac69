// Following one task: each change, quiet times, and the end.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { findTask, followTask, type TaskSummary, versionOf } from '../../src/engine/manage.ts';
import { aTask } from '../support/a-task.ts';
import { enqueueOne } from '../support/dying.ts';
import { makeEngine, type TestEngine } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';

const FOR_EVER = { seconds: 3600, quietSeconds: 3600, isOver: () => false };

async function statesOf(following: AsyncIterable<TaskSummary | undefined>) {
  const states: (string | undefined)[] = [];
  for await (const task of following) states.push(task?.state);
  return states;
}

/** Lets the engine's clock go on by itself, a second for each reading of D1. */
function passTime(engine: TestEngine): void {
  const { prepare } = engine.db;
  engine.db = new Proxy(engine.db, {
    get(target, property) {
      if (property === 'prepare') {
        return (sql: string) => {
          engine.advance(1);
          return prepare(sql);
        };
      }
      return Reflect.get(target, property);
    },
  });
}

describe('following a task', () => {
  it('yields each state until the final one', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine, { do: ['throw', 'succeed'] });
    const states: string[] = [];
    for await (const task of followTask(engine, await findTask(engine, id), FOR_EVER)) {
      states.push(task!.state);
      engine.advance(10);
      await engine.deliver();
    }
    expect(states).toEqual(['PENDING', 'RETRY', 'SUCCESS']);
  });

  it('yields a final task once', async () => {
    const engine = await makeEngine([]);
    const { id } = await aTask({ state: 'FAILURE' });
    expect(await statesOf(followTask(engine, await findTask(engine, id), FOR_EVER))).toEqual(['FAILURE']);
  });

  it('ends when the task is deleted', async () => {
    const engine = await makeEngine([]);
    const { id } = await aTask();
    const following = followTask(engine, await findTask(engine, id), FOR_EVER);
    await following.next();
    await env.DB.prepare('DELETE FROM tasks WHERE id = ?').bind(id).run();
    expect(await statesOf(following)).toEqual([]);
  });

  it('yields undefined after each quiet time, and ends with its own time', async () => {
    const engine = await makeEngine([]);
    const task = await findTask(engine, (await aTask()).id);
    passTime(engine);
    const states = await statesOf(followTask(engine, task, { seconds: 5, quietSeconds: 2, isOver: () => false }));
    expect(states).toEqual(['PENDING', undefined, undefined]);
  });

  it('reads no more once the client has gone', async () => {
    const engine = await makeEngine([]);
    const task = await findTask(engine, (await aTask()).id);
    engine.batches.splice(0);
    expect(await statesOf(followTask(engine, task, { ...FOR_EVER, isOver: () => true }))).toEqual(['PENDING']);
    expect(engine.batches).toEqual([]);
  });
});

it('two readings have the same version unless the state or the progress changed', () => {
  const task = { state: 'STARTED', attempts: 1, crashes: 0, dueAt: 1, tags: ['a'], progress: undefined } as never;
  const progress = { percent: 1, message: null, current: null, total: null };
  const changed = (change: object) => versionOf({ ...(task as TaskSummary), ...change });
  expect(changed({ tags: ['b'], maxRetries: 9 })).toBe(versionOf(task));
  for (const change of [{ state: 'RETRY' }, { attempts: 2 }, { crashes: 1 }, { dueAt: 2 }, { progress }])
    expect(changed(change)).not.toBe(versionOf(task));
});
