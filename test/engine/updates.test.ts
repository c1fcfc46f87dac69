// The updates that clients get, and what they cost while no client watches.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chain, defineTask, PermanentFailure } from '../../src/engine/index.ts';
import {
  createRegistry,
  decideApproval,
  type Engine,
  enqueue,
  retryTask,
  revokeTasks,
  sendEvent,
  sweep,
  type TaskUpdate,
  useEngine,
} from '../../src/engine/manage.ts';
import { renewLease } from '../../src/engine/store/renew-lease.ts';
import { settleTasks } from '../../src/engine/store/settle-tasks.ts';
import { aSettlement, claimAndDie, enqueueOne } from '../support/dying.ts';
import { makeEngine, statesOf, type TestEngine } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';
import { stepped } from '../support/stepped.ts';

const single = defineTask({
  name: 'test.single',
  input: z.object({}),
  output: z.object({}),
  concurrency: { limit: 1 },
  run: () => ({}),
});

beforeEach(async () => {
  await env.DB.exec('DELETE FROM watchers');
});

/** An engine, and what it published, a list for each message. */
async function watchedEngine(overrides: Partial<Engine> = {}) {
  const messages: TaskUpdate[][] = [];
  const publish = async (events: readonly TaskUpdate[]) => void messages.push([...events]);
  const engine = await makeEngine([scripted], { publish, ...overrides });
  return { engine, messages };
}

const watchFor = (engine: TestEngine, seconds: number) =>
  env.DB.prepare("INSERT OR REPLACE INTO watchers (name, until) VALUES ('test', ?)")
    .bind(engine.clock.now() + seconds * 1000)
    .run();

const progress = { percent: 50, message: 'half', current: null, total: null };
const briefly = (messages: TaskUpdate[][]) => messages.map((events) => events.map(({ state }) => state));

