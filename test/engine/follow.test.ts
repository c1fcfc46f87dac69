// Following one task: each change, quiet times, and the end.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { latestReading, nextReading } from '../../src/engine/followed.ts';
import type { TaskContext } from '../../src/engine/index.ts';
import {
  type Change,
  enqueue,
  findFollowed,
  followTask,
  printOf,
  sendEvent,
  sweep,
  type TaskSummary,
} from '../../src/engine/manage.ts';
import { aTask } from '../support/a-task.ts';
import { enqueueOne } from '../support/dying.ts';
import { makeEngine, type TestEngine } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';
import { stepped } from '../support/stepped.ts';

const LOOKING = { pauseMs: 20, isOver: () => false, withSteps: true };
const FOR_EVER = { seconds: 3600, quietSeconds: 3600, isOver: () => false };

async function statesOf(following: AsyncIterable<Change | undefined>) {
  const states: (string | undefined)[] = [];
  for await (const change of following) states.push(change?.task.state);
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
    for await (const change of followTask(engine, await findFollowed(engine, id), FOR_EVER)) {
      states.push(change!.task.state);
      engine.advance(10);
      await engine.deliver();
    }
    expect(states).toEqual(['PENDING', 'RETRY', 'SUCCESS']);
  });

  it('yields a final task once', async () => {
    const engine = await makeEngine([]);
    const { id } = await aTask({ state: 'FAILURE' });
    expect(await statesOf(followTask(engine, await findFollowed(engine, id), FOR_EVER))).toEqual(['FAILURE']);
  });

  it('ends when the task is deleted', async () => {
    const engine = await makeEngine([]);
    const { id } = await aTask();
    const following = followTask(engine, await findFollowed(engine, id), FOR_EVER);
    await following.next();
    await env.DB.prepare('DELETE FROM tasks WHERE id = ?').bind(id).run();
    expect(await statesOf(following)).toEqual([]);
  });

  it('yields undefined after each quiet time, and ends with its own time', async () => {
    const engine = await makeEngine([]);
    const task = await findFollowed(engine, (await aTask()).id);
    passTime(engine);
    const states = await statesOf(followTask(engine, task, { seconds: 5, quietSeconds: 2, isOver: () => false }));
    expect(states).toEqual(['PENDING', undefined, undefined]);
  });

  it('reads no more once the client has gone', async () => {
    const engine = await makeEngine([]);
    const task = await findFollowed(engine, (await aTask()).id);
    engine.batches.splice(0);
    expect(await statesOf(followTask(engine, task, { ...FOR_EVER, isOver: () => true }))).toEqual(['PENDING']);
    expect(engine.batches).toEqual([]);
  });
});

it('two readings of a task have the same print unless the state or the progress changed', () => {
  const task = { state: 'STARTED', attempts: 1, crashes: 0, dueAt: 1, tags: ['a'], progress: undefined } as never;
  const progress = { percent: 1, message: null, current: null, total: null };
  const changed = (change: object) => printOf({ ...(task as TaskSummary), ...change });
  expect(changed({ tags: ['b'], maxRetries: 9 })).toBe(printOf(task));
  for (const change of [{ state: 'RETRY' }, { attempts: 2 }, { crashes: 1 }, { dueAt: 2 }, { progress }])
    expect(changed(change)).not.toBe(printOf(task));
});

describe('following the steps of a task', () => {
  const stepsOf = (change: Change | undefined) =>
    change?.changed.map(({ name, outcome, undo }) => [name, outcome, ...(undo ? [undo] : [])]);

  async function following(code: (ctx: TaskContext) => unknown) {
    const definition = stepped(code);
    const engine = await makeEngine([definition]);
    const [receipt] = await enqueue(engine, [{ definition, input: null }]);
    const id = receipt!.taskId;
    const changes = followTask(engine, await findFollowed(engine, id), FOR_EVER);
    await changes.next();
    return { engine, id, changes };
  }
  const next = async (changes: AsyncGenerator<Change | undefined, void>) => (await changes.next()).value as Change;

  it('yields those that were recorded, woken and undone', async () => {
    const { engine, changes } = await following(async ({ step, fail }) => {
      await step.do('book', () => 1, { undo: () => undefined });
      await step.sleep('rest', '10 minutes');
      await step.waitForEvent('paid', { type: 'follow.paid' });
      fail('too late');
    });
    await engine.deliver();
    expect(stepsOf(await next(changes))).toEqual([
      ['book', 'done', 'offered'],
      ['rest', 'open'],
    ]);
    engine.advance(601);
    await sweep(engine);
    await engine.deliver();
    expect(stepsOf(await next(changes))).toEqual([
      ['rest', 'done'],
      ['paid', 'open'],
    ]);
    await sendEvent(engine, { type: 'follow.paid', payload: 1 });
    expect(stepsOf(await next(changes))).toEqual([['paid', 'done']]);
    await engine.deliver();
    await engine.deliver();
    const last = await next(changes);
    expect(stepsOf(last)).toEqual([['book', 'done', 'done']]);
    expect(last.task.state).toBe('FAILURE');
    expect(last.steps.map(({ name }) => name)).toEqual(['book', 'rest', 'paid']);
  });

  it('reads the steps of a task that sleeps once only, and of one without steps no row', async () => {
    const { engine, changes, id } = await following(async ({ step }) => {
      for (let n = 0; n < 50; n++) await step.do(`step ${n}`, () => n);
      await step.sleep('rest', '10 minutes');
    });
    const other = await aTask();
    await engine.deliver();
    await next(changes);
    engine.batches.splice(0);
    const reading = await nextReading(engine, id, { ...LOOKING, after: latestReading(engine) });
    await nextReading(engine, other.id, { ...LOOKING, after: latestReading(engine) });

    expect(reading?.steps).toHaveLength(51);
    expect(engine.batches).toHaveLength(2);
    // As many as without steps: 51 rows of steps are not read.
    for (const { meta } of engine.batches.flat()) expect(meta.rows_read).toBeLessThanOrEqual(3);
  });

  it('yields the 1,000 that changed last', async () => {
    const { engine, changes, id } = await following(() => 1);
    await env.DB.prepare(
      `INSERT INTO task_steps (task_id, name, occurrence, position, kind, outcome, started_at, ended_at, attempt, tries)
       SELECT ?1, printf('%0256d', value), 1, value, 'do', 'done', value, value, 1, 1 FROM json_each(?2)`,
    )
      .bind(id, JSON.stringify(Array.from({ length: 3000 }, (_, n) => n)))
      .run();
    await engine.deliver();
    const names = (await next(changes)).changed.map(({ name }) => Number(name));
    expect([names.length, names[0], names.at(-1)]).toEqual([1000, 2000, 2999]);
  });
});