describe('while a client watches, the engine publishes', () => {
  it('one message for each claim and each settling of 100 tasks, not one for each task', async () => {
    const { engine, messages } = await watchedEngine();
    await watchFor(engine, 90);
    const receipts = await enqueue(
      engine,
      Array.from({ length: 100 }, () => ({ definition: scripted, input: {} })),
    );
    await engine.idle();
    engine.batches.splice(0);

    await engine.deliver();

    expect(messages).toHaveLength(engine.batches.length);
    expect(messages.length).toBeLessThanOrEqual(6);
    const ended = messages.flat().filter(({ state }) => state === 'SUCCESS');
    expect(new Set(ended.map(({ taskId }) => taskId))).toEqual(new Set(receipts.map(({ taskId }) => taskId)));
    expect(messages.flat()).toHaveLength(200);
  });

  it('each state of a task, and when it was reached', async () => {
    const { engine, messages } = await watchedEngine();
    await watchFor(engine, 90);
    const taskId = await enqueueOne(engine, { do: ['throw', 'fail'] });
    const now = engine.clock.now();

    await engine.deliver();
    engine.advance(5);
    await engine.deliver();

    expect(briefly(messages)).toEqual([['STARTED'], ['RETRY'], ['STARTED'], ['FAILURE']]);
    const about = { taskId, name: 'test.scripted', queue: 'default', workflowId: undefined, progress: undefined };
    expect(messages[0]).toEqual([{ ...about, state: 'STARTED', at: now }]);
    expect(messages[3]).toEqual([{ ...about, state: 'FAILURE', at: now + 5000 }]);
  });

  it('progress with the heartbeat that writes it, and nothing with a heartbeat without', async () => {
    const { engine, messages } = await watchedEngine();
    const { leaseId, tasks } = await claimAndDie(engine, [await enqueueOne(engine)]);
    await watchFor(engine, 90);
    const [task] = tasks;

    await renewLease(engine, { leaseId, running: [{ ...task!, progress: undefined }] });
    await renewLease(engine, { leaseId, running: [{ ...task!, progress }] });
    await engine.idle();

    expect(messages).toEqual([[expect.objectContaining({ taskId: task!.id, state: 'STARTED', progress })]]);
  });

  it('each step that is recorded, in the batch that records it', async () => {
    const definition = stepped(async ({ step }) => {
      await step.do('one', () => 1);
      await step.waitForEvent('two', { type: 'test.watched' });
    });
    const messages: TaskUpdate[][] = [];
    const publish = async (events: readonly TaskUpdate[]) => void messages.push([...events]);
    const engine = await makeEngine([definition], { publish });
    await watchFor(engine, 90);
    const [receipt] = await enqueue(engine, [{ definition, input: null }]);
    const { taskId } = receipt!;
    const countBatches = () => engine.batches.splice(0).length;
    await engine.idle();
    countBatches();
    await engine.deliver();
    const watched = countBatches();

    const about = { taskId, name: 'test.stepped', queue: 'default', workflowId: undefined, progress: undefined };
    const at = engine.clock.now();
    expect(messages.flat().filter(({ step }) => step)).toEqual([
      { ...about, state: 'STARTED', step: { name: 'one', occurrence: 1, outcome: 'done' }, at },
      { ...about, state: 'STARTED', step: { name: 'two', occurrence: 1, outcome: 'open' }, at },
    ]);

    const unwatched = await makeEngine([definition]);
    await enqueue(unwatched, [{ definition, input: null }]);
    await unwatched.idle();
    unwatched.batches.splice(0);
    await unwatched.deliver();
    expect(unwatched.batches).toHaveLength(watched);
  });

  it('a wait as done if an earlier event ends it at once, and nothing for a step that was not recorded', async () => {
    const definition = stepped(({ step }) => step.waitForEvent('two', { type: 'test.earlier', since: 0 }));
    const messages: TaskUpdate[][] = [];
    const publish = async (events: readonly TaskUpdate[]) => void messages.push([...events]);
    const engine = await makeEngine([definition], { publish });
    await watchFor(engine, 90);
    await sendEvent(engine, { type: 'test.earlier', payload: 1 });
    await enqueue(engine, [{ definition, input: null }]);
    await engine.deliver();
    expect(messages.flat().flatMap(({ step }) => step ?? [])).toEqual([
      { name: 'two', occurrence: 1, outcome: 'done' },
    ]);
  });

  it('the end of a wait, by an event or a person', async () => {
    const definition = stepped(async ({ step }) => {
      await step.waitForEvent('paid', { type: 'test.paid' });
      const asked = await step.approval('ship', { title: 'Ship?' });
      await asked.decision();
    });
    const messages: TaskUpdate[][] = [];
    const publish = async (events: readonly TaskUpdate[]) => void messages.push([...events]);
    const engine = await makeEngine([definition], { publish });
    await watchFor(engine, 90);
    const [receipt] = await enqueue(engine, [{ definition, input: null }]);
    const { taskId } = receipt!;
    await engine.deliver();
    messages.splice(0);

    await sendEvent(engine, { type: 'test.paid', payload: 1 });
    const about = { taskId, name: 'test.stepped', queue: 'default', state: 'RETRY' };
    expect(messages.flat()).toMatchObject([{ ...about, step: { name: 'paid', occurrence: 1, outcome: 'done' } }]);

    await engine.idle();
    await engine.deliver();
    messages.splice(0);
    await decideApproval(engine, { taskId, name: 'ship', occurrence: 1 }, { approved: true, by: 'a test', note: '' });
    expect(messages.flat()).toMatchObject([{ ...about, step: { name: 'ship', occurrence: 1, outcome: 'done' } }]);
  });

  it('each try of an undo', async () => {
    const tried = new Set<string>();
    const definition = stepped(async ({ id, step }) => {
      const undo = () => {
        if (!tried.has(id)) throw new Error(`not yet, ${tried.add(id).size}`);
      };
      await step.do('charge', () => 1, { undo });
      throw new PermanentFailure('no');
    });
    const messages: TaskUpdate[][] = [];
    const publish = async (events: readonly TaskUpdate[]) => void messages.push([...events]);
    const engine = await makeEngine([definition], { publish });
    await watchFor(engine, 90 * 86_400);
    const [receipt] = await enqueue(engine, [{ definition, input: null }]);
    await engine.drain();
    const mine = messages.flat().filter(({ taskId }) => taskId === receipt!.taskId);
    const undos = mine.flatMap(({ step }) => (step?.undo ? [step] : []));
    expect(undos).toEqual([
      { name: 'charge', occurrence: 1, outcome: 'done', undo: 'offered' },
      { name: 'charge', occurrence: 1, outcome: 'done', undo: 'done' },
    ]);
  });

  it('nothing for an invocation that lost its task', async () => {
    const { engine, messages } = await watchedEngine();
    const zombie = await claimAndDie(engine, [await enqueueOne(engine)]);
    engine.advance(60);
    await sweep(engine);
    await watchFor(engine, 90);

    await renewLease(engine, { leaseId: zombie.leaseId, running: [{ ...zombie.tasks[0]!, progress }] });
    await settleTasks(engine, [aSettlement(zombie.tasks[0]!)]);
    await engine.idle();

    expect(messages).toEqual([]);
  });

  it('the settled tasks of a batch from which one task was lost', async () => {
    const { engine, messages } = await watchedEngine();
    const ids = [await enqueueOne(engine), await enqueueOne(engine)];
    const { tasks } = await claimAndDie(engine, ids);
    await revokeTasks(engine, [ids[0]!]);
    await watchFor(engine, 90);

    await settleTasks(engine, tasks.map(aSettlement));
    await engine.idle();

    expect(messages.map((events) => events.map(({ taskId }) => taskId))).toEqual([[ids[1]]]);
  });

  it('revoked tasks, and tasks of a workflow that may start because a parent ended', async () => {
    const { engine, messages } = await watchedEngine();
    useEngine(engine);
    await watchFor(engine, 90);
    const { workflowId, taskIds } = await chain(scripted.s({}), scripted.si({})).enqueue();
    const alone = await enqueueOne(engine);

    await revokeTasks(engine, [alone]);
    await engine.drain();

    expect(messages[0]).toEqual([expect.objectContaining({ taskId: alone, state: 'REVOKED' })]);
    const settled = messages.find((events) => events.some(({ state }) => state === 'PENDING'));
    expect(settled).toEqual([
      expect.objectContaining({ taskId: taskIds[0], state: 'SUCCESS', workflowId }),
      expect.objectContaining({ taskId: taskIds[1], state: 'PENDING', workflowId }),
    ]);
    expect(await statesOf(taskIds)).toEqual(['SUCCESS', 'SUCCESS']);
  });

  it('tasks that end with a failed or revoked parent, all the way down, and tasks that are not needed then', async () => {
    const { engine, messages } = await watchedEngine();
    useEngine(engine);
    await watchFor(engine, 90);
    const [failing, queued] = [
      await chain(scripted.s({ do: ['fail'] }), scripted.si({}), scripted.si({})).enqueue(),
      await chain(scripted.s({}), scripted.si({})).enqueue({ onError: scripted.si({}) }),
    ];
    await engine.idle();

    await revokeTasks(engine, [queued.taskIds[0]!]);
    await engine.deliver();

    const { workflowId } = failing;
    const about = { name: 'test.scripted', queue: 'default', workflowId };
    const fell = messages.findLast((events) => events.some((event) => event.workflowId === workflowId)) ?? [];
    expect(fell.filter((event) => event.workflowId === workflowId)).toEqual(
      failing.taskIds.map((taskId) => expect.objectContaining({ ...about, taskId, state: 'FAILURE' })),
    );
    for (const taskId of queued.taskIds) {
      const last = messages.flat().findLast((event) => event.taskId === taskId);
      expect([last?.state, last?.workflowId]).toEqual([(await statesOf([taskId]))[0], queued.workflowId]);
    }
  });

  it('a retry by hand', async () => {
    const { engine, messages } = await watchedEngine();
    const taskId = await enqueueOne(engine, { do: ['fail'] });
    await engine.deliver();
    await watchFor(engine, 90);

    await retryTask(engine, taskId);
    await engine.idle();

    expect(messages).toEqual([[expect.objectContaining({ taskId, state: 'PENDING', queue: 'default' })]]);
  });

  it('tasks that the sweep takes back from a dead invocation or ends, and tasks that end with these', async () => {
    const { engine, messages } = await watchedEngine();
    useEngine(engine);
    const taskId = await enqueueOne(engine);
    const { workflowId, taskIds } = await chain(scripted.s({}), scripted.si({})).enqueue();
    await claimAndDie(engine, [taskId, taskIds[0]!]);
    await env.DB.prepare('UPDATE tasks SET crashes = 2 WHERE id = ?').bind(taskIds[0]).run();
    engine.advance(120);
    await watchFor(engine, 90);

    await sweep(engine);
    await engine.idle();

    const [rescued] = messages;
    expect(rescued?.toSorted((a, b) => a.taskId.localeCompare(b.taskId))).toEqual([
      expect.objectContaining({ taskId, state: 'RETRY', workflowId: undefined, at: engine.clock.now() }),
      expect.objectContaining({ taskId: taskIds[0], state: 'FAILURE', workflowId }),
      expect.objectContaining({ taskId: taskIds[1], state: 'FAILURE', workflowId }),
    ]);
  });

  it('nothing for a task that goes on waiting, for a place that has just become free', async () => {
    const { engine, messages } = await watchedEngine({ registry: createRegistry([single]) });
    await watchFor(engine, 90);
    await enqueue(
      engine,
      [1, 2].map(() => ({ definition: single, input: {} })),
    );

    await engine.deliver();
    await engine.deliver();

    expect(briefly(messages)).toEqual([['STARTED'], ['SUCCESS'], ['STARTED'], ['SUCCESS']]);
  });
});

describe('while no client watches', () => {
  it('nothing is published, also where the row of a client is out of date', async () => {
    const { engine, messages } = await watchedEngine();
    await watchFor(engine, -1);
    const taskId = await enqueueOne(engine);

    await engine.deliver();

    expect(await statesOf([taskId])).toEqual(['SUCCESS']);
    expect(messages).toEqual([]);
  });

  it('updates cost one row read for each commit, no round trip and no row written', async () => {
    const costs = [];
    for (const engine of [await makeEngine([scripted]), (await watchedEngine()).engine]) {
      await env.DB.exec('DELETE FROM task_stats');
      await env.DB.exec('DELETE FROM leases');
      await env.DB.exec('DELETE FROM watchers');
      await env.DB.exec('DROP TRIGGER IF EXISTS legal_transitions');
      await enqueue(
        engine,
        Array.from({ length: 40 }, () => ({ definition: scripted, input: {} })),
      );
      await engine.deliver();
      const metas = engine.batches.flat().map(({ meta }) => meta);
      costs.push({
        read: metas.reduce((sum, meta) => sum + meta.rows_read, 0),
        written: metas.reduce((sum, meta) => sum + meta.rows_written, 0),
        trips: engine.batches.length,
      });
    }

    const [without, withFeed] = costs;
    const COMMITS_WATCHED = 2; // the claim and the settling
    expect(withFeed).toEqual({ ...without, read: without!.read + COMMITS_WATCHED });
  });
});

describe('a feed that fails', () => {
  it.each([
    ['by rejecting', () => Promise.reject(new Error('away'))],
    [
      'by throwing',
      () => {
        throw new Error('away');
      },
    ],
  ])('%s harms no task; it is logged', async (_, publish) => {
    const { engine } = await watchedEngine({ publish });
    await watchFor(engine, 90);
    const taskId = await enqueueOne(engine);

    await engine.deliver();

    expect(await statesOf([taskId])).toEqual(['SUCCESS']);
    expect(new Set(engine.complaints.map(({ message }) => message))).toEqual(new Set(['updates not published']));
  });
});
